#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/clip/names.h"
#include "models/files/state_dict.h"

namespace latentreel::models {

// What a CLIP's makers say of it in files beside it, and its tensors do not: the activation, the
// normalisation of pictures, heads that are not 64 wide (models.md section 1.10).
struct PublishedClipConfig {
  StateDict::Metadata metadata;    // by the keys of ModelFile::weights
  std::vector<std::string> notes;  // which file said it, or what was assumed
  bool is_open_clip = false;       // an open_clip_config.json lies beside it
};

// Reads `config.json` and `preprocessor_config.json` (Hugging Face) or `open_clip_config.json` in
// `folder`, where they are there. Throws WeightsError (invalid) where one is damaged, describes
// what is not computed here, or does not belong to `weights` (under OpenAI's names) by its sizes.
PublishedClipConfig read_published_clip_config(const std::filesystem::path& folder,
                                               ClipNaming naming, const StateDict& weights);

}  // namespace latentreel::models
