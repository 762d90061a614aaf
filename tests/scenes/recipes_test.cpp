#include "scenes/recipes.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace latentreel::scenes {
namespace {

TEST(RecipesTest, KnowsItsNames) {
  EXPECT_EQ(recipe_names(),
            (std::vector<std::string_view>{"notebook", "article", "picture-book", "clean"}));
  EXPECT_TRUE(is_recipe("article"));
  EXPECT_FALSE(is_recipe("Article"));
  EXPECT_THROW(recipe("cookbook"), std::out_of_range);
  EXPECT_EQ(OptimizeOptions().recipe, recipe_names().front());
  for (const auto name : recipe_names()) EXPECT_EQ(recipe(name).recipe, name);
}

TEST(RecipesTest, ArticleIsAsPublished) {
  const OptimizeOptions o = recipe("article");
  EXPECT_EQ(o.iterations, 100);
  EXPECT_EQ(o.start, StartKind::sine);
  EXPECT_FALSE(o.quantize);
  EXPECT_EQ(o.image_clamp, ImageClamp::plain);
  EXPECT_EQ(o.cutter, Cutter::padded);
  EXPECT_EQ(o.cutouts, 32);
  EXPECT_EQ(o.noise, 0.22);
  EXPECT_EQ(o.loss, LossKind::cosine);
  EXPECT_EQ(o.include_weight, 1.0);
  EXPECT_EQ(o.exclude_weight, 0.5);
  EXPECT_EQ(o.extra_weight, 1.0);
  EXPECT_EQ(o.optimizer, OptimizerKind::adamw);
  EXPECT_EQ(o.learning_rate, 0.5);
  EXPECT_EQ(o.weight_decay, 0.1);
  EXPECT_FALSE(o.clamp);
  EXPECT_EQ(o.keep, Keep::best);
  ASSERT_EQ(o.augment.size(), 2u);
  EXPECT_EQ(o.augment[0], (Augment{.kind = Augment::Kind::flip, .probability = 0.5}));
  EXPECT_EQ(o.augment[1].kind, Augment::Kind::affine);
  EXPECT_EQ(o.augment[1].probability, 1.0);
  EXPECT_EQ(o.augment[1].degrees, 30);
  EXPECT_EQ(o.augment[1].translate_x, 0.2);
  EXPECT_EQ(o.augment[1].translate_y, 0.2);
  EXPECT_EQ(o.augment[1].shear, 0);
  EXPECT_EQ(o.augment[1].border, PaddingMode::zeros);
  EXPECT_TRUE(o.augment[1].nearest);
}

TEST(RecipesTest, NotebookIsAsPublished) {
  const OptimizeOptions o = recipe("notebook");
  EXPECT_EQ(o.iterations, 200);
  EXPECT_EQ(o.start, StartKind::random);
  EXPECT_TRUE(o.quantize);
  EXPECT_EQ(o.image_clamp, ImageClamp::descent);
  EXPECT_EQ(o.cutter, Cutter::pooled);
  EXPECT_EQ(o.cutouts, 32);
  EXPECT_EQ(o.cut_power, 1.0);
  EXPECT_EQ(o.noise, 0.1);
  EXPECT_EQ(o.loss, LossKind::spherical);
  EXPECT_EQ(o.optimizer, OptimizerKind::adam);
  EXPECT_EQ(o.learning_rate, 0.1);
  EXPECT_EQ(o.weight_decay, 0);
  EXPECT_TRUE(o.clamp);
  ASSERT_EQ(o.augment.size(), 4u);
  for (const Augment& augment : o.augment) EXPECT_EQ(augment.probability, 0.7);
  const Augment& affine = o.augment[0];
  EXPECT_EQ(affine.kind, Augment::Kind::affine);
  EXPECT_EQ(affine.degrees, 15);
  EXPECT_EQ(affine.translate_x, 0.0);
  EXPECT_EQ(affine.translate_y, 0.1);
  EXPECT_EQ(affine.shear, 5);
  EXPECT_FALSE(affine.nearest);
  EXPECT_EQ(o.augment[1].kind, Augment::Kind::perspective);
  EXPECT_EQ(o.augment[1].scale, 0.7);
  const Augment& jitter = o.augment[2];
  EXPECT_EQ(jitter.kind, Augment::Kind::jitter);
  EXPECT_EQ(jitter.brightness, 0.1);
  EXPECT_EQ(jitter.contrast, 0.1);
  EXPECT_EQ(jitter.saturation, 0.1);
  EXPECT_EQ(jitter.hue, 0.1);
  const Augment& erase = o.augment[3];
  EXPECT_EQ(erase.kind, Augment::Kind::erase);
  EXPECT_EQ(erase.area_min, 0.1);
  EXPECT_EQ(erase.area_max, 0.4);
  EXPECT_EQ(erase.ratio_min, 0.3);
  EXPECT_EQ(erase.ratio_max, 1 / 0.3);
}

// What holds a latent to pictures is not published with them.
TEST(RecipesTest, ThePublishedOnesHoldNothing) {
  for (const auto* name : {"article", "notebook"}) {
    const OptimizeOptions o = recipe(name);
    EXPECT_EQ(o.start_weight, 0);
    EXPECT_FALSE(o.collage);
    EXPECT_EQ(o.match_weight, 0);
    EXPECT_EQ(o.contrast, 0);
    EXPECT_EQ(o.smooth, 0);
    EXPECT_EQ(o.mask, 1);
    EXPECT_EQ(o.cycle, 0);
    EXPECT_EQ(o.learning_rate_end, 1);
    EXPECT_EQ(o.average, 0);
  }
}

// What it does not say is the notebooks', and it keeps near a picture that a bank must have.
TEST(RecipesTest, PictureBookStaysNearThePicture) {
  const OptimizeOptions o = recipe("picture-book");
  EXPECT_EQ(o.start, StartKind::nearest);
  EXPECT_TRUE(o.collage);
  EXPECT_GT(o.contrast, 0);
  EXPECT_GT(o.start_weight, 0);
  EXPECT_LT(o.iterations, recipe("notebook").iterations);
  EXPECT_EQ(o.loss, recipe("notebook").loss);
  EXPECT_EQ(o.optimizer, OptimizerKind::normalized);
  EXPECT_EQ(o.cutter, Cutter::crops);
  EXPECT_EQ(o.cut_max, 1.0);
}

// For any weights: nothing that only a pair with a bank can do.
TEST(RecipesTest, CleanIsTheNotebooksWithWhatHoldsAPicture) {
  const OptimizeOptions o = recipe("clean"), notebook = recipe("notebook");
  EXPECT_EQ(o.start, notebook.start);
  EXPECT_FALSE(o.collage);
  EXPECT_EQ(o.contrast, 0);
  EXPECT_EQ(o.augment, notebook.augment);
  EXPECT_EQ(o.optimizer, OptimizerKind::normalized);
  EXPECT_GT(o.smooth, 0);
  EXPECT_GT(o.cycle, 0);
  EXPECT_GT(o.average, 0);
  EXPECT_LT(o.learning_rate_end, 1);
}

}  // namespace
}  // namespace latentreel::scenes
