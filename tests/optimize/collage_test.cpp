#include "src/optimize/collage.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "src/optimize/starts.h"
#include "tests/optimize/pair_files.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

// [1, 3, 60, 60] of one colour.
at::Tensor paper(double red, double green, double blue) {
  return at::tensor({red, green, blue}, at::kFloat)
      .view({1, 3, 1, 1})
      .expand({1, 3, 60, 60})
      .clone();
}

// With a square of 20 pixels at that row and column.
at::Tensor with_square(at::Tensor picture, int64_t row, int64_t column, const at::Tensor& colour) {
  picture.narrow(2, row, 20).narrow(3, column, 20).copy_(colour.narrow(2, 0, 20).narrow(3, 0, 20));
  return picture;
}

TEST(Collage, CoversAThingWithItselfInAnotherColour) {
  const auto red = paper(1, 0, 0), blue = paper(0, 0, 1);
  auto ground = paper(0.2, 0.6, 0.3);
  ground.narrow(2, 40, 20).mul_(0.5);
  const auto base = with_square(ground.clone(), 22, 17, red);
  // The others have it elsewhere.
  const auto lent = at::cat({with_square(paper(1, 1, 1), 20, 20, blue),
                             with_square(paper(0.1, 0.9, 0.9), 20, 20, blue),
                             with_square(paper(0.5, 0.5, 0.5), 20, 20, blue)});
  const auto expected = with_square(ground.clone(), 22, 17, blue);
  EXPECT_TRUE(at::allclose(collage(base, lent), expected));
}

TEST(Collage, StaysTheBaseWhereNothingIsInCommon) {
  const auto base = with_square(paper(0, 0, 0), 10, 10, paper(1, 1, 0));
  const auto lent = at::cat({paper(1, 1, 1), paper(0, 0, 0)});
  EXPECT_TRUE(at::equal(collage(base, lent), base));
}

scenes::Keyframe keyframe_for(const std::string& prompt, bool collage) {
  scenes::Keyframe keyframe;
  keyframe.prompts = {{.text = prompt}};
  keyframe.optimize.start = scenes::StartKind::nearest;
  keyframe.optimize.collage = collage;
  return keyframe;
}

// The mean colour of the middle of a picture [1, 3, H, W].
at::Tensor middle(const at::Tensor& picture) {
  const auto side = picture.size(2);
  return picture.narrow(2, side * 3 / 8, side / 4)
      .narrow(3, side * 3 / 8, side / 4)
      .mean({0, 2, 3});
}

TEST(Collage, GivesAPictureOfTheBankAColourThatItLacks) {
  ModelPack models(testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny"),
                   testing::test_machine());
  const std::string prompt = "a red pyramid on the beach under a cloudy sky";
  const auto plain = nearest_entry(keyframe_for(prompt, false), models);
  EXPECT_TRUE(plain.lenders.empty());
  EXPECT_EQ(plain.shows, plain.caption);
  EXPECT_LT(plain.held, 0.95);

  const auto keyframe = keyframe_for(prompt, true);
  const auto nearest = nearest_entry(keyframe, models);
  EXPECT_EQ(nearest.caption, "a pyramid on the beach under a cloudy sky");
  EXPECT_EQ(nearest.lender.substr(0, 13), "a red pyramid");
  EXPECT_EQ(nearest.lenders.size(), 4U);
  EXPECT_EQ(nearest.shows, prompt);
  EXPECT_EQ(nearest.held, 1);

  const auto start = make_start(keyframe, models, {16, 16}, {}, std::nullopt);
  EXPECT_NE(start.origin.find("a red pyramid on a"), std::string::npos) << start.origin;
  const at::NoGradGuard no_gradient;
  const auto& vqgan = models.vqgan(scenes::Precision::float32);
  const auto colour = middle((vqgan.decode(start.latent.z()) + 1) / 2);
  EXPECT_GT(colour[0].item<double>(),
            2 * colour[1].item<double>());  // sand has about as much green
  EXPECT_GT(colour[0].item<double>(), 2 * colour[2].item<double>());
}

TEST(Collage, IsNotMadeWhereNothingIsLacking) {
  ModelPack models(testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny"),
                   testing::test_machine());
  const auto start = nearest_entry(keyframe_for("a rocket in space", true), models);
  EXPECT_TRUE(start.lenders.empty());
  EXPECT_EQ(start.held, 1);
}

}  // namespace
}  // namespace latentreel::render
