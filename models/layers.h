#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "models/placement.h"

// Layers that hold only their parameters, registered under the names checkpoints use. They are
// created without values: a checkpoint or a trainer fills them.

namespace latentreel::models {

struct Conv2dOptions {
  int64_t stride = 1;
  int64_t padding = 0;
  bool bias = true;
};

struct Conv2dImpl : torch::nn::Module {
  Conv2dImpl(int64_t in, int64_t out, int64_t kernel, Conv2dOptions options = {});
  at::Tensor forward(const at::Tensor& x);  // [N, in, H, W] -> [N, out, H', W']

  at::Tensor weight, bias;

 private:
  Conv2dOptions options_;
};
TORCH_MODULE(Conv2d);

struct LinearImpl : torch::nn::Module {
  LinearImpl(int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x);  // [..., in] -> [..., out]

  at::Tensor weight, bias;
};
TORCH_MODULE(Linear);

struct LayerNormImpl : torch::nn::Module {
  explicit LayerNormImpl(int64_t width);
  at::Tensor forward(const at::Tensor& x);  // over the last axis, eps 1e-5

  at::Tensor weight, bias;
};
TORCH_MODULE(LayerNorm);

struct GroupNormImpl : torch::nn::Module {
  GroupNormImpl(int64_t groups, int64_t channels);
  at::Tensor forward(const at::Tensor& x);       // eps 1e-6
  at::Tensor forward_silu(const at::Tensor& x);  // silu of it, in one operator

  at::Tensor weight, bias;

 private:
  int64_t groups_;
};
TORCH_MODULE(GroupNorm);

// Turns off the gradients of the parameters of `module`, sets it to evaluation mode and places it.
void freeze(torch::nn::Module& module, const Placement& placement);

}  // namespace latentreel::models
