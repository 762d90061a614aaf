#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/optimize/model_pack.h"
#include "src/plan/render_job.h"
#include "src/run/limits.h"

namespace latentreel::render {

// Bytes that the networks take which are not loaded yet, in the first keyframe's precision.
double bytes_of_networks(const RenderJob& job, ModelPack& models);

// The most that a step of one of the scene's keyframes takes beside the networks, `cutouts` at a
// time at most: an estimate (step_memory.h).
double bytes_of_a_step(const RenderJob& job, ModelPack& models, int64_t cutouts);

// What a frame takes that a camera sees at the size of the film's output, beside decoding its
// picture; 0 where none does: an estimate.
double bytes_of_an_output(const scenes::Scene& scene);

// Throws RenderError (device) where even a step of single cutouts is certain not to fit into the
// memory that is `available`. Returns a sentence where it may just fit, else nothing. Nothing is
// checked on devices other than the CPU, which tell in time themselves, and where the memory is not
// known.
std::string check_memory(const RenderJob& job, ModelPack& models,
                         std::optional<std::uint64_t> available = available_memory());

}  // namespace latentreel::render
