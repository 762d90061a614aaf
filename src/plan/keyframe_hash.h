#pragma once

#include <optional>
#include <string>

#include "scenes/scene.h"
#include "src/optimize/model_pack.h"
#include "src/optimize/starts.h"
#include "src/run/machine.h"

namespace latentreel::render {

// Raised by hand whenever the same inputs give other bits than before.
inline constexpr int kNumericsVersion = 4;
// Raised by hand whenever the same clip is read or moves otherwise.
inline constexpr int kClipVersion = 1;

// SHA-256 over everything that affects a keyframe's latent: resolved options, token ids, digests of
// its pictures, grid, digests of models and merges, the machine, for start = "previous" the hash of
// the keyframe before, and for a picture as start what is `shown` of the grid's (none: all of it).
// Not its time, index, fps, title or paths.
std::string keyframe_hash(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid,
                          const Machine& machine, int64_t chunk, const std::string& previous_hash,
                          const std::optional<PictureSize>& shown = std::nullopt);

}  // namespace latentreel::render
