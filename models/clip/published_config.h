#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/clip/names.h"
#include "models/files/state_dict.h"

namespace latentreel::models {

// What the files that a CLIP's makers put beside it say, and its tensors do not: the activation,
// the normalisation of pictures, heads that are not 64 wide (models.md section 1.10).
struct PublishedClipConfig {
  StateDict::Metadata metadata;    // under the keys listed at ModelFile::weights
  std::vector<std::string> notes;  // which file said it
  bool is_open_clip = false;       // an open_clip_config.json lies beside it
};

// Reads `config.json` and `preprocessor_config.json` (Hugging Face) or `open_clip_config.json` in
// `folder`, where they exist. An activation that `weights` have in their metadata already is not
// looked for, and decides. Throws WeightsError (invalid) where one is damaged, describes a kind
// of model that is not supported here, or does not belong to `weights` (under OpenAI's names) by
// its sizes.
PublishedClipConfig read_published_clip_config(const std::filesystem::path& folder,
                                               ClipNaming naming, const StateDict& weights);

}  // namespace latentreel::models
