#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "models/files/state_dict.h"

namespace latentreel::models {

class WeightsFile;

// Whose names a VQGAN's tensors have: those of taming-transformers, which latent-diffusion shares,
// or those of Hugging Face's diffusers (VQModel).
enum class VqganNaming { taming, diffusers };

std::string words(VqganNaming naming);  // "taming-transformers", "diffusers"

// Where in a file a VQGAN is: its names and what stands before all of them. A transformer's file
// holds one under "first_stage_model." and may hold a second one, for segmentation maps, elsewhere
// (models.md section 3.6).
struct VqganPlace {
  VqganNaming naming = VqganNaming::taming;
  std::string prefix;  // with its dot, or empty
};

// All of a file, those with the shortest prefixes first.
std::vector<VqganPlace> find_vqgans(const WeightsFile& file);

// What a file holds that is near a VQGAN and none: "it is an autoencoder without a codebook …".
// Nothing where there is no such thing.
std::optional<std::string> near_vqgan(const WeightsFile& file);

struct TakenVqgan {
  StateDict weights;  // under taming-transformers' names
  std::size_t left_out = 0;
};

// Encoder, decoder and quantizer; without the loss's networks and whatever else training needed.
// Throws WeightsError (invalid) where two tensors stand for the same one.
TakenVqgan take_vqgan(const WeightsFile& file, const VqganPlace& place);

}  // namespace latentreel::models
