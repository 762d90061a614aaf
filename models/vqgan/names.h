#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "models/files/state_dict.h"

namespace latentreel::models {

class WeightsFile;

// The prefix of all names of a VQGAN's tensors in a file: "" (a VQModel) or "first_stage_model." (a
// transformer's file, which may hold a second one for segmentation maps: models.md section 3.6).
// Nothing where there is none.
std::optional<std::string> vqgan_prefix(const WeightsFile& file);

struct TakenVqgan {
  StateDict weights;  // without the prefix
  std::size_t left_out = 0;
};

// Encoder, decoder and quantizer; without the loss's networks and whatever else training needed.
TakenVqgan take_vqgan(const WeightsFile& file, const std::string& prefix);

}  // namespace latentreel::models
