#include "src/train/stages/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/optim/adamw.h>

#include <limits>

namespace latentreel::training {
namespace {

// One matrix and one bias.
struct Small : torch::nn::Module {
  Small() {
    weight = register_parameter("weight", at::arange(6, at::kFloat).view({2, 3}) / 3);
    bias = register_parameter("bias", at::tensor({0.5f, -0.25f}));
  }
  at::Tensor loss(const at::Tensor& x) { return (at::linear(x, weight, bias) - 1).square().sum(); }
  at::Tensor weight, bias;
};

at::Tensor input(int64_t i) {
  return at::sin(at::arange(12, at::kFloat) + static_cast<double>(i)).view({4, 3});
}

TEST(Optimizer, StepsAsTheStockOneDoes) {
  Small ours, theirs;
  Optimizer optimizer(ours, {.beta1 = 0.9, .beta2 = 0.98, .longest_gradient = 1e9});
  torch::optim::AdamW stock(theirs.parameters(),
                            torch::optim::AdamWOptions(0.01).betas({0.9, 0.98}).weight_decay(0));
  for (int64_t i = 0; i < 20; ++i) {
    ours.loss(input(i)).backward();
    optimizer.step(0.01);
    stock.zero_grad();
    theirs.loss(input(i)).backward();
    stock.step();
  }
  EXPECT_TRUE(at::allclose(ours.weight, theirs.weight, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(ours.bias, theirs.bias, 1e-5, 1e-6));
}

TEST(Optimizer, DecaysMatricesAlone) {
  Small network;
  Optimizer optimizer(network, {.weight_decay = 0.5});
  const auto weight = network.weight.detach().clone();
  const auto bias = network.bias.detach().clone();
  (network.weight.sum() * 0 + network.bias.sum() * 0).backward();
  optimizer.step(0.1);
  EXPECT_TRUE(at::allclose(network.weight, weight * 0.95));
  EXPECT_TRUE(at::allclose(network.bias, bias));
}

// Statistics of today's kernels do not fit kernels that are an average of a thousand steps'.
TEST(Optimizer, AveragesBuffersAsItDoesParameters) {
  Small network;
  auto mean = network.register_buffer("running_mean", at::zeros({2}));
  Optimizer optimizer(network, {.average = 0.999});
  for (int i = 0; i < 50; ++i) {
    mean.fill_(static_cast<double>(i));
    network.loss(input(i)).backward();
    optimizer.step(0.01);
  }
  EXPECT_EQ(optimizer.current().at("running_mean")[0].item<float>(), 49);
  const auto averaged = optimizer.averaged().at("running_mean")[0].item<float>();
  EXPECT_GT(averaged, 10);
  EXPECT_LT(averaged, 48);

  models::StateDict::Tensors saved;
  optimizer.save("", saved);
  Small other;
  other.register_buffer("running_mean", at::zeros({2}));
  Optimizer restored(other, {});
  restored.restore("", models::StateDict(std::move(saved)));
  EXPECT_EQ(restored.averaged().at("running_mean")[0].item<float>(), averaged);
}

TEST(Optimizer, CutsLongGradientsAndSkipsThoseThatAreNoNumbers) {
  Small network;
  Optimizer optimizer(network, {.longest_gradient = 1});
  (network.loss(input(0)) * 1000).backward();
  EXPECT_GT(optimizer.step(0.001), 1000);
  const auto before = network.weight.detach().clone();
  (network.loss(input(0)) * std::numeric_limits<float>::quiet_NaN()).backward();
  optimizer.step(0.001);
  EXPECT_TRUE(at::equal(network.weight, before));
  EXPECT_FALSE(network.weight.grad().defined());
}

TEST(Optimizer, GoesOnToTheSameBitsFromWhatItSaved) {
  Small whole, first, second;
  Optimizer once(whole, {}), begun(first, {}), resumed(second, {});
  const auto train = [](Small& network, Optimizer& optimizer, int64_t from, int64_t to) {
    for (auto i = from; i < to; ++i) {
      network.loss(input(i)).backward();
      optimizer.step(0.01);
    }
  };
  train(whole, once, 0, 10);
  train(first, begun, 0, 4);
  models::StateDict::Tensors state;
  begun.save("x.", state);
  resumed.restore("x.", models::StateDict(state));
  train(second, resumed, 4, 10);
  EXPECT_TRUE(at::equal(second.weight, whole.weight));
  EXPECT_TRUE(at::equal(resumed.averaged().at("weight"), once.averaged().at("weight")));
}

}  // namespace
}  // namespace latentreel::training
