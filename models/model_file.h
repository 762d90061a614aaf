#pragma once

#include <filesystem>
#include <optional>
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
  // Every file that the weights are from: one, or an index and after it its shards.
  std::vector<std::filesystem::path> files;
  std::string container;  // "safetensors", "TorchScript archive", … (WeightsFile::container)
  std::string naming;  // "OpenAI", "open_clip", "Hugging Face", "taming-transformers", "diffusers"
  std::vector<std::string> notes;  // sentences: what was left out, what was taken from which file
  // Sentences on what nothing says and the pictures depend on: what is assumed, and how to say it.
  // To be shown wherever the model is used.
  std::vector<std::string> warnings;
  // The metadata that came from other files beside the model, as one line "KEY=VALUE KEY=VALUE" in
  // a fixed order: what a model computes depends on it as much as on its weights. Empty where there
  // was none.
  std::string sidecar_metadata;
};

// How a model is opened.
struct OpenOptions {
  StateDict::Finite finite = StateDict::Finite::later;
  // What a person says of it, under the keys listed at ModelFile::weights. It decides over what the
  // file and those beside it say.
  StateDict::Metadata metadata = {};
  // What stands before the names of the network's tensors: "model" or "model." for
  // "model.visual.proj"; empty: nothing does. None: as found in the file, where of several networks
  // only one fits wholly, or one of those that fit has its tensors' plain names.
  std::optional<std::string> prefix = {};
};

// Which of the two a file holds. `file` is whatever WeightsFile::open takes. Throws WeightsError
// (invalid) where it is neither, or both.
Network network_of(const std::filesystem::path& file,
                   const std::optional<std::string>& prefix = std::nullopt);

// Opens a model. Other files beside it are read as well: for a CLIP `config.json` and
// `preprocessor_config.json` (Hugging Face) or `open_clip_config.json`; a VQGAN is checked against
// `STEM.yaml` or `model.yaml`, one of diffusers read with its `config.json`. Throws WeightsError:
// missing, or invalid where the file is damaged, is another network, holds several that fit, or
// disagrees with those beside it.
ModelFile open_model(const std::filesystem::path& file, Network network,
                     const OpenOptions& options = {});

}  // namespace latentreel::models
