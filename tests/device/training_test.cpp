// Steps of training on the device: what makes the bundled pair. Pictures are of one flat colour;
// what is looked at is that the first step is that of the CPU, that the others are made, and that a
// run goes on from its checkpoint.

#include <unistd.h>

#include "tests/device/on_device.h"
#include "tests/train/stages/small_stages.h"

namespace latentreel::testing {
namespace {

using training::testing::clip_settings;
using training::testing::flat_pairs;
using training::testing::flat_pictures;
using training::testing::loop_settings;
using training::testing::tokens_of;
using training::testing::vqgan_settings;

class TrainingOnDevice : public OnDevice {};

training::VqganStage vqgan_stage(at::Device device, bool bfloat16 = false) {
  auto settings = vqgan_settings();
  settings.device = device;
  settings.bfloat16 = bfloat16;
  settings.plain_part = 0.5;
  return {std::move(settings), flat_pictures, flat_pictures};
}

training::ClipStage clip_stage(at::Device device, bool bfloat16 = false) {
  auto settings = clip_settings();
  settings.device = device;
  settings.bfloat16 = bfloat16;
  auto small = vqgan_stage(at::kCPU);
  small.step(0, 0);
  const training::LoopNegatives loop(
      loop_settings(),
      [weights = small.result(), device] { return models::Vqgan(weights, {.device = device}); },
      32);
  return {std::move(settings), flat_pairs, flat_pairs, tokens_of({0, 1, 2, 3}).unsqueeze(0), loop};
}

void train(training::Stage& stage, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) {
    stage.step(i, static_cast<double>(i) / static_cast<double>(steps));
  }
}

// What a run keeps of itself, read from its checkpoint.
models::StateDict kept(const training::Stage& stage) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("latentreel-device-" + std::to_string(getpid()) + ".safetensors");
  models::StateDict(stage.state()).save_safetensors(file);
  auto state = models::StateDict::load_safetensors(file);
  std::filesystem::remove(file);  // what is mapped of it stays
  return state;
}

void expect_finite(const training::Stage& stage) {
  const auto result = stage.result();
  for (const auto& [name, tensor] : result.tensors()) {
    if (!tensor.is_floating_point()) continue;
    EXPECT_TRUE(at::isfinite(tensor).all().item<bool>()) << name;
  }
}

// That a run goes on from its checkpoint as it would have gone on.
template <class Make>
void expect_goes_on(const Make& make) {
  auto first = make(*under_test().device);
  train(first, 6);
  auto second = make(*under_test().device);
  second.restore(kept(first));
  const auto expected = first.step(6, 0.9), got = second.step(6, 0.9);
  const double rounding = under_test().device->is_cuda() ? 1e-3 : 1e-5;  // CUDA's sums vary
  EXPECT_NEAR(got.at("loss"), expected.at("loss"), rounding);
}

TEST_F(TrainingOnDevice, AVqganTakesTheStepsOfTheCpu) {
  auto near = vqgan_stage(at::kCPU), far = vqgan_stage(*under_test().device);
  EXPECT_NEAR(far.step(0, 0).at("loss"), near.step(0, 0).at("loss"), 1e-3);
  EXPECT_NEAR(far.test().at("psnr"), near.test().at("psnr"), 0.1);
  train(far, 6);  // its codebook begins in the middle
  far.test();
  expect_finite(far);
}

TEST_F(TrainingOnDevice, AClipTakesTheStepsOfTheCpu) {
  auto near = clip_stage(at::kCPU), far = clip_stage(*under_test().device);
  EXPECT_NEAR(far.step(0, 0).at("loss"), near.step(0, 0).at("loss"), 1e-3);
  train(far, 6);
  EXPECT_EQ(far.step(6, 0.9).count("loop"), 1u);
  far.test();
  expect_finite(far);
}

TEST_F(TrainingOnDevice, GoesOn) {
  expect_goes_on([](at::Device device) { return vqgan_stage(device); });
  expect_goes_on([](at::Device device) { return clip_stage(device); });
}

TEST_F(TrainingOnDevice, LearnsInBfloat16) {
  auto vqgan = vqgan_stage(*under_test().device, true);
  train(vqgan, 4);
  expect_finite(vqgan);
  auto clip = clip_stage(*under_test().device, true);
  train(clip, 4);
  expect_finite(clip);
}

}  // namespace
}  // namespace latentreel::testing
