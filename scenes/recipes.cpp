#include "scenes/recipes.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace latentreel::scenes {
namespace {

OptimizeOptions article() {
  OptimizeOptions options;
  options.recipe = "article";
  options.iterations = 100;
  options.start = StartKind::sine;
  options.quantize = false;
  options.image_clamp = ImageClamp::plain;
  options.cutter = Cutter::padded;
  options.cutouts = 32;
  // Drawn once for the padded picture, before the crops are cut from it.
  options.augment = {
      {.kind = Augment::Kind::flip, .probability = 0.5},
      {.kind = Augment::Kind::affine,
       .degrees = 30,
       .translate_x = 0.2,
       .translate_y = 0.2,
       .border = PaddingMode::zeros,
       .nearest = true},
  };
  options.noise = 0.22;
  options.loss = LossKind::cosine;
  options.optimizer = OptimizerKind::adamw;
  options.learning_rate = 0.5;
  options.weight_decay = 0.1;
  options.clamp = false;
  return options;
}

OptimizeOptions notebook() {
  OptimizeOptions options;
  options.recipe = "notebook";
  options.iterations = 200;
  options.start = StartKind::random;
  options.quantize = true;
  options.image_clamp = ImageClamp::descent;
  options.cutter = Cutter::pooled;
  options.cutouts = 32;
  options.cut_power = 1.0;
  // translate: the notebooks write 0.1, which kornia 0.5.4 reads as (0, 0.1): up and down only.
  options.augment = {
      {.kind = Augment::Kind::affine,
       .probability = 0.7,
       .degrees = 15,
       .translate_x = 0.0,
       .translate_y = 0.1,
       .shear = 5,
       .border = PaddingMode::zeros},
      {.kind = Augment::Kind::perspective, .probability = 0.7, .scale = 0.7},
      {.kind = Augment::Kind::jitter,
       .probability = 0.7,
       .brightness = 0.1,
       .contrast = 0.1,
       .saturation = 0.1,
       .hue = 0.1},
      {.kind = Augment::Kind::erase,
       .probability = 0.7,
       .area_min = 0.1,
       .area_max = 0.4,
       .ratio_min = 0.3,
       .ratio_max = 1 / 0.3},
  };
  options.noise = 0.1;
  options.loss = LossKind::spherical;
  options.optimizer = OptimizerKind::adam;
  options.learning_rate = 0.1;
  options.weight_decay = 0.0;
  options.clamp = true;
  return options;
}

// Found by looking at pictures of the bundled pair. Most prompts are fulfilled by the start
// already: the contrast leaves nothing to do there, and patience ends it.
OptimizeOptions picture_book() {
  OptimizeOptions options = notebook();
  options.recipe = "picture-book";
  options.iterations = 20;
  options.start = StartKind::nearest;
  options.collage = true;
  options.contrast = 1.0;
  options.start_weight = 0.03;
  options.optimizer = OptimizerKind::normalized;
  options.learning_rate = 0.15;
  options.learning_rate_end = 0.1;
  options.smooth = 0.7;
  options.cycle = 0.5;
  options.patience = 5;
  options.cutter = Cutter::crops;
  options.cutouts = 16;
  options.cut_min = 0.6;
  options.cut_max = 1.0;
  options.cut_power = 0.5;  // more large crops than small ones
  options.augment = {
      {.kind = Augment::Kind::flip, .probability = 0.5},
      {.kind = Augment::Kind::rotate, .degrees = 7},
  };
  options.noise = 0.08;
  return options;
}

OptimizeOptions clean() {
  OptimizeOptions options = notebook();
  options.recipe = "clean";
  options.optimizer = OptimizerKind::normalized;
  options.learning_rate_end = 0.1;
  options.smooth = 0.5;
  options.cycle = 0.5;
  options.average = 0.8;
  return options;
}

}  // namespace

bool is_recipe(std::string_view name) {
  const auto& names = recipe_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

OptimizeOptions recipe(std::string_view name) {
  if (name == "notebook") return notebook();
  if (name == "article") return article();
  if (name == "picture-book") return picture_book();
  if (name == "clean") return clean();
  throw std::out_of_range("no recipe is called " + std::string(name));
}

const std::vector<std::string_view>& recipe_names() {
  static const std::vector<std::string_view> names = {"notebook", "article", "picture-book",
                                                      "clean"};
  return names;
}

FeedbackOptions recipe(FeedbackRecipe name) {
  FeedbackOptions options{.on = true, .recipe = name};
  if (name == FeedbackRecipe::steady) return options;
  if (name == FeedbackRecipe::footage) {
    options.iterations = 4;
    options.hold = 0;
    options.learning_rate = 0.05;
    options.color = FeedbackColor::free;
    return options;
  }
  options.hold = 0;
  options.color = FeedbackColor::free;
  if (name == FeedbackRecipe::zoom) {
    options.iterations = 10;
  } else {
    options.iterations = 1;
    options.learning = FeedbackLearning::carried;
  }
  return options;
}

}  // namespace latentreel::scenes
