#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/scene.h"

// The keys of [optimize], which every keyframe may write too. A table is read once, its mistakes
// told once, and becomes changes to options that can be made to any keyframe's. Internal to the
// room.

namespace latentreel::scenes {

// What one table says about optimizing.
struct OptimizeChanges {
  std::optional<std::string> recipe;
  std::vector<std::function<void(OptimizeOptions&)>> changes;

  void apply(OptimizeOptions& options) const {
    for (const auto& change : changes) change(options);
  }
};

// Reads the optimize keys of `table` and passes over all others (see check_keys).
OptimizeChanges read_optimize(const Value& table, NamedFiles& files, Mistakes& mistakes);

// A prompt: a text, or a table of text or image, weight and stop.
std::optional<Prompt> read_prompt(const Value& value, std::string_view key, NamedFiles& files,
                                  Mistakes& mistakes);
// A list of prompts.
std::vector<Prompt> read_prompts(const Value& value, std::string_view key, NamedFiles& files,
                                 Mistakes& mistakes);

}  // namespace latentreel::scenes
