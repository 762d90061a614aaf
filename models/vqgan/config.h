#pragma once

#include <cstdint>
#include <vector>

namespace latentreel::models {

class StateDict;

// The shape of a VQGAN as of taming-transformers and latent-diffusion. Every number follows from
// the tensors' shapes, save the number of normalisation groups, which safetensors metadata
// `num_groups` may give.
struct VqganConfig {
  int64_t in_channels = 3;
  int64_t out_channels = 3;
  int64_t channels = 128;                              // "ch", width at full resolution
  std::vector<int64_t> multipliers = {1, 1, 2, 2, 4};  // "ch_mult", one a level
  std::vector<bool> attention;   // whether a level's blocks are followed by attention
  bool middle_attention = true;  // between the two blocks of the lowest resolution
  int64_t residual_blocks = 2;   // a level of the encoder; the decoder has one more
  int64_t z_channels = 256;
  int64_t embed_dim = 256;
  int64_t codes = 1024;
  bool double_z = false;
  bool gumbel = false;  // GumbelQuantize in place of VectorQuantizer
  int64_t groups = 32;

  int64_t levels() const { return static_cast<int64_t>(multipliers.size()); }
  int64_t factor() const { return int64_t{1} << (levels() - 1); }  // pixels per latent cell, a side
  int64_t width(int64_t level) const { return channels * multipliers[level]; }
};

// Throws WeightsError naming the tensor that is missing or does not fit a VQGAN.
VqganConfig infer_vqgan_config(const StateDict& weights);

}  // namespace latentreel::models
