#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "models/ops/convolution.h"
#include "models/ops/gradients.h"
#include "models/ops/norm.h"
#include "tests/models/synthetic.h"

// Values of models.md section 7.6.

namespace latentreel::models {
namespace {

using testing::expect_begins;
using testing::test_image;

TEST(QuickGelu, HasThePublishedValues) {
  const auto x = at::tensor({-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0}, at::kFloat);
  expect_begins(quick_gelu(x),
                {-0.0180713, -0.1542042, -0.1496116, 0, 0.3503884, 0.8457958, 2.9819287}, 1e-6);
}

TEST(QuickGelu, GradientIsTheDerivative) {
  auto x = at::linspace(-4, 4, 33, at::kDouble).requires_grad_();
  quick_gelu(x).sum().backward();
  auto y = x.detach().clone().requires_grad_();
  (y * at::sigmoid(1.702 * y)).sum().backward();
  EXPECT_TRUE(at::allclose(x.grad(), y.grad(), 1e-12, 1e-12));
}

TEST(ClampWithGrad, PassesWhatLeadsBack) {
  auto x = at::tensor({-0.5, -0.5, 0.5, 0.5, 1.5, 1.5}, at::kFloat).requires_grad_();
  const auto y = clamp_with_grad(x, 0, 1);
  expect_begins(y, {0, 0, 0.5, 0.5, 1, 1}, 0);
  y.backward(at::tensor({1.0, -1.0, 1.0, -1.0, 1.0, -1.0}, at::kFloat));
  expect_begins(x.grad(), {0, -1, 1, -1, 1, 0}, 0);
}

TEST(ReplaceGrad, GivesOneValueAndTheOthersGradient) {
  auto value = at::rand({2, 3}).requires_grad_();
  auto target = at::rand({1, 3}).requires_grad_();
  const auto y = replace_grad(value, target);
  EXPECT_TRUE(at::equal(y, value));
  y.sum().backward();
  EXPECT_FALSE(value.grad().defined());
  expect_begins(target.grad(), {2, 2, 2}, 0);  // summed to the target's shape
}

TEST(UpsampleConv2d, EqualsEnlargingAndThe3x3ConvolutionBothWays) {
  const auto weight = at::sin(at::arange(4 * 3 * 9, at::kDouble)).view({4, 3, 3, 3});
  const auto bias = at::linspace(-1, 1, 4, at::kDouble);
  auto x = at::cos(at::arange(2 * 3 * 5 * 4, at::kDouble) * 1.3).view({2, 3, 5, 4});
  auto y = x.clone().requires_grad_();
  x.requires_grad_();

  const auto folded = upsample_conv2d(x, upsample_kernel(weight), bias);
  const auto plain = conv2d(at::upsample_nearest2d(y, {10, 8}), weight, bias, 1, 1);
  ASSERT_EQ(folded.sizes(), plain.sizes());
  EXPECT_LT((folded - plain).abs().max().item<double>(), 1e-12);

  const auto grad = at::sin(at::arange(folded.numel(), at::kDouble)).view(folded.sizes());
  folded.backward(grad);
  plain.backward(grad);
  EXPECT_LT((x.grad() - y.grad()).abs().max().item<double>(), 1e-12);
}

TEST(GroupNormSilu, EqualsTheTwoOperatorsBothWays) {
  const auto weight = at::linspace(0.5, 1.5, 8), bias = at::linspace(-1, 1, 8);
  const std::vector<std::pair<std::vector<int64_t>, at::MemoryFormat>> cases = {
      {{2, 8, 5, 7}, at::MemoryFormat::Contiguous},      // ATen's operators
      {{2, 8, 5, 7}, at::MemoryFormat::ChannelsLast},    // the CPU's own pass, one block
      {{1, 8, 16, 16}, at::MemoryFormat::ChannelsLast},  // and several
  };
  for (const auto& [shape, format] : cases) {
    auto x = (test_image(1, 1, 2 * 8 * 16 * 16)
                      .flatten()
                      .narrow(0, 0, shape[0] * shape[1] * shape[2] * shape[3]) *
                  4 -
              1)
                 .view(shape)
                 .contiguous(format)
                 .requires_grad_();
    auto y = x.detach().to(at::kDouble).requires_grad_();  // exact
    const auto incoming = at::sin(at::arange(x.numel(), at::kFloat)).view(shape);
    const auto fused = group_norm_silu(x, weight, bias, 4, 1e-6);
    const auto plain =
        at::silu(at::group_norm(y, 4, weight.to(at::kDouble), bias.to(at::kDouble), 1e-6));
    EXPECT_TRUE(at::allclose(fused.to(at::kDouble), plain, 1e-5, 1e-6))
        << (fused - plain).abs().max().item<double>();
    fused.backward(incoming);
    plain.backward(incoming.to(at::kDouble));
    EXPECT_TRUE(at::allclose(x.grad().to(at::kDouble), y.grad(), 1e-4, 1e-5))
        << (x.grad() - y.grad()).abs().max().item<double>() << " of "
        << y.grad().abs().max().item<double>();
  }
}

// The picture is what bfloat16 holds exactly, far from 0: a mean rounded to bfloat16 would be off
// by a part of the deviation.
TEST(GroupNormSilu, KeepsItsStatisticsInFloat32ForBfloat16) {
  const auto weight = at::linspace(0.5, 1.5, 8), bias = at::linspace(-1, 1, 8);
  for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    auto x = (test_image(1, 64, 32) + 20.3)
                 .view({2, 8, 16, 8})
                 .to(at::kBFloat16)
                 .contiguous(format)
                 .requires_grad_();
    auto y = x.detach().to(at::kDouble).requires_grad_();
    const auto round = [](const at::Tensor& t) { return t.to(at::kBFloat16); };
    const auto incoming = round(at::sin(at::arange(x.numel(), at::kFloat)).view(x.sizes()));
    const auto fused = group_norm_silu(x, round(weight), round(bias), 4, 1e-6);
    const auto plain = at::silu(
        at::group_norm(y, 4, round(weight).to(at::kDouble), round(bias).to(at::kDouble), 1e-6));
    EXPECT_EQ(fused.scalar_type(), at::kBFloat16);
    EXPECT_LT((fused - plain).abs().max().item<double>(), 0.01 * plain.abs().max().item<double>());
    fused.backward(incoming);
    plain.backward(incoming.to(at::kDouble));
    EXPECT_LT((x.grad() - y.grad()).abs().max().item<double>(),
              0.01 * y.grad().abs().max().item<double>());
  }
}

}  // namespace
}  // namespace latentreel::models
