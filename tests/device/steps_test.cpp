// Optimizing on the device, beside the CPU: every recipe and every optimizer, a run that continues,
// a run whose work is captured and replayed.

#include "scenes/recipes.h"
#include "src/frames/frame_decoder.h"
#include "src/optimize/keyframe_optimizer.h"
#include "tests/device/on_device.h"

namespace latentreel::testing {
namespace {

using render::KeyframeOptimizer;
using scenes::OptimizerKind;
using scenes::Precision;

constexpr render::RandomKey kStepsKey{.content = 17, .seed = 6};

class StepsOnDevice : public OnDevice {
 protected:
  // Of a recipe with few cutouts and no noise, which comes from the device's own generator.
  static scenes::OptimizeOptions options_of(std::string_view recipe) {
    auto options = scenes::recipe(recipe);
    options.iterations = 8;
    options.cutouts = 6;
    options.noise = 0;
    options.precision = Precision::float32;
    for (auto& augment : options.augment) augment.nearest = false;
    return options;
  }

  // Guided by one text, and by another to stay away from, at an 8x8 grid of codes.
  static KeyframeOptimizer optimizer(render::ModelPack& models,
                                     const scenes::OptimizeOptions& options,
                                     int64_t chunk = render::kCutoutChunk) {
    const auto& vqgan = models.vqgan(options.precision);
    const auto& loaded = models.clips(options.precision).front();
    const auto target = [&](const std::string& text, double weight) {
      const auto context = static_cast<size_t>(loaded.clip.config().context);
      const auto tokens = at::tensor(loaded.tokenizer->frame(text, context), at::kLong);
      render::Target made;
      made.embedding = loaded.clip.text().encode(tokens.unsqueeze(0)).detach();
      made.weight = weight;
      return made;
    };
    std::vector<render::Guide> guides;
    guides.push_back(
        {.encoder = loaded.clip.image(),
         .weight = 1,
         .objective = render::Objective(
             {target("a red apple on a white background", 1), target("a gray background", -0.5)},
             options.loss),
         .cutouts = render::Cutouts(options, loaded.clip.config().resolution, kStepsKey)});
    const auto codes = (at::arange(64, at::kLong) * 61).remainder(vqgan.config().codes);
    const render::Latent start(vqgan.embed_codes(codes.view({1, 8, 8})));
    return {vqgan, std::move(guides), options, start, chunk};
  }

  struct Step {
    double loss = 0;
    at::Tensor gradient;
  };

  // The first iteration: its loss and gradient, before the step.
  static Step first_step(render::ModelPack& models, const scenes::OptimizeOptions& options) {
    auto first = optimizer(models, options);
    Step step;
    first.observe([&](const render::GradientView& view) { step.gradient = view.z_gradient.cpu(); });
    step.loss = first.step(never_).loss;
    return step;
  }

  static void run(KeyframeOptimizer& optimizer) {
    while (!optimizer.done()) optimizer.step(never_);
  }

  static inline const render::StopToken never_{};
};

TEST_F(StepsOnDevice, OfEveryRecipeHaveTheLossAndGradientOfTheCpu) {
  for (const auto& recipe : scenes::recipe_names()) {
    SCOPED_TRACE(recipe);
    auto options = options_of(recipe);
    const auto expected = first_step(*here, options), got = first_step(*there, options);
    EXPECT_NEAR(got.loss, expected.loss, 1e-3);
    EXPECT_GT(cosine(got.gradient, expected.gradient), 0.999);
    options.precision = Precision::bfloat16;
    const auto fast = first_step(*there, options);
    EXPECT_NEAR(fast.loss, expected.loss, 0.02);
    // The picture book's six crops are rounded the most.
    EXPECT_GT(cosine(fast.gradient, expected.gradient), recipe == "picture-book" ? 0.8 : 0.9);
  }
}

// One step from the same gradient: the rules are compared, and not what rounding makes of a run.
TEST_F(StepsOnDevice, OfEveryOptimizerAreThoseOfTheCpu) {
  for (const auto kind :
       {OptimizerKind::adam, OptimizerKind::adamw, OptimizerKind::adagrad, OptimizerKind::adamax,
        OptimizerKind::radam, OptimizerKind::rmsprop, OptimizerKind::normalized}) {
    SCOPED_TRACE(static_cast<int>(kind));
    render::Optimizer near(kind, 0.1, 0.01), far(kind, 0.1, 0.01);
    auto z = at::sin(at::arange(64, at::kFloat)).view({1, 4, 4, 4});
    auto z_far = z.to(*under_test().device);
    for (int i = 1; i <= 7; ++i) {  // beyond the first steps of radam, which are others
      const auto gradient = at::cos(z * i);
      z = near.step(z, gradient);
      z_far = far.step(z_far, gradient.to(*under_test().device));
    }
    EXPECT_LT(difference(z_far.cpu(), z), 1e-5);
  }
}

TEST_F(StepsOnDevice, ContinueFromTheirState) {
  for (const auto& recipe : scenes::recipe_names()) {
    SCOPED_TRACE(recipe);
    auto options = options_of(recipe);
    options.noise = 0.1;
    options.start_weight = 0.1;
    options.mask = 0.5;
    auto whole = optimizer(*there, options), first = optimizer(*there, options),
         second = optimizer(*there, options);
    run(whole);
    for (int i = 0; i < 3; ++i) first.step(never_);
    const auto state = first.state();
    for (const auto& [name, tensor] : state) EXPECT_TRUE(tensor.is_cpu()) << name;
    second.restore(state);
    run(second);
    expect_same(second.z(), whole.z());
  }
}

TEST_F(StepsOnDevice, GiveTheSameTwice) {
  for (const auto& recipe : scenes::recipe_names()) {
    SCOPED_TRACE(recipe);
    auto options = options_of(recipe);
    options.noise = 0.1;
    auto once = optimizer(*there, options), again = optimizer(*there, options);
    run(once);
    run(again);
    expect_same(again.z(), once.z());
  }
}

TEST_F(StepsOnDevice, AnEvaluationHasTheCutoutsAndGradientsOfTheCpu) {
  const auto options = options_of("notebook");
  auto near = optimizer(*here, options, 4), far = optimizer(*there, options, 4);
  const auto z = near.z();
  const auto expected = near.evaluate(z, 2, never_), got = far.evaluate(z, 2, never_);
  EXPECT_LT((got.image.cpu() - expected.image).abs().max().item<double>(), 1e-3);
  EXPECT_GT(cosine(got.image_gradient.cpu(), expected.image_gradient), 0.999);
  EXPECT_LT((got.seen[0].cutouts.cpu() - expected.seen[0].cutouts).abs().max().item<double>(),
            1e-3);
  EXPECT_GT(cosine(got.seen[0].gradient.cpu(), expected.seen[0].gradient), 0.999);
}

// Six cutouts in chunks of four, so that two shapes are captured, in eight iterations: most of them
// are replays.
TEST_F(StepsOnDevice, ReplayedAreThoseRunAsTheyAre) {
  auto tuning = there_machine.tuning;
  tuning.graphs = true;
  const auto machine = render::resolve_machine(*under_test().device, 2, tuning);
  render::ModelPack replaying(pair_files(), machine);
  if (!models::has_graph_capturer(under_test().device->type())) {
    GTEST_SKIP() << "Nothing captures the work of this device: built without CUDA's toolkit.";
  }
  for (const auto& recipe : scenes::recipe_names()) {
    SCOPED_TRACE(recipe);
    auto options = options_of(recipe);
    options.noise = 0.1;
    auto plain = optimizer(*there, options, 4), replayed = optimizer(replaying, options, 4);
    run(plain);
    run(replayed);
    // On CUDA runs part by rounding: there the first four are compared, two of them replayed.
    const auto compared = under_test().device->is_cuda() ? 4 : plain.history().size();
    for (size_t i = 0; i < compared; ++i) {
      EXPECT_NEAR(replayed.history()[i].loss, plain.history()[i].loss, 1e-4) << i;
    }
    EXPECT_LT(difference(replayed.z(), plain.z()), 5e-2);
  }
}

TEST_F(StepsOnDevice, AFrameIsThatOfTheCpu) {
  const auto& vqgan = here->vqgan(Precision::float32);
  const auto z = vqgan.embed_codes(at::arange(64, at::kLong).view({1, 8, 8}));
  for (const int depth : {8, 10}) {
    const auto expected = render::FrameDecoder(vqgan, {64, 64}, depth).decode(z, 3)[0];
    const auto got =
        render::FrameDecoder(there->vqgan(Precision::float32), {64, 64}, depth).decode(z, 3)[0];
    EXPECT_EQ(got.width, expected.width);
    EXPECT_EQ(got.number, 3);
    ASSERT_EQ(got.rgb8.size(), expected.rgb8.size());
    ASSERT_EQ(got.rgb16.size(), expected.rgb16.size());
    for (size_t i = 0; i < got.rgb8.size(); ++i) ASSERT_NEAR(got.rgb8[i], expected.rgb8[i], 1) << i;
    for (size_t i = 0; i < got.rgb16.size(); ++i) {
      ASSERT_NEAR(got.rgb16[i], expected.rgb16[i], 40) << i;
    }
  }
}

TEST_F(StepsOnDevice, AFrameThroughTheCameraIsThatOfTheCpu) {
  const auto& vqgan = here->vqgan(Precision::float32);
  const auto z = vqgan.embed_codes(at::arange(64, at::kLong).view({1, 8, 8}));
  const auto frame_of = [&](render::ModelPack& models, const scenes::Camera& camera) {
    const std::vector<render::Look> looks = {{.camera = camera}};
    const render::FrameDecoder decoder(models.vqgan(Precision::float32), {64, 64}, 8);
    return decoder.decode(z, 0, looks)[0];
  };
  for (const double away : {0.7, 2.5, 20.0}) {
    for (const auto& [word, edge] : scenes::EnumNames<scenes::Edge>::kNames) {
      const scenes::Camera camera{
          .xx = away, .xy = -0.2, .x = 0.3, .yx = 0.4, .yy = away, .y = -3, .edge = edge};
      const auto expected = frame_of(*here, camera), got = frame_of(*there, camera);
      ASSERT_EQ(got.rgb8.size(), expected.rgb8.size());
      for (size_t i = 0; i < got.rgb8.size(); ++i) {
        ASSERT_NEAR(got.rgb8[i], expected.rgb8[i], 1) << word << ", " << away << ", value " << i;
      }
    }
  }
}

}  // namespace
}  // namespace latentreel::testing
