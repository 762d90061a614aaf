#include "models/ops/warp.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <tuple>

#include "tests/models/synthetic.h"

namespace latentreel::models {
namespace {

using testing::expect_begins;
using testing::test_image;

at::Tensor waves(int64_t n = 1) {
  return test_image(3 * n, 37, 45).mul(9).sin().mul(0.5).add(0.5).view({n, 3, 37, 45}).contiguous();
}

at::Tensor map(std::vector<double> rows) {
  return at::tensor(rows, at::kDouble).view({1, 3, 3});
}

// Turned, enlarged, far outside, in perspective, unmoved, mirrored, with its horizon in the
// picture, and no numbers at all.
at::Tensor maps() {
  return at::cat({map({0.9, -0.41, 5.3137, 0.38, 0.87, -7.1071, 0, 0, 1}),
                  map({0.31, 0, 3.7137, 0, 0.29, 2.2071, 0, 0, 1}),
                  map({2.4, 0.3, -60.2137, -0.2, 3.1, -40.7071, 0, 0, 1}),
                  map({1.3, 0.1, -4.4137, 0.07, 1.2, -2.6071, 0.004, 0.006, 1}),
                  map({1, 0, 0, 0, 1, 0, 0, 0, 1}), map({-1, 0, 44, 0, 1, 0, 0, 0, 1}),
                  map({1.1, 0, 0.3, 0, 1.2, 0.4, 0.05, -0.07, 1}),
                  map({1e30, 0, 0, 0, -1e30, 0, 0, 0, 1})});
}

using Mode = std::tuple<Sampling, PaddingMode>;
class Warps : public ::testing::TestWithParam<Mode> {};

TEST_P(Warps, EqualTheirDefinitionBothWays) {
  const auto [sampling, outside] = GetParam();
  for (const int64_t sources : {1, 7}) {
    const auto m = maps().narrow(0, 0, 7);
    auto x = waves(sources).requires_grad_();
    auto y = waves(sources).to(at::kDouble).requires_grad_();
    const auto own = warp(x, m, sampling, outside, 31, 50);
    const auto definition = warp_reference(y, m, sampling, outside, 31, 50);
    ASSERT_EQ(own.sizes(), definition.sizes());
    // The last map's horizon is in the picture: rounding decides there. The same where a nearest
    // place falls on a pixel's edge.
    const auto difference = (own - definition).narrow(0, 0, 6).abs();
    if (sampling == Sampling::bilinear) {
      EXPECT_LT(difference.max().item<double>(), 1e-5);
    } else {
      EXPECT_LT(difference.gt(1e-4).to(at::kDouble).mean().item<double>(), 1e-3);
    }
    const auto incoming = at::sin(at::arange(own.numel(), at::kFloat)).view(own.sizes()).clone();
    incoming.index_fill_(0, at::tensor({6}, at::kLong), 0);
    own.backward(incoming);
    definition.backward(incoming.to(at::kDouble));
    const auto off = (x.grad() - y.grad()).abs();
    if (sampling == Sampling::bilinear) {
      EXPECT_LT(off.max().item<double>(), 1e-4);
    } else {
      EXPECT_LT(off.gt(1e-4).to(at::kDouble).mean().item<double>(), 5e-3);
    }
  }
}

TEST_P(Warps, HaveTheSameBitsForAnyThreadCountAndChunk) {
  const auto [sampling, outside] = GetParam();
  const auto threads = at::get_num_threads();
  std::vector<at::Tensor> values, gradients;
  const auto m = maps();
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    auto x = waves().requires_grad_();
    values.push_back(warp(x, m, sampling, outside, 37, 45));
    values.back().backward(
        at::sin(at::arange(values.back().numel(), at::kFloat)).view(values.back().sizes()));
    gradients.push_back(x.grad());
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(values[0], values[1]) && at::equal(values[0], values[2]));
  EXPECT_TRUE(at::equal(gradients[0], gradients[1]) && at::equal(gradients[0], gradients[2]));
  EXPECT_TRUE(values[0].isfinite().all().item<bool>());
  EXPECT_TRUE(gradients[0].isfinite().all().item<bool>());
  const auto part = warp(waves(), m.narrow(0, 2, 3), sampling, outside, 37, 45);
  EXPECT_TRUE(at::equal(part, values[0].narrow(0, 2, 3)));
}

TEST_P(Warps, OfTheIdentityCopyAndOfAMirrorMirror) {
  const auto [sampling, outside] = GetParam();
  const auto image = waves();
  const auto m = maps().narrow(0, 4, 2);
  auto x = waves().requires_grad_();
  const auto own = warp(x, m, sampling, outside, 37, 45);
  EXPECT_TRUE(at::equal(own[0], image[0]));
  EXPECT_TRUE(at::equal(own[1], image[0].flip(2)));
  own.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), at::full_like(image, 2)));
  const auto definition = warp_reference(image, m, sampling, outside, 37, 45);
  EXPECT_TRUE(at::equal(definition[0], image[0]));
}

INSTANTIATE_TEST_SUITE_P(
    Modes, Warps,
    ::testing::Combine(::testing::Values(Sampling::nearest, Sampling::bilinear),
                       ::testing::Values(PaddingMode::zeros, PaddingMode::border,
                                         PaddingMode::reflection)));

TEST(Warp, NumericGradientAgrees) {
  const auto m = maps().narrow(0, 0, 4);
  auto x = waves().requires_grad_();
  const auto incoming = at::sin(at::arange(4 * 3 * 20 * 20, at::kFloat)).view({4, 3, 20, 20});
  const auto loss = [&](const at::Tensor& image) {
    return warp(image, m, Sampling::bilinear, PaddingMode::border, 20, 20).mul(incoming).sum();
  };
  loss(x).backward();
  // Linear in the image: the difference along a direction is the gradient times it.
  const auto direction = at::cos(at::arange(x.numel(), at::kFloat)).view(x.sizes());
  const auto image = x.detach();
  const double difference = (loss(image + direction) - loss(image - direction)).item<double>() / 2;
  EXPECT_NEAR(x.grad().mul(direction).sum().item<double>(), difference, 1e-2);
}

TEST(Warp, ShiftsByWholePixels) {
  const auto image = at::arange(12, at::kFloat).view({1, 1, 3, 4});
  const auto shift = map({1, 0, 1, 0, 1, -1, 0, 0, 1});  // looks one to the right, one up
  expect_begins(warp(image, shift, Sampling::nearest, PaddingMode::zeros, 3, 4),
                {0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 7, 0}, 0);
  expect_begins(warp(image, shift, Sampling::bilinear, PaddingMode::border, 3, 4),
                {1, 2, 3, 3, 1, 2, 3, 3, 5, 6, 7, 7}, 0);
  expect_begins(warp(image, shift, Sampling::bilinear, PaddingMode::reflection, 3, 4),
                {1, 2, 3, 3, 1, 2, 3, 3, 5, 6, 7, 7}, 0);
}

TEST(Warp, ChecksItsShapes) {
  EXPECT_THROW(warp(waves(2), maps(), Sampling::bilinear, PaddingMode::zeros, 8, 8), c10::Error);
  EXPECT_THROW(warp(waves(), maps()[0], Sampling::bilinear, PaddingMode::zeros, 8, 8), c10::Error);
}

}  // namespace
}  // namespace latentreel::models
