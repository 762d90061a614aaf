#pragma once

#include <cstdint>
#include <vector>

namespace latentreel::models {

class StateDict;

// exact_gelu is the erf form that some open_clip models were trained with.
enum class Activation { quick_gelu, exact_gelu };

// The shape of one of CLIP's two transformers.
struct TransformerConfig {
  int64_t width = 512;
  int64_t layers = 12;
  int64_t heads = 8;
  int64_t hidden = 0;  // width between the two layers of a block's MLP; 0: four times `width`
  Activation activation = Activation::quick_gelu;
};

// The shape of a CLIP model (Radford et al.: "Learning Transferable Visual Models From Natural
// Language Supervision", 2021), inferred from its tensors.
struct ClipConfig {
  enum class Tower { vit, resnet };
  Tower tower = Tower::vit;
  int64_t resolution = 224;  // side of a picture, pixels
  int64_t embed_dim = 512;
  // ViT
  int64_t patch = 32;
  TransformerConfig vision;
  // ModifiedResNet
  std::vector<int64_t> stages;  // bottlenecks per stage, four numbers
  int64_t width = 64;
  int64_t pool_heads = 32;
  // Text
  int64_t context = 77;  // tokens, start and end included
  int64_t vocabulary = 49408;
  TransformerConfig text;
  // Normalisation of pictures in [0, 1]
  std::vector<double> mean = {0.48145466, 0.4578275, 0.40821073};
  std::vector<double> std = {0.26862954, 0.26130258, 0.27577711};
};

// Reads sizes from shapes, and what shapes cannot say from the metadata listed at ModelFile. Throws
// WeightsError naming the tensor that is missing or does not fit a CLIP.
ClipConfig infer_clip_config(const StateDict& weights);

}  // namespace latentreel::models
