#include "tests/cli/small_film.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace latentreel::cli::testing {

namespace fs = std::filesystem;

const char* const SmallFilm::kOlder = "an older film";
const char* const SmallFilm::kScene = R"(
title = "Small"
[video]
size = "32x32"
fps = 4
[optimize]
iterations = 3
cutouts = 2
cutter = "crops"
augment = []
start = "random"
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
[[keyframe]]
at = 3
prompt = "a yellow star on a blue background"
)";

const char* const SmallFilm::kChained = R"(
title = "Chained"
[video]
size = "32x32"
fps = 2
duration = "5s"
[optimize]
iterations = 3
cutouts = 2
cutter = "crops"
augment = []
start = "random"
[motion]
zoom = 1.2
[feedback]
iterations = 2
learning = "carried"
[[keyframe]]
prompt = "a red heart on a white background"
[[keyframe]]
at = 3
cut = true
prompt = "a yellow star on a blue background"
)";

SmallFilm::SmallFilm(const Folder& folder, const std::string& name, const std::string& scene)
    : scene_(folder.write(name + ".toml", scene)), work_(folder / name) {
  restart();
}

std::vector<std::string> SmallFilm::call(const std::vector<std::string>& more) const {
  std::vector<std::string> all = {"render",          scene_.string(),  "-o",        file().string(),
                                  "--store",         store().string(), "--threads", "1",
                                  "--no-embed-scene"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<std::string> SmallFilm::names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(work_)) {
    if (entry.path() != store()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void SmallFilm::restart() const {
  fs::remove_all(work_);
  fs::create_directories(work_);
  std::ofstream(file(), std::ios::binary) << kOlder;
}

Undisturbed undisturbed(const std::string& scene) {
  const Folder folder;
  const SmallFilm film(folder, "undisturbed", scene);
  const auto before = std::chrono::steady_clock::now();
  const auto result = run(film.call(), folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  const auto after = std::chrono::steady_clock::now();
  return {.film = film.bytes(), .seconds = std::chrono::duration<double>(after - before).count()};
}

const Undisturbed& undisturbed() {
  static const Undisturbed made = undisturbed(SmallFilm::kScene);
  return made;
}

}  // namespace latentreel::cli::testing
