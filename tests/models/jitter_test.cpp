#include "models/ops/jitter.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "tests/models/synthetic.h"

namespace latentreel::models {
namespace {

using testing::expect_begins;
using testing::expect_sum;
using testing::test_image;
using Step = Jitter::Step;

// Only this step changes anything; the clamps of the others have nothing to do in [0, 1].
Jitter one(Step step, double factor) {
  Jitter::Factors f{.applies = true};
  if (step == Step::brightness) f.brightness = factor;
  if (step == Step::contrast) f.contrast = factor;
  if (step == Step::saturation) f.saturation = factor;
  if (step == Step::hue) f.hue = factor;
  return {.factors = {f}};
}

// Values of models.md section 7.7: each step is applied to what the one before left.
TEST(Jitter, GivesThePublishedPictures) {
  for (const auto apply : {jitter, jitter_reference}) {
    auto x = test_image(3, 4, 4);
    x = apply(x, one(Step::brightness, 1.1));
    expect_begins(x, {0.6, 0.6065, 0.612999}, 1e-6);
    expect_sum(x, 35.901987, 1e-4);
    x = apply(x, one(Step::contrast, 0.9));
    expect_sum(x, 32.311789, 1e-4);
    x = apply(x, one(Step::saturation, 1.05));
    expect_sum(x, 32.101809, 1e-4);
    x = apply(x, one(Step::hue, 0.05));
    expect_sum(x, 31.210093, 1e-4);
  }
}

// Six pictures, the second of which gets nothing.
Jitter some(std::array<Step, 4> order) {
  return {.order = order,
          .factors = {{1.1, 0.9, 1.05, 0.05, true},
                      {},
                      {0.9, 1.1, 0.95, -0.09, true},
                      {1.0, 1.0, 3.0, 0.5, true},
                      {1.3, 1.4, 0.0, -0.5, true},
                      {0.95, 1.02, 6.0, 0.31, true}}};
}

at::Tensor pictures() {
  const auto index = at::arange(6 * 3 * 61 * 150, at::kDouble);
  return (0.5 + 0.5 * at::sin(index * index * 0.37)).to(at::kFloat).view({6, 3, 61, 150});
}

class Orders : public ::testing::TestWithParam<std::array<Step, 4>> {};

TEST_P(Orders, EqualTheirDefinitionBothWays) {
  const auto parameters = some(GetParam());
  auto x = pictures().requires_grad_();
  auto y = pictures().to(at::kDouble).requires_grad_();
  const auto incoming = at::sin(at::arange(x.numel(), at::kFloat)).view(x.sizes());
  const auto own = jitter(x, parameters);
  const auto definition = jitter_reference(y, parameters);
  EXPECT_LT((own - definition).abs().max().item<double>(), 1e-5);
  EXPECT_TRUE(at::equal(own[1], x[1]));
  own.backward(incoming);
  definition.backward(incoming.to(at::kDouble));
  // A pixel whose clamp or sector rounding decides may go either way.
  const auto off = (x.grad() - y.grad()).abs() / (1 + y.grad().abs());
  EXPECT_LT(off.gt(1e-4).to(at::kDouble).mean().item<double>(), 2e-4);
}

TEST_P(Orders, HaveTheSameBitsForAnyThreadCountAndChunk) {
  const auto parameters = some(GetParam());
  const auto threads = at::get_num_threads();
  std::vector<at::Tensor> values, gradients;
  for (const int count : {1, 3}) {
    at::set_num_threads(count);
    auto x = pictures().requires_grad_();
    values.push_back(jitter(x, parameters));
    values.back().backward(at::cos(pictures()));
    gradients.push_back(x.grad());
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(values[0], values[1]));
  EXPECT_TRUE(at::equal(gradients[0], gradients[1]));
  auto part = parameters;
  part.factors = {parameters.factors[2], parameters.factors[3]};
  EXPECT_TRUE(at::equal(jitter(pictures().narrow(0, 2, 2), part), values[0].narrow(0, 2, 2)));
}

INSTANTIATE_TEST_SUITE_P(
    Some, Orders,
    ::testing::Values(std::array{Step::brightness, Step::contrast, Step::saturation, Step::hue},
                      std::array{Step::hue, Step::saturation, Step::contrast, Step::brightness},
                      std::array{Step::saturation, Step::brightness, Step::hue, Step::contrast}));

TEST(Jitter, GreyBlackAndWhiteHaveFiniteGradients) {
  for (const auto apply : {jitter, jitter_reference}) {
    const auto greys = at::tensor({0.0, 0.3, 1.0, 1e-7, 0.5}, at::kFloat).view({1, 1, 1, 5});
    auto x = greys.expand({6, 3, 4, 5}).contiguous().requires_grad_();
    const auto y = apply(x, some({Step::saturation, Step::hue, Step::brightness, Step::contrast}));
    EXPECT_TRUE(y.isfinite().all().item<bool>());
    y.mul(at::sin(at::arange(y.numel(), at::kFloat)).view(y.sizes())).sum().backward();
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
    EXPECT_LT(x.grad().abs().max().item<double>(), 100);
  }
}

TEST(Jitter, NumericGradientAgrees) {
  // Away from ties and clamps.
  auto x = at::tensor({0.42, 0.31, 0.66, 0.58, 0.35, 0.21}, at::kFloat).view({1, 3, 1, 2});
  for (const auto& parameters :
       {one(Step::saturation, 1.3), one(Step::hue, 0.13), one(Step::hue, -0.31)}) {
    auto input = x.clone().requires_grad_();
    const auto incoming = at::tensor({1.0, -0.5, 0.3, 0.7, -0.8, 0.2}, at::kFloat).view(x.sizes());
    jitter(input, parameters).mul(incoming).sum().backward();
    for (int64_t i = 0; i < 6; ++i) {
      const auto step = at::zeros({6}, at::kDouble).index_fill(0, at::tensor({i}, at::kLong), 1e-5);
      const auto at_ = [&](double sign) {
        return jitter_reference(x.to(at::kDouble) + sign * step.view(x.sizes()), parameters)
            .mul(incoming)
            .sum()
            .item<double>();
      };
      EXPECT_NEAR(input.grad().flatten()[i].item<double>(), (at_(1) - at_(-1)) / 2e-5, 1e-4);
    }
  }
}

}  // namespace
}  // namespace latentreel::models
