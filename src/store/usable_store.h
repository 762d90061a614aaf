#pragma once

#include <filesystem>
#include <optional>

#include "src/store/store.h"

namespace latentreel::render {

// The store a run works with: the one that was asked for, or, where that one cannot be written
// (which gives a warning) or none was asked for, a folder for this run alone, removed with this
// object. Such a folder is locked while its run lives; those that killed runs left are removed
// before another is made.
class UsableStore {
 public:
  UsableStore(const std::filesystem::path& folder, Reuse reuse, Progress& progress);
  ~UsableStore();
  UsableStore(const UsableStore&) = delete;
  UsableStore& operator=(const UsableStore&) = delete;

  Store& store() { return *store_; }

 private:
  void open_temporary(Progress& progress);

  std::filesystem::path temporary_;  // empty: none
  int lock_ = -1;                    // on it
  std::optional<Store> store_;
};

}  // namespace latentreel::render
