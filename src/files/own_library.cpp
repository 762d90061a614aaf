#include "src/files/own_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>

namespace latentreel::files {
namespace {

// AddressSanitizer refuses it; what such a program finds by these libraries is wrong.
#ifdef __SANITIZE_ADDRESS__
constexpr int kOwnNamesFirst = 0;
#else
constexpr int kOwnNamesFirst = RTLD_DEEPBIND;
#endif

// Empty where it is in neither place.
std::filesystem::path place_of(const char* name, const std::filesystem::path& built_in) {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const auto& folder : std::array{program.parent_path(), built_in}) {
    if (std::filesystem::exists(folder / name, ignored)) return folder / name;
  }
  return {};
}

}  // namespace

OwnLibrary::OwnLibrary(const char* name, const std::filesystem::path& built_in,
                       const char* package) {
  const auto file = place_of(name, built_in);
  if (file.empty()) {
    trouble_ = fmt::format("{} lies neither beside the program nor in {}. Build the program again.",
                           name, built_in.string());
    return;
  }
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | kOwnNamesFirst);
  const char* const said = library_ == nullptr ? dlerror() : "it lacks what it is loaded for";
  trouble_ = fmt::format(
      "{} could not be loaded ({}). If it says that a library is missing, install the package {}; "
      "else build the program again.",
      file.string(), said, package);
}

void* OwnLibrary::find(const char* symbol) const {
  return library_ == nullptr ? nullptr : dlsym(library_, symbol);
}

}  // namespace latentreel::files
