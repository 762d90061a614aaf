#include "models/ops/resample.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "tests/models/synthetic.h"

// Values of models.md section 7.6.

namespace latentreel::models {
namespace {

using testing::expect_begins;
using testing::expect_sum;
using testing::test_image;

TEST(LanczosTaps, ArePublished) {
  expect_begins(at::tensor(lanczos_taps(0.5), at::kDouble),
                {-0.0315433, 0, 0.2838898, 0.4953071, 0.2838898, 0, -0.0315433}, 1e-7);
  const auto taps = lanczos_taps(224.0 / 300);
  EXPECT_EQ(taps.size(), 5u);
  expect_begins(at::tensor(taps, at::kDouble),
                {-0.0481171, 0.1774685, 0.7412973, 0.1774685, -0.0481171}, 1e-7);
}

TEST(Resample, GivesThePublishedPictures) {
  const auto smaller = resample(test_image(1, 16, 12), 8, 8);
  expect_begins(
      smaller,
      {0.5313472, 0.5394894, 0.5505572, 0.5601601, 0.570868, 0.5804186, 0.5913652, 0.5993803},
      1e-6);
  expect_sum(smaller, 54.5538447, 1e-4);
  const auto larger = resample(test_image(1, 6, 6), 8, 8);
  expect_begins(larger, {0.5, 0.5040744, 0.5093989, 0.5142109}, 1e-6);
  expect_sum(larger, 39.1564246, 1e-4);
}

TEST(CropResize, GivesThePublishedPictures) {
  const auto smaller =
      crop_resize(test_image(1, 16, 12), {{0, 0, 16, 12}}, 8, 8, Filter::lanczos_bicubic);
  expect_begins(smaller, {0.5313472, 0.5394894, 0.5505572, 0.5601601}, 1e-6);
  expect_sum(smaller, 54.5538447, 1e-4);
  const auto larger =
      crop_resize(test_image(1, 6, 6), {{0, 0, 6, 6}}, 8, 8, Filter::lanczos_bicubic);
  expect_sum(larger, 39.1564246, 1e-4);
}

const std::vector<Box> kBoxes = {{0, 0, 40, 50},  {3, 5, 16, 16}, {10, 20, 23, 29}, {0, 0, 16, 50},
                                 {24, 1, 16, 17}, {7, 7, 1, 9},   {2, 0, 31, 31}};

at::Tensor picture() {
  return test_image(3, 40, 50).mul(7).sin().mul(0.5).add(0.5).contiguous();
}

class CropResizes : public ::testing::TestWithParam<Filter> {};

TEST_P(CropResizes, EqualTheirDefinitionBothWays) {
  auto x = picture().requires_grad_();
  auto y = picture().to(at::kDouble).requires_grad_();
  const auto incoming = at::sin(at::arange(7 * 3 * 16 * 16, at::kFloat)).view({7, 3, 16, 16});
  const auto own = crop_resize(x, kBoxes, 16, 16, GetParam());
  const auto definition = crop_resize_reference(y, kBoxes, 16, 16, GetParam());
  EXPECT_TRUE(at::allclose(own.to(at::kDouble), definition, 0, 1e-5))
      << (own - definition).abs().max();
  own.backward(incoming);
  definition.backward(incoming.to(at::kDouble));
  EXPECT_TRUE(at::allclose(x.grad().to(at::kDouble), y.grad(), 0, 1e-4))
      << (x.grad() - y.grad()).abs().max();
}

TEST_P(CropResizes, OfTheirOwnSizeAreTheCrop) {
  const auto image = picture();
  EXPECT_TRUE(at::equal(crop_resize(image, {{3, 5, 16, 16}}, 16, 16, GetParam()),
                        image.narrow(2, 3, 16).narrow(3, 5, 16)));
}

TEST_P(CropResizes, HaveTheSameBitsForAnyThreadCountAndChunk) {
  const auto threads = at::get_num_threads();
  const auto incoming = at::sin(at::arange(7 * 3 * 32 * 20, at::kFloat)).view({7, 3, 32, 20});
  std::vector<at::Tensor> values, gradients;
  for (const int count : {1, 2, 3}) {
    at::set_num_threads(count);
    auto x = picture().requires_grad_();
    values.push_back(crop_resize(x, kBoxes, 32, 20, GetParam()));
    values.back().backward(incoming);
    gradients.push_back(x.grad());
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(values[0], values[1]) && at::equal(values[0], values[2]));
  EXPECT_TRUE(at::equal(gradients[0], gradients[1]) && at::equal(gradients[0], gradients[2]));
  for (size_t i = 0; i < kBoxes.size(); ++i) {
    EXPECT_TRUE(at::equal(crop_resize(picture(), {kBoxes[i]}, 32, 20, GetParam())[0],
                          values[0][static_cast<int64_t>(i)]));
  }
}

INSTANTIATE_TEST_SUITE_P(Filters, CropResizes,
                         ::testing::Values(Filter::lanczos_bicubic, Filter::bilinear));

TEST(CropResize, RefusesBoxesOutsideThePicture) {
  EXPECT_THROW(crop_resize(picture(), {{0, 40, 16, 16}}, 8, 8, Filter::bilinear), c10::Error);
  EXPECT_THROW(crop_resize(picture(), {}, 8, 8, Filter::bilinear), c10::Error);
}

TEST(AdaptivePool, IsTheMeanOfAverageAndMaximum) {
  const auto x = at::arange(16, at::kFloat).view({1, 1, 4, 4});
  expect_begins(adaptive_pool(x, 2), {3.75, 5.75, 11.75, 13.75}, 0);
  const auto same = picture().narrow(3, 0, 40);
  EXPECT_TRUE(at::equal(adaptive_pool(same, 40), same));
}

}  // namespace
}  // namespace latentreel::models
