#pragma once

#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/overrides.h"
#include "scenes/scene.h"
#include "scenes/section_reading.h"

// Reads [optimize] and the keyframes, and merges what each of them says with recipe and overrides.
// Internal to the room.

namespace latentreel::scenes {

// What the tables of a scene say about its keyframes; all but `keyframes` may be null.
struct KeyframeTables {
  const Value* keyframes = nullptr;  // the list [[keyframe]]
  const Value* optimize = nullptr;   // [optimize]
  const Overrides* overrides = nullptr;
};

struct CurveContext;

// The keyframes in order of time, checked against each other. Those with mistakes are left out.
std::vector<Keyframe> read_keyframes(const KeyframeTables& tables, const CurveContext& curves,
                                     NamedFiles& files, Mistakes& mistakes);

}  // namespace latentreel::scenes
