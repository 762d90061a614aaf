// Pins what kNumericsVersion stands for: three iterations of the first pair with each cutter, and
// what came of them. Instruction sets round differently, which moves the losses by about 1e-6; and
// since a first step is hardly more than the gradient's sign, a cell whose gradient is all but 0
// may step the other way. The tolerances leave room for some of those. A changed algorithm, draw or
// default moves all of it, and far more.
//
// Where these numbers change on purpose: raise kNumericsVersion, run
//
//   build/tests/optimize/optimize_tests --gtest_filter='*Numerics*'
//
// and copy each "now" below.

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "src/optimize/keyframe_optimizer.h"
#include "src/optimize/prompts.h"
#include "src/optimize/starts.h"
#include "src/plan/keyframe_hash.h"
#include "tests/optimize/tiny_pair.h"

namespace latentreel::render {
namespace {

constexpr int kPinnedVersion = 4;

constexpr int kIterations = 3;
constexpr double kLossTolerance = 2e-5;
constexpr double kCellTolerance = 2e-2;  // of a number of the latent
constexpr double kSumTolerance = 2e-2;   // of its sum and norm, as a part of the norm

// What three iterations leave.
struct Pinned {
  std::string cutter;
  std::vector<double> losses;  // before each step
  double sum = 0, norm = 0;    // of the latent after the last
  std::vector<double> latent;  // its first numbers
};

std::ostream& operator<<(std::ostream& out, const Pinned& pinned) {
  return out << pinned.cutter;
}

std::string text(const Pinned& p) {
  return fmt::format("{{\"{}\", {{{:.6f}}}, {:.4f}, {:.4f}, {{{:.4f}}}}}", p.cutter,
                     fmt::join(p.losses, ", "), p.sum, p.norm, fmt::join(p.latent, ", "));
}

scenes::Keyframe pinned_keyframe(const std::string& cutter) {
  constexpr const char* kScene = R"(
[optimize]
cutouts = 6
seed = 9
precision = "float32"
extra = "watercolor"
exclude = ["a gray background"]
start_weight = 0.1
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
)";
  const auto recipe = cutter == "padded" ? "article" : "notebook";
  return scenes::parse_scene(kScene, "test.toml",
                             {{"optimize.recipe", recipe}, {"optimize.cutter", cutter}})
      .keyframes.front();
}

// In cells. Beyond CLIP's own 64 pixels, so that crops and pooled pictures are not the whole; but
// there the padded cutter leaves cells that no crop has seen, whose steps are rounding alone.
Grid grid_for(const std::string& cutter) {
  return cutter == "padded" ? Grid{.height = 8, .width = 8} : Grid{.height = 10, .width = 12};
}

Pinned now(const std::string& cutter) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto keyframe = pinned_keyframe(cutter);
  const auto& options = keyframe.optimize;
  const auto& clip = models.clips(options.precision).front();
  const RandomKey key{.content = content_hash(keyframe, *clip.tokenizer), .seed = options.seed};
  const Cutouts cutouts(options, clip.clip.config().resolution, key);
  const auto grid = grid_for(cutter);
  const auto factor = models.vqgan_config().factor();
  const auto width = static_cast<int>(grid.width * factor);
  const auto height = static_cast<int>(grid.height * factor);
  const auto start = make_start(keyframe, models, grid, key, std::nullopt);
  std::vector<Guide> guides;
  guides.push_back(
      {.encoder = clip.clip.image(),
       .weight = 1,
       .objective = Objective(make_targets(keyframe, clip, cutouts, width, height), options.loss),
       .cutouts = cutouts});
  KeyframeOptimizer optimizer(models.vqgan(options.precision), std::move(guides), options,
                              start.latent, kCutoutChunk);
  Pinned found{.cutter = cutter};
  const StopToken never;
  for (int i = 0; i < kIterations; ++i) found.losses.push_back(optimizer.step(never).loss);
  const auto z = optimizer.state().at("z").to(at::kDouble).flatten();
  found.sum = z.sum().item<double>();
  found.norm = z.norm().item<double>();
  for (int64_t i = 0; i < 6; ++i) found.latent.push_back(z[i].item<double>());
  return found;
}

bool alike(const Pinned& a, const Pinned& b) {
  const auto near = [](const std::vector<double>& x, const std::vector<double>& y, double most) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [&](double p, double q) { return std::abs(p - q) <= most; });
  };
  return near(a.losses, b.losses, kLossTolerance) && near(a.latent, b.latent, kCellTolerance) &&
         std::abs(a.norm - b.norm) <= kSumTolerance * a.norm &&
         std::abs(a.sum - b.sum) <= kSumTolerance * a.norm;
}

class Numerics : public ::testing::TestWithParam<Pinned> {};

TEST_P(Numerics, AreThoseOfTheirVersion) {
  EXPECT_EQ(kNumericsVersion, kPinnedVersion) << "These numbers are pinned for another version.";
  const auto found = now(GetParam().cutter);
  EXPECT_TRUE(alike(found, GetParam()))
      << "The same scene gives another latent than before. If that is meant, raise "
         "kNumericsVersion (src/plan/keyframe_hash.h), so that what was kept under the old "
         "numbers is not taken for the new, and pin what comes now.\n  pinned "
      << text(GetParam()) << "\n  now    " << text(found);
}

const std::vector<Pinned> kPinned = {
    {"padded",
     {0.062000, 0.078068, -0.017598},
     -49.3437,
     38.5671,
     {0.0499, 0.2985, -0.3170, 1.0682, -0.5648, -0.7682}},
    {"crops",
     {0.748170, 0.720591, 0.691201},
     -259.4401,
     110.7458,
     {-0.5113, -0.3013, -0.0087, 0.9336, -0.5458, -0.1876}},
    {"pooled",
     {0.749005, 0.752387, 0.683669},
     -228.5839,
     110.8634,
     {-0.5726, -0.3129, -0.1014, 0.9404, -0.5692, -0.1897}},
};

INSTANTIATE_TEST_SUITE_P(Cutters, Numerics, ::testing::ValuesIn(kPinned),
                         [](const auto& test) { return test.param.cutter; });

}  // namespace
}  // namespace latentreel::render
