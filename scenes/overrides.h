#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "scenes/document.h"
#include "scenes/mistakes.h"
#include "scenes/scene_reader.h"

// Sorts `--set KEY=VALUE` overrides by the part of the scene that they belong to. Internal to the
// room.

namespace latentreel::scenes {

// An override of one keyframe, before it is known which one has that number.
struct KeyframeOverride {
  std::size_t keyframe = 0;  // in order of time, from 0
  std::string key;
  Value value;
};

// Overrides that win over what the keyframes say.
struct Overrides {
  Value optimize;  // a table: `optimize.KEY`
  std::vector<KeyframeOverride> keyframes;
};

// Puts overrides of the title and of tables that are there once, but [optimize], in their place in
// the scene and returns the others.
Overrides apply_overrides(std::span<const Override> overrides, Value& scene, Mistakes& mistakes);

// Sets `key` of a table to an override's value.
void set_key(Value& table, const std::string& key, const Value& value);

}  // namespace latentreel::scenes
