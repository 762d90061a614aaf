#include "src/frames/latent_path.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scenes/frame_script.h"

namespace latentreel::render {
namespace {

using scenes::InterpolateOptions;
using scenes::PathKind;
using scenes::RationalTime;

scenes::Scene scene_with(std::vector<std::pair<int, int>> at_and_hold, bool loop = false) {
  scenes::Scene scene;
  scene.interpolate.loop = loop;
  for (const auto& [at, hold] : at_and_hold) {
    scenes::Keyframe keyframe;
    keyframe.at = RationalTime(at, 1);
    keyframe.hold = RationalTime(hold, 1);
    scene.keyframes.push_back(keyframe);
  }
  if (loop) scene.video.duration = RationalTime(at_and_hold.back().first + 2, 1);
  return scene;
}

std::vector<Latent> latents(int count) {
  std::vector<Latent> list;
  for (int i = 0; i < count; ++i) {
    list.emplace_back(at::sin(at::arange(48, at::kFloat) * (i + 1)).view({1, 3, 4, 4}));
  }
  return list;
}

// The latents of a scene's frames.
struct Film {
  Film(scenes::Scene scene, const InterpolateOptions& options, std::vector<Latent> keys)
      : script(scenes::Timeline(scene), with(scene, options)), path(std::move(keys)) {}

  at::Tensor at(int64_t frame) const { return path.at(script.at(frame)); }
  at::Tensor between(std::size_t interval, double amount) const {
    return path.at(script.between(interval, amount));
  }

  static const scenes::Scene& with(scenes::Scene& scene, const InterpolateOptions& options) {
    scene.interpolate = options;
    return scene;
  }

  scenes::FrameScript script;
  LatentPath path;
};

TEST(Spherical, IsExactAtItsEndsAndKeepsLengthAndAngle) {
  const auto a = at::tensor({1.0f, 0.0f}).view({1, 2, 1, 1});
  const auto b = at::tensor({0.0f, 1.0f}).view({1, 2, 1, 1});
  EXPECT_TRUE(at::equal(spherical(a, b, 0), a));
  EXPECT_TRUE(at::equal(spherical(a, b, 1), b));
  for (const double t : {0.1, 0.25, 0.5, 0.9}) {
    const auto z = spherical(a, b, t).flatten();
    EXPECT_NEAR(z[0].item<double>(), std::cos(t * M_PI / 2), 1e-6);
    EXPECT_NEAR(z[1].item<double>(), std::sin(t * M_PI / 2), 1e-6);
  }
}

TEST(Spherical, OfParallelOrZeroLatentsIsLinear) {
  const auto a = at::ones({1, 2, 2, 2});
  EXPECT_TRUE(at::allclose(spherical(a, a * 3, 0.5), a * 2));
  EXPECT_TRUE(at::allclose(spherical(a, -a, 0.25), a * 0.5));
  EXPECT_TRUE(at::allclose(spherical(a, at::zeros_like(a), 0.25), a * 0.75));
}

TEST(Spherical, ByCellIsThatOfEveryCell) {
  const auto keys = latents(2);
  auto a = keys[0].z().clone(), b = keys[1].z().clone();
  b.select(2, 0).select(2, 0).zero_();                                 // a zero cell
  b.select(2, 1).select(2, 1).copy_(a.select(2, 1).select(2, 1) * 2);  // a parallel one
  const auto amounts = at::arange(16, at::kFloat).div(15).view({1, 1, 4, 4});
  const auto z = spherical_by_cell(a, b, amounts);
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t j = 0; j < 4; ++j) {
      const auto cell = [&](const at::Tensor& x) { return x.narrow(2, i, 1).narrow(3, j, 1); };
      const double amount = amounts[0][0][i][j].item<double>();
      EXPECT_TRUE(at::allclose(cell(z), spherical(cell(a), cell(b), amount), 1e-4, 1e-5))
          << i << ", " << j;
    }
  }
}

// Which cells are still the first keyframe's, and which already the second one's.
TEST(LatentPath, RisesFromBelowAndBloomsFromTheMiddle) {
  std::vector<Latent> keys;
  for (int i = 0; i < 2; ++i) {
    keys.emplace_back(at::cos(at::arange(2 * 9 * 9, at::kFloat) * (i + 2)).view({1, 2, 9, 9}));
  }
  const auto scene = scene_with({{0, 0}, {2, 0}});
  const auto halfway = [&](PathKind kind) {
    return Film(scene, {.path = kind}, keys).between(0, 0.5);
  };
  const auto same = [](const at::Tensor& x, const at::Tensor& y, int64_t row, int64_t column) {
    return at::allclose(x.select(2, row).select(2, column), y.select(2, row).select(2, column));
  };
  const auto &a = keys[0].z(), &b = keys[1].z();
  const auto risen = halfway(PathKind::rise);
  for (const int64_t column : {0, 4, 8}) {
    EXPECT_TRUE(same(risen, a, 0, column)) << column;
    EXPECT_TRUE(same(risen, b, 8, column)) << column;
    EXPECT_FALSE(same(risen, a, 4, column)) << column;
    EXPECT_FALSE(same(risen, b, 4, column)) << column;
  }
  const auto bloomed = halfway(PathKind::bloom);
  EXPECT_TRUE(same(bloomed, b, 4, 4));
  for (const int64_t corner : {0, 8}) EXPECT_TRUE(same(bloomed, a, corner, 8 - corner));
}

TEST(LatentPath, IsExactAtKeyframesAndThroughHolds) {
  const auto keys = latents(3);
  const auto scene = scene_with({{0, 0}, {2, 1}, {5, 0}});
  for (const auto kind :
       {PathKind::linear, PathKind::spherical, PathKind::spline, PathKind::rise, PathKind::bloom}) {
    const Film path(scene, {.path = kind}, keys);
    EXPECT_TRUE(at::equal(path.at(0), keys[0].z()));
    for (int64_t frame = 48; frame <= 72; ++frame) {
      EXPECT_TRUE(at::equal(path.at(frame), keys[1].z())) << frame;
    }
    EXPECT_TRUE(at::equal(path.at(120), keys[2].z()));
    EXPECT_FALSE(at::equal(path.at(24), keys[0].z()));
  }
}

TEST(LatentPath, LinearWithoutEasingIsTheChord) {
  const auto keys = latents(2);
  const Film path(scene_with({{0, 0}, {1, 0}}),
                  {.path = PathKind::linear, .easing = scenes::Easing::linear}, keys);
  EXPECT_TRUE(at::allclose(path.at(6), keys[0].z() * 0.75 + keys[1].z() * 0.25));
}

// A straight line at even speed is its own spline.
TEST(LatentPath, SplineOfAStraightLineIsTheLine) {
  const auto direction = at::sin(at::arange(48, at::kFloat)).view({1, 3, 4, 4});
  std::vector<Latent> keys;
  for (int i = 0; i < 4; ++i) keys.emplace_back(direction * i);
  const Film path(scene_with({{0, 0}, {1, 0}, {2, 0}, {3, 0}}),
                  {.path = PathKind::spline, .easing = scenes::Easing::linear}, keys);
  for (const int frame : {5, 24, 30, 40, 65}) {
    EXPECT_TRUE(at::allclose(path.at(frame), direction * (frame / 24.0), 1e-4, 1e-5)) << frame;
  }
}

// The slopes on both sides of a keyframe, a frame, are the same.
TEST(LatentPath, SplineHasNoKinkAtAKeyframe) {
  const auto keys = latents(4);
  const Film path(scene_with({{0, 0}, {10, 0}, {14, 0}, {20, 0}}), {.path = PathKind::spline},
                  keys);
  constexpr double kStep = 1.0 / 256;
  for (const size_t index : {0, 1}) {
    const auto& intervals = path.script.timeline().intervals();
    const auto frames = [&](size_t i) {
      return static_cast<double>(intervals[i].last - intervals[i].first);
    };
    const auto before = (path.between(index, 1) - path.between(index, 1 - kStep)) / frames(index);
    const auto after =
        (path.between(index + 1, kStep) - path.between(index + 1, 0)) / frames(index + 1);
    EXPECT_LT((before - after).abs().max().item<double>(),
              0.05 * before.abs().max().item<double>());
  }
}

TEST(LatentPath, LoopsBackToTheFirst) {
  const auto keys = latents(2);
  const Film path(scene_with({{0, 0}, {2, 0}}, true),
                  {.path = PathKind::linear, .easing = scenes::Easing::linear, .loop = true}, keys);
  ASSERT_EQ(path.script.timeline().frame_count(), 96);
  EXPECT_TRUE(at::equal(path.at(48), keys[1].z()));
  EXPECT_TRUE(at::allclose(path.at(72), (keys[0].z() + keys[1].z()) * 0.5));
  const auto step = (path.at(95) - keys[0].z()).abs().max().item<double>();
  EXPECT_LT(step, 2.0 / 48 + 1e-6);  // the frame after the last would be frame 0
}

TEST(Pace, InvertsWhatWasMeasured) {
  const Pace pace{.change = {0, 0.5, 0.5, 1}};
  EXPECT_DOUBLE_EQ(pace.amount_at(0), 0);
  EXPECT_DOUBLE_EQ(pace.amount_at(1), 1);
  EXPECT_DOUBLE_EQ(pace.amount_at(0.25), 0.5 / 3);
  EXPECT_DOUBLE_EQ(pace.amount_at(0.75), 2.5 / 3);
  EXPECT_DOUBLE_EQ(Pace{}.amount_at(0.3), 0.3);
  double last = 0;
  for (int i = 0; i <= 100; ++i) {
    const double amount = pace.amount_at(i / 100.0);
    EXPECT_GE(amount, last);
    last = amount;
  }
}

TEST(Pulse, ThatDoesNothingChangesNothing) {
  const LatentPath path(latents(2));
  const scenes::FrameSpec plain{.from = 0, .to = 1, .interval = 0, .amount = 0.3};
  auto pulsed = plain;
  pulsed.pulse = {.amount = 0, .towards = 1};
  EXPECT_TRUE(at::equal(path.at(plain), path.at(pulsed)));
}

TEST(Pulse, GoesToAnotherKeyframe) {
  const auto keys = latents(2);
  const LatentPath path(keys);
  scenes::FrameSpec frame{.pulse = {.amount = 1, .towards = 1}};
  EXPECT_TRUE(at::equal(path.at(frame), keys[1].z()));
  frame.pulse.amount = 0.25;
  EXPECT_TRUE(at::equal(path.at(frame), spherical(keys[0].z(), keys[1].z(), 0.25)));
}

TEST(Pulse, GoesToNoiseAsSpreadAsTheLatent) {
  const auto z = at::sin(at::arange(3 * 64 * 64, at::kFloat)).view({1, 3, 64, 64}) *
                     at::tensor({0.5F, 1.0F, 2.0F}).view({1, 3, 1, 1}) +
                 at::tensor({0.0F, 3.0F, -1.0F}).view({1, 3, 1, 1});
  const LatentPath path({Latent(z)});
  const auto noise = [&](std::int64_t seed) {
    return path.at({.pulse = {.amount = 1, .seed = seed}});
  };
  EXPECT_TRUE(at::equal(noise(1), noise(1)));
  EXPECT_FALSE(at::allclose(noise(1), noise(2)));
  EXPECT_TRUE(at::allclose(noise(1).mean({0, 2, 3}), z.mean({0, 2, 3}), 0, 0.1));
  EXPECT_TRUE(at::allclose(noise(1).std({0, 2, 3}, 0), z.std({0, 2, 3}, 0), 0.05));
  EXPECT_FALSE(at::allclose(noise(1), z, 0, 0.5));
}

}  // namespace
}  // namespace latentreel::render
