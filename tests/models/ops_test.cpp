#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <limits>

#include "models/ops/convolution.h"
#include "models/ops/gradients.h"
#include "models/ops/norm.h"
#include "models/ops/vector_clones.h"
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

TEST(GroupNormSilu, GivesTheAffineNumbersTheirGradientInTraining) {
  struct Case {
    at::ScalarType type;
    at::MemoryFormat format;
    double tolerance;  // of the largest number
  };
  for (const auto& [type, format, tolerance] :
       {Case{at::kFloat, at::MemoryFormat::Contiguous, 1e-5},          // ATen's operators
        Case{at::kFloat, at::MemoryFormat::ChannelsLast, 1e-5},        // the CPU's own pass
        Case{at::kBFloat16, at::MemoryFormat::Contiguous, 0.01},       // beside float32 parameters,
        Case{at::kBFloat16, at::MemoryFormat::ChannelsLast, 0.01}}) {  // as mixed precision has it
    auto x = (test_image(1, 64, 64) * 4 - 1)
                 .flatten()
                 .narrow(0, 0, 2 * 8 * 16 * 12)
                 .view({2, 8, 16, 12})
                 .to(type)
                 .contiguous(format)
                 .requires_grad_();
    auto weight = at::linspace(0.5, 1.5, 8).requires_grad_();
    auto bias = at::linspace(-1, 1, 8).requires_grad_();
    const auto exact = [](const at::Tensor& t) {
      return t.detach().to(at::kDouble).requires_grad_();
    };
    auto x2 = exact(x), weight2 = exact(weight), bias2 = exact(bias);
    // Mostly of one sign: sums over all pixels that do not come out as a rest of roundings.
    const auto incoming = (at::sin(at::arange(x.numel(), at::kFloat)) + 1).view(x.sizes()).to(type);
    group_norm_silu(x, weight, bias, 4, 1e-6).backward(incoming);
    at::silu(at::group_norm(x2, 4, weight2, bias2, 1e-6)).backward(incoming.to(at::kDouble));
    EXPECT_EQ(weight.grad().scalar_type(), at::kFloat);
    const auto expect_near = [&](const at::Tensor& a, const at::Tensor& b) {
      EXPECT_LT((a - b).abs().max().item<double>(), tolerance * b.abs().max().item<double>());
    };
    expect_near(x.grad(), x2.grad());
    expect_near(weight.grad(), weight2.grad());
    expect_near(bias.grad(), bias2.grad());
  }
}

TEST(GroupNormSilu, RoundsToBfloat16AsATenDoes) {
  const auto x = at::cat({at::linspace(-8, 8, 1021), at::tensor({-1e3f, 1e3f, 0.0f})})
                     .view({1, 8, 8, 16})
                     .to(at::kBFloat16)
                     .contiguous(at::MemoryFormat::ChannelsLast);
  const auto weight = at::ones({8}), bias = at::zeros({8});
  const auto own = group_norm_silu(x, weight, bias, 8, 1e-6);
  const auto wide = group_norm_silu(x.to(at::kFloat), weight, bias, 8, 1e-6);
  EXPECT_TRUE(at::equal(own, wide.to(at::kBFloat16)));
  auto broken = x.clone();
  broken[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(group_norm_silu(broken, weight, bias, 8, 1e-6)[0][0].isnan().all().item<bool>());
}

// A gradient in another layout than its picture costs a copy at every operator before it.
TEST(Conv2d, GivesTheGradientInTheLayoutOfItsInput) {
  for (const int64_t kernel : {1, 3}) {  // a kernel of 1x1 fits either layout
    for (const int64_t stride : {1, 2}) {
      const auto weight = at::sin(at::arange(6 * 4 * kernel * kernel, at::kFloat))
                              .view({6, 4, kernel, kernel})
                              .contiguous(at::MemoryFormat::ChannelsLast);
      auto x = at::cos(at::arange(2 * 4 * 7 * 8, at::kFloat))
                   .view({2, 4, 7, 8})
                   .contiguous(at::MemoryFormat::ChannelsLast)
                   .requires_grad_();
      auto y = x.detach().clone().requires_grad_();
      const auto own = conv2d(x, weight, {}, stride, kernel / 2);
      const auto plain = at::conv2d(y, weight, {}, {stride, stride}, {kernel / 2, kernel / 2});
      const auto incoming = at::sin(at::arange(own.numel(), at::kFloat)).view(own.sizes());
      plain.backward(incoming);
      const auto gradient = torch::autograd::grad({own}, {x}, {incoming})[0];
      EXPECT_TRUE(at::allclose(gradient, y.grad(), 1e-5, 1e-5));
      EXPECT_TRUE(gradient.is_contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

#ifdef LATENTREEL_HAS_VECTOR_CLONES
LATENTREEL_VECTOR_CLONES
float product_and_sum(float a, float b, float c) {
  return a * b + c;
}

// Multiplying and adding in one rounding is what machines with AVX2 do and the oldest cannot: it
// tells which of the loops' versions the program picked.
TEST(VectorClones, ArePickedByWhatTheMachineCanDo) {
  const bool fuses = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  volatile float a = 1 + 0x1p-12f, c = -(1 + 0x1p-11f);
  EXPECT_EQ(product_and_sum(a, a, c), fuses ? 0x1p-24f : 0);  // 0 where rounded in between
}
#endif

}  // namespace
}  // namespace latentreel::models
