#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/files/state_dict.h"

namespace latentreel::models {

enum class Network { clip, vqgan };

// A model from a file, whatever container it came in and whatever names its makers gave its
// tensors.
struct ModelFile {
  // Under the names that the networks use, and only what rendering needs. The metadata says what
  // shapes cannot, where it is known: "activation" ("quick_gelu" or "gelu"), "image_mean" and
  // "image_std" (three numbers, with blanks between), "vision_heads", "text_heads", "num_groups".
  StateDict weights;
  std::string container;  // "safetensors", "TorchScript archive", … (WeightsFile::container)
  std::string naming;     // "OpenAI", "open_clip", "Hugging Face", "taming-transformers"
  std::vector<std::string> notes;  // sentences: what was left out, what was taken from which file
  // The metadata that came from other files beside the model, as one line "KEY=VALUE KEY=VALUE" in
  // a fixed order: what a model computes depends on it as much as on its weights. Empty where there
  // was none.
  std::string sidecar_metadata;
};

// Which of the two a file holds. Throws WeightsError (invalid) where it is neither.
Network network_of(const std::filesystem::path& file);

// Opens a model. Other files beside it are read as well: for a CLIP `config.json` and
// `preprocessor_config.json` (Hugging Face) or `open_clip_config.json`; a VQGAN is checked against
// `STEM.yaml` or `model.yaml`. Throws WeightsError: missing, or invalid where the file is damaged,
// is another network, or disagrees with those beside it.
ModelFile open_model(const std::filesystem::path& file, Network network,
                     StateDict::Finite finite = StateDict::Finite::later);

}  // namespace latentreel::models
