#pragma once

#include <filesystem>
#include <string>

namespace latentreel::files {

// A library of the program's own that is loaded where it is needed, since Debian's library that it
// is linked to would clash with LibTorch. Nobody else sees its names, and it sees its own first.
class OwnLibrary {
 public:
  // Loads `name`, which lies beside the program or in `built_in`, where it was built. `package`: of
  // Debian's library, which may be missing: "libqm-dsp0".
  OwnLibrary(const char* name, const std::filesystem::path& built_in, const char* package);

  // What it has by this name, for as long as the program lives; null where it was not loaded, or
  // has no such thing.
  void* find(const char* symbol) const;

  // What went wrong, and what to do about it, for people; meant for after find() gave null.
  const std::string& trouble() const { return trouble_; }

 private:
  void* library_ = nullptr;
  std::string trouble_;
};

}  // namespace latentreel::files
