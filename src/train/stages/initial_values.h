#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace torch::nn {
class Module;
}

namespace latentreel::training {

// Fills a fresh network: kernels and matrices with normal numbers of deviation sqrt(2/inputs) (He
// et al., 2015; in a transformer 1/sqrt(inputs), and less for what is added to its residual
// stream), scales with one, biases with zero, embeddings with small numbers. Depends on the seed
// and each parameter's name alone, so that another network's layers do not change this one's.
void fill(torch::nn::Module& network, uint64_t seed);

// Moves a network to a device, with its kernels in the layout that is fastest there (Placement).
void place(torch::nn::Module& network, at::Device device);

}  // namespace latentreel::training
