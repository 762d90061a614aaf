#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>

#include "src/optimize/keyframe_record.h"
#include "src/store/store.h"

namespace latentreel::render {

// Keyframes in a store: finished ones, and the state of an optimization that is under way, from
// which it continues to the same bits.
class KeyframeStore {
 public:
  struct Unfinished {
    std::map<std::string, at::Tensor> state;  // of the pass under way and its optimizer
    std::map<int, at::Tensor> snapshots;      // as in the record that it will become
    double seconds = 0;                       // of work so far
  };

  // Both must outlive this. `progress` gets a warning for each entry that cannot be read.
  KeyframeStore(Store& store, Progress& progress) : store_(store), progress_(progress) {}

  bool has(const std::string& hash) const;
  std::optional<KeyframeRecord> find(const std::string& hash);
  // Removes the unfinished state, too.
  void remove(const std::string& hash) noexcept;
  // Also removes the unfinished state. Throws RenderError (write_failed).
  void keep(const std::string& hash, const KeyframeRecord& record);

  std::optional<Unfinished> find_unfinished(const std::string& hash);
  // Throws RenderError (write_failed); the state kept before is then still there.
  void keep_unfinished(const std::string& hash, const Unfinished& unfinished);

 private:
  Store& store_;
  Progress& progress_;
};

}  // namespace latentreel::render
