#pragma once

#include <filesystem>
#include <optional>

#include "src/store/store.h"

namespace latentreel::render {

// Whether finished work has to be kept.
enum class Keep { if_possible, must };

// The store a run works with: the one that was asked for, or, where that one cannot be written
// (which gives a warning) or none was asked for, a folder for this run alone, removed with this
// object. Such a folder is locked while its run lives; those that killed runs left are removed
// before another is made.
class UsableStore {
 public:
  // With Keep::must a folder that cannot be written is an error (RenderError, cannot_create): work
  // that others wait for is of no use in a folder for this run. `below`: as Store's.
  UsableStore(const std::filesystem::path& folder, Reuse reuse, Progress& progress,
              Keep keep = Keep::if_possible, const std::filesystem::path& below = {});
  ~UsableStore();
  UsableStore(const UsableStore&) = delete;
  UsableStore& operator=(const UsableStore&) = delete;

  Store& store() { return *store_; }

 private:
  void open_temporary(Progress& progress, const std::filesystem::path& below);

  std::filesystem::path temporary_;  // empty: none
  int lock_ = -1;                    // on it
  std::optional<Store> store_;
};

}  // namespace latentreel::render
