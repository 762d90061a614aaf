#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/files/state_dict.h"

namespace latentreel::models {

// What the config.json beside a VQModel of diffusers says and its tensors do not.
struct DiffusersConfig {
  StateDict::Metadata metadata;    // "num_groups", as at ModelFile::weights
  std::vector<std::string> notes;  // where it is from, or what is assumed
};

// Reads `config.json` in `folder`, where it exists. Throws WeightsError (invalid) where it is
// damaged, describes another kind of network, or does not belong to `weights` (under
// taming-transformers' names) by its sizes.
DiffusersConfig read_diffusers_config(const std::filesystem::path& folder,
                                      const StateDict& weights);

}  // namespace latentreel::models
