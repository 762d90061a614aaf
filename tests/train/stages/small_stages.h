#pragma once

#include <ATen/core/Tensor.h>

#include "src/train/stages/clip_stage.h"
#include "src/train/stages/vqgan_stage.h"

// Stages of training on pictures of one flat colour: small enough to see in seconds that they
// learn.

namespace latentreel::training::testing {

inline constexpr int64_t kColours = 4;

// Sources of the stages: every picture is in one of the colours, with a little noise.
at::Tensor flat_pictures(uint64_t first, int64_t count, int64_t side);
Pairs flat_pairs(uint64_t first, int64_t count, int64_t side);
// Captions of colours by their numbers, framed.
at::Tensor tokens_of(const std::vector<int64_t>& colours);

models::VqganConfig small_vqgan();
VqganStage::Settings vqgan_settings();

// Plain pairs to two fifths, then the attack, and the loop where there is one.
ClipStage::Settings clip_settings();
LoopNegatives::Settings loop_settings();

}  // namespace latentreel::training::testing
