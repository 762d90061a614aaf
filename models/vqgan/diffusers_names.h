#pragma once

#include "models/files/state_dict.h"

namespace latentreel::models {

// Hugging Face's diffusers names the blocks of the same network in another way (its VQModel),
// counts the decoder's levels from the lowest resolution up, and keeps the 1x1 convolutions of
// attention as matrices.

// The tensors of a VQModel under taming-transformers' names and in their shapes. Names that belong
// to none stay as they are. Throws WeightsError (invalid) where two stand for the same tensor.
StateDict with_taming_names(const StateDict& given);

}  // namespace latentreel::models
