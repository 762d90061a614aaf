#include "src/music/beat_tracker.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "src/music/error.h"

namespace latentreel::music {
namespace {

constexpr const char* kLibrary = "liblatentreel_beats.so";

// AddressSanitizer refuses it; the beats that such a program finds are wrong.
#ifdef __SANITIZE_ADDRESS__
constexpr int kOwnNames = 0;
#else
constexpr int kOwnNames = RTLD_DEEPBIND;
#endif

// It lies beside the program, or where it was built.
std::filesystem::path beats_library() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const auto& folder :
       std::array{program.parent_path(), std::filesystem::path(LATENTREEL_BEATS_FOLDER)}) {
    if (std::filesystem::exists(folder / kLibrary, ignored)) return folder / kLibrary;
  }
  throw MusicError(fmt::format(
      "looking for beats: {} lies neither beside the program nor in {}. Build the program again.",
      kLibrary, LATENTREEL_BEATS_FOLDER));
}

}  // namespace

std::unique_ptr<BeatTracker> make_beat_tracker() {
  const auto file = beats_library();
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | kOwnNames);
  void* const found = library == nullptr ? nullptr : dlsym(library, "latentreel_new_beat_tracker");
  if (found == nullptr) {
    throw MusicError(
        fmt::format("looking for beats: {} could not be loaded ({}). If it says that libqm-dsp is "
                    "missing, install the package libqm-dsp0; else build the program again.",
                    file.string(), dlerror()));
  }
  const auto make = reinterpret_cast<decltype(&latentreel_new_beat_tracker)>(found);
  return std::unique_ptr<BeatTracker>(make());
}

}  // namespace latentreel::music
