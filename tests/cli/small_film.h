#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/run.h"

namespace latentreel::cli::testing {

// A film that takes about a second: two keyframes, an interval, two segments. Everything that a
// call writes is below one folder of its own, the film and its store.
class SmallFilm {
 public:
  // `scene`: text in place of the standard scene's.
  explicit SmallFilm(const Folder& folder, const std::string& name = "work",
                     const std::string& scene = kScene);

  std::vector<std::string> call(const std::vector<std::string>& more = {}) const;
  const std::filesystem::path& work() const { return work_; }
  std::filesystem::path file() const { return work_ / "film.mp4"; }
  std::filesystem::path store() const { return work_ / "store"; }
  std::string bytes() const { return read_file(file()); }
  // Names beside the film, the store's apart.
  std::vector<std::string> names() const;
  void restart() const;  // nothing there but an older film

  static const char* const kScene;
  static const char* const kChained;  // frames that grow out of one another
  static const char* const kOlder;    // what the older film holds

 private:
  std::filesystem::path scene_, work_;
};

// What an undisturbed call makes of a scene, and how long it took.
struct Undisturbed {
  std::string film;
  double seconds = 0;
};
// Of the standard scene; made once in a process.
const Undisturbed& undisturbed();
Undisturbed undisturbed(const std::string& scene);

}  // namespace latentreel::cli::testing
