// The article's recipe, step by step, against its own formulas (models.md section 5.2). Only the
// random draws come from our code: the start, and the crops (tested against the formulas in
// cutouts_test.cpp).

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/optimize/keyframe_optimizer.h"
#include "src/optimize/prompts.h"
#include "src/optimize/starts.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

constexpr const char* kScene = R"(
[video]
size = "64x64"
[optimize]
recipe = "article"
iterations = 4
cutouts = 6
extra = "watercolor"
exclude = ["a gray background"]
precision = "float32"
[[keyframe]]
at = 0
prompt = "a red apple on a blue background"
)";

constexpr RandomKey kArticleKey{.content = 21, .seed = 4};
constexpr double kRate = 0.5, kDecay = 0.1, kBeta1 = 0.9, kBeta2 = 0.999, kEps = 1e-8;

at::Tensor encode_text(const LoadedClip& clip, const std::string& text) {
  const auto tokens = clip.tokenizer->frame(text, static_cast<size_t>(clip.clip.text().context()));
  return clip.clip.text().encode(at::tensor(tokens, at::kLong).unsqueeze(0)).detach();
}

TEST(Article, FourStepsFollowItsFormulas) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto keyframe = scenes::parse_scene(kScene, "test.toml").keyframes.front();
  const auto& options = keyframe.optimize;
  const auto& clip = models.clips(options.precision).front();
  const auto& vqgan = models.vqgan(options.precision);
  const Cutouts cutouts(options, clip.clip.config().resolution, kArticleKey);
  const auto start = make_start(keyframe, models, {8, 8}, kArticleKey, std::nullopt).latent;
  std::vector<Guide> guides;
  guides.push_back(
      {.encoder = clip.clip.image(),
       .weight = 1,
       .objective = Objective(make_targets(keyframe, clip, cutouts, 64, 64), options.loss),
       .cutouts = cutouts});
  KeyframeOptimizer optimizer(vqgan, std::move(guides), options, start, 4);

  // z0 = sin(0.5 n): within [-1, 1], and not a row of codes.
  EXPECT_LE(start.z().abs().max().item<double>(), 1);
  auto include =
      encode_text(clip, "a red apple on a blue background") + encode_text(clip, "watercolor");
  include = include / include.norm();
  const auto exclude = encode_text(clip, "a gray background");
  auto z = start.z().clone();
  auto m = at::zeros_like(z), v = at::zeros_like(z);
  const StopToken never;
  for (int step = 1; step <= 4; ++step) {
    auto variable = z.detach().clone().requires_grad_();
    const auto image = (vqgan.decode(variable).clamp(-1, 1) + 1) / 2;  // not quantized
    const auto crops = cutouts.cut(cutouts.prepare(image, step - 1), step - 1, 0, 6);
    const auto features = clip.clip.image().encode(crops);
    const auto loss = (at::cosine_similarity(features, include, 1, 1e-8).neg() +
                       0.5 * at::cosine_similarity(features, exclude, 1, 1e-8))
                          .mean();
    loss.backward();
    const auto g = variable.grad();
    m = kBeta1 * m + (1 - kBeta1) * g;
    v = kBeta2 * v + (1 - kBeta2) * g * g;
    const auto m_hat = m / (1 - std::pow(kBeta1, step)), v_hat = v / (1 - std::pow(kBeta2, step));
    z = (z * (1 - kRate * kDecay) - kRate * m_hat / (v_hat.sqrt() + kEps)).detach();

    EXPECT_NEAR(optimizer.step(never).loss, loss.item<double>(), 2e-4) << "step " << step;
    // The first step is the sign of the gradient, so a cell whose gradient is all but 0 may differ.
    const auto same = (optimizer.state().at("z") - z).abs().lt(2e-2).to(at::kDouble).mean();
    EXPECT_GT(same.item<double>(), 0.995) << "step " << step;
    z = optimizer.state().at("z").clone();
    m = optimizer.state().at("rule.m").clone();
    v = optimizer.state().at("rule.v").clone();
  }
}

}  // namespace
}  // namespace latentreel::render
