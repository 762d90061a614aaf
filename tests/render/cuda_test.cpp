// What a CUDA device computes, beside the CPU: the networks, the cutouts, a step, a film. All of
// these tests end in _CUDA and pass over a machine without such a device. Those of the networks
// stand here, too, since this room is the lowest that can make CUDA reachable.

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "scenes/recipes.h"
#include "src/render/keyframe_optimizer.h"
#include "src/render/prompts.h"
#include "src/render/starts.h"
#include "tests/models/synthetic.h"
#include "tests/render/cuda_device.h"
#include "tests/render/tiny_pair.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using models::testing::test_image;
using scenes::Cutter;
using scenes::Precision;
using testing::cuda;

constexpr RandomKey kKey{.content = 17, .seed = 6};

// Looks for the device before any other test makes a tensor; loading CUDA takes seconds, so only
// where one of the tests to run asks for it.
class CudaBeforeTheFirstTensor : public ::testing::Environment {
 public:
  void SetUp() override {
    const auto& program = *::testing::UnitTest::GetInstance();
    for (int i = 0; i < program.total_test_suite_count(); ++i) {
      const auto& suite = *program.GetTestSuite(i);
      for (int j = 0; j < suite.total_test_count(); ++j) {
        const auto& test = *suite.GetTestInfo(j);
        if (test.should_run() && std::string(test.name()).ends_with("_CUDA")) cuda();
      }
    }
  }
};

[[maybe_unused]] const auto* const kEnvironment =
    ::testing::AddGlobalTestEnvironment(new CudaBeforeTheFirstTensor);

// The bundled pair twice: `here` on the CPU, `there` on the device.
class OnCuda : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cuda().device) GTEST_SKIP() << cuda().missing;
    there_machine = resolve_machine(*cuda().device, 2);
    here.emplace(testing::tiny_files(), testing::test_machine());
    there.emplace(testing::tiny_files(), there_machine);
  }

  Machine there_machine;
  std::optional<ModelPack> here, there;
};

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return at::cosine_similarity(a.flatten(), b.flatten(), 0).item<double>();
}

// The length of the difference as a part of the length: rounding and nothing else in float32.
double difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

struct Outcome {
  at::Tensor value, gradient;  // on the CPU
};

// What `network` makes of `input` on its device, and the gradient of a fixed mixture of that.
template <class Network>
Outcome outcome(const at::Tensor& input, const Network& network) {
  auto x = input.detach().clone().requires_grad_();
  const auto value = network(x);
  const auto mixture = at::sin(at::arange(value.numel(), at::kFloat)).view(value.sizes());
  (value * mixture.to(value.device())).sum().backward();
  return {value.detach().cpu(), x.grad().cpu()};
}

// --- Networks ------------------------------------------------------------------------------------

// Sums are taken in another order: in float32 that leaves 1e-4 of the length, in bfloat16, beside
// float32 on the CPU, a few per cent.
constexpr double kRounding = 1e-3, kBfloat16Rounding = 0.05;

TEST_F(OnCuda, VqganDecodesLikeTheCpu_CUDA) {
  const auto& exact = here->vqgan(Precision::float32);
  const auto codes = (at::arange(64, at::kLong) * 61).remainder(exact.config().codes);
  const auto z = exact.embed_codes(codes.view({1, 8, 8}));
  const auto decode = [&](const models::Vqgan& vqgan) {
    return outcome(z, [&](const at::Tensor& x) { return vqgan.decode(x); });
  };
  const auto expected = decode(exact);
  const auto got = decode(there->vqgan(Precision::float32));
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
  const auto fast = decode(there->vqgan(Precision::bfloat16));
  EXPECT_LT(difference(fast.value, expected.value), kBfloat16Rounding);
  EXPECT_GT(cosine(fast.gradient, expected.gradient), 0.99);
}

TEST_F(OnCuda, VqganEncodesLikeTheCpu_CUDA) {
  const auto image = test_image(3, 64, 64);
  const auto encode = [&](const models::Vqgan& vqgan) {
    return outcome(image, [&](const at::Tensor& x) { return vqgan.encode(x); });
  };
  const auto expected = encode(here->vqgan(Precision::float32));
  const auto got = encode(there->vqgan(Precision::float32));
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
  const auto fast = encode(there->vqgan(Precision::bfloat16));
  EXPECT_LT(difference(fast.value, expected.value), kBfloat16Rounding);
}

TEST_F(OnCuda, QuantizesToTheSameCodes_CUDA) {
  const auto& vqgan = there->vqgan(Precision::bfloat16);  // the codebook stays exact
  const auto codes = (at::arange(64, at::kLong) * 61).remainder(vqgan.config().codes);
  const auto z = vqgan.embed_codes(codes.view({1, 8, 8}));
  EXPECT_TRUE(at::equal(vqgan.nearest_codes(z).cpu(), codes.view({1, 8, 8})));
  EXPECT_TRUE(
      at::equal(z.cpu(), here->vqgan(Precision::float32).embed_codes(codes.view({1, 8, 8}))));
}

TEST_F(OnCuda, ClipEncodesLikeTheCpu_CUDA) {
  const auto& exact = here->clips(Precision::float32).front();
  const auto side = exact.clip.config().resolution;
  const auto images = at::cat({test_image(3, side, side), test_image(3, side, side).flip({3})});
  const auto encode = [&](const LoadedClip& loaded) {
    return outcome(images, [&](const at::Tensor& x) { return loaded.clip.image().encode(x); });
  };
  const auto expected = encode(exact);
  const auto got = encode(there->clips(Precision::float32).front());
  EXPECT_LT(difference(got.value, expected.value), kRounding);
  EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
  const auto fast = encode(there->clips(Precision::bfloat16).front());
  EXPECT_LT(difference(fast.value, expected.value), kBfloat16Rounding);
  EXPECT_GT(cosine(fast.gradient, expected.gradient), 0.95);

  const auto context = static_cast<size_t>(exact.clip.config().context);
  const auto tokens =
      at::tensor(exact.tokenizer->frame("a red heart", context), at::kLong).unsqueeze(0);
  const auto& far = there->clips(Precision::bfloat16).front();  // its text tower is float32
  EXPECT_LT(difference(far.clip.text().encode(tokens).cpu(), exact.clip.text().encode(tokens)),
            kRounding);
}

// --- Cutouts -------------------------------------------------------------------------------------

// Parameters are drawn on the host, so both see the same squares and motions; noise alone comes
// from the device's own generator. Sampling the nearest pixel is left out: at the border between
// two a rounding decides.
TEST_F(OnCuda, CutoutsAreThoseOfTheCpu_CUDA) {
  for (const auto cutter : {Cutter::padded, Cutter::crops, Cutter::pooled}) {
    SCOPED_TRACE(static_cast<int>(cutter));
    auto options = scenes::recipe(cutter == Cutter::padded ? "article" : "notebook");
    options.cutter = cutter;
    options.cutouts = 7;
    options.noise = 0;
    for (auto& augment : options.augment) augment.nearest = false;
    const Cutouts cutouts(options, 32, kKey);
    for (const int64_t iteration : {0, 1, 2}) {
      const auto cut = [&](const at::Tensor& image) {
        return outcome(image, [&](const at::Tensor& x) {
          const auto base = cutouts.prepare(x, iteration);
          return cutouts.cut(base, iteration, 0, 7);
        });
      };
      const auto expected = cut(test_image(3, 64, 80));
      const auto got = cut(test_image(3, 64, 80).to(*cuda().device));
      EXPECT_LT((got.value - expected.value).abs().max().item<double>(), 1e-3);
      EXPECT_GT(cosine(got.gradient, expected.gradient), 0.9999);
    }
  }
}

TEST_F(OnCuda, NoiseDoesNotDependOnTheChunk_CUDA) {
  auto options = scenes::recipe("notebook");
  options.cutouts = 6;
  const Cutouts cutouts(options, 32, kKey);
  const auto like = at::zeros({1}, at::TensorOptions(*cuda().device));
  const auto all = cutouts.noise(like, 3, 0, 6);
  EXPECT_EQ(all.device().type(), at::kCUDA);
  EXPECT_TRUE(at::equal(cutouts.noise(like, 3, 2, 3), all.narrow(0, 2, 3)));
  EXPECT_FALSE(at::equal(cutouts.noise(like, 4, 0, 6), all));
  EXPECT_LT(all.std().item<double>(), options.noise);
  EXPECT_GT(all.std().item<double>(), 0.1 * options.noise);
}

// --- Optimizing and rendering --------------------------------------------------------------------

struct Step {
  double loss = 0;
  at::Tensor gradient;
};

// The first iteration of `keyframe` with these networks: its loss and gradient, before the step.
Step first_step(const scenes::Keyframe& keyframe, ModelPack& models) {
  const auto precision = keyframe.optimize.precision;
  const auto& loaded = models.clips(precision).front();
  const Cutouts cutouts(keyframe.optimize, loaded.clip.config().resolution, kKey);
  const auto start = make_start(keyframe, models, {8, 8}, kKey, std::nullopt);
  std::vector<Guide> guides;
  guides.push_back({.encoder = loaded.clip.image(),
                    .weight = 1,
                    .objective = Objective(make_targets(keyframe, loaded, cutouts, 64, 64),
                                           keyframe.optimize.loss),
                    .cutouts = cutouts});
  KeyframeOptimizer optimizer(models.vqgan(precision), std::move(guides), keyframe.optimize,
                              start.latent, kCutoutChunk);
  Step step;
  optimizer.observe([&](const GradientView& view) { step.gradient = view.z_gradient.cpu(); });
  const StopToken never;
  step.loss = optimizer.step(never).loss;
  return step;
}

TEST_F(OnCuda, AStepHasTheLossAndGradientOfTheCpu_CUDA) {
  for (const auto* cutter : {"padded", "crops", "pooled"}) {
    SCOPED_TRACE(cutter);
    const auto recipe = cutter == std::string("padded") ? "article" : "notebook";
    auto keyframe =
        scenes::parse_scene(R"(
[video]
size = "64x64"
[optimize]
cutouts = 6
noise = 0
seed = 3
precision = "float32"
exclude = ["a gray background"]
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
)",
                            "test.toml", {{"optimize.recipe", recipe}, {"optimize.cutter", cutter}})
            .keyframes.front();
    for (auto& augment : keyframe.optimize.augment) augment.nearest = false;
    const auto expected = first_step(keyframe, *here);
    const auto got = first_step(keyframe, *there);
    EXPECT_NEAR(got.loss, expected.loss, 1e-3);
    EXPECT_GT(cosine(got.gradient, expected.gradient), 0.999);
    keyframe.optimize.precision = Precision::bfloat16;
    const auto fast = first_step(keyframe, *there);
    EXPECT_NEAR(fast.loss, expected.loss, 0.02);
    EXPECT_GT(cosine(fast.gradient, expected.gradient), 0.9);
  }
}

TEST_F(OnCuda, AFilmIsFinished_CUDA) {
  const auto folder = fs::temp_directory_path() / ("latentreel-cuda-" + std::to_string(getpid()));
  fs::create_directories(folder);
  auto job = testing::job_for(testing::small_scene());
  job.machine = there_machine;
  NoProgress silent;
  const StopToken never;
  const auto summary = render_film(job, folder / "film.mp4", silent, never);
  EXPECT_EQ(summary.film.frames, 9);
  EXPECT_TRUE(fs::exists(folder / "film.mp4"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace latentreel::render
