#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/option_row.h"
#include "scenes/scene.h"

// The options of [optimize], which every keyframe may write too. A table is read once, so that each
// mistake is reported once, and gives changes that can be applied to the options of any keyframe.
// Internal to the room.

namespace latentreel::scenes {

// All options but `recipe`, in the order in which people read about them.
std::span<const Row<OptimizeOptions>> optimize_rows();
// The row of `recipe`, which chooses the values of all others.
const Row<OptimizeOptions>& recipe_row();

struct CurveContext;

// What one table says about optimizing.
struct OptimizeChanges {
  std::optional<std::string> recipe;
  std::vector<Change<OptimizeOptions>> changes;

  void apply(OptimizeOptions& options) const {
    for (const auto& change : changes) change(options);
  }
};

// Reads the optimize keys of `table` and ignores all others (see check_keys).
OptimizeChanges read_optimize(const Value& table, const CurveContext& curves, NamedFiles& files,
                              Mistakes& mistakes);

}  // namespace latentreel::scenes
