// That the fake device is as strict as a real one, and what happens where its memory is short.

#include "tests/device/fake/fake_device.h"

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <torch/csrc/autograd/autograd.h>

#include <thread>

#include "models/ops/device_graph.h"
#include "scenes/scene_reader.h"
#include "src/optimize/keyframes.h"
#include "src/optimize/memory.h"
#include "tests/device/on_device.h"

namespace latentreel::testing {
namespace {

at::TensorOptions there() {
  return at::TensorOptions(fake_device());
}

at::Tensor numbers(std::initializer_list<float> values) {
  return at::tensor(at::ArrayRef<float>(values.begin(), values.size())).to(fake_device());
}

TEST(FakeDevice, ComputesAndGivesBack) {
  const auto x = numbers({1, 2, 3, 4}).view({2, 2});
  const auto y = (at::matmul(x, x.t()) + 1).select(0, 1).cpu();
  EXPECT_TRUE(at::equal(y, at::tensor({12.0f, 26.0f})));
  EXPECT_EQ(x.device(), fake_device());
  EXPECT_EQ(x.sum().item<float>(), 10);
}

TEST(FakeDevice, EndsWhoeverReadsItsMemory) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto x = numbers({1, 2, 3});
  EXPECT_DEATH(std::printf("%f", static_cast<double>(*x.const_data_ptr<float>())), "");
}

TEST(FakeDevice, RefusesTensorsOfTwoDevices) {
  const auto x = numbers({1, 2, 3});
  EXPECT_THROW(x + at::ones({3}), c10::Error);
  EXPECT_THROW(at::cat({x, at::ones({3})}), c10::Error);
  EXPECT_THROW(at::embedding(x.view({3, 1}), at::tensor({1})), c10::Error);
  EXPECT_NO_THROW(x + at::scalar_tensor(1));
  EXPECT_THROW(at::scalar_tensor(1).add_(x[0]), c10::Error);
  EXPECT_THROW(x.index_select(0, at::scalar_tensor(1, at::kLong)), c10::Error);
  EXPECT_NO_THROW(x.index({at::tensor({1})}));
  EXPECT_THROW(at::ones({3}).index({numbers({1}).to(at::kLong)}), c10::Error);
}

TEST(FakeDevice, RefusesNormsOfTwoTypes) {
  const auto x = at::ones({1, 4, 2, 2}, there()).to(at::kBFloat16);
  const auto weight = at::ones({4}, there());
  EXPECT_THROW(at::group_norm(x, 2, weight, weight), c10::Error);
  EXPECT_NO_THROW(at::group_norm(x, 2, weight.to(at::kBFloat16), weight.to(at::kBFloat16)));
}

TEST(FakeDevice, RefusesItsNeighbour) {
  const auto neighbour = at::ones({3}, at::TensorOptions(c10::kPrivateUse1));  // without a number
  EXPECT_EQ(neighbour.device().index(), 0);
  EXPECT_THROW(numbers({1, 2, 3}) + neighbour, c10::Error);
}

TEST(FakeDevice, RefusesAGeneratorOfTheHost) {
  auto x = at::empty({4}, there());
  EXPECT_THROW(x.normal_(0, 1, at::detail::createCPUGenerator(3)), c10::Error);
  auto generator = at::globalContext().defaultGenerator(fake_device()).clone();
  generator.set_current_seed(3);
  x.normal_(0, 1, generator);
  auto expected = at::empty({4});
  expected.normal_(0, 1, at::detail::createCPUGenerator(3));
  EXPECT_TRUE(at::equal(x.cpu(), expected));
}

TEST(FakeDevice, HasNoZerosInNewMemory) {
  EXPECT_TRUE(at::isnan(at::empty({5}, there())).all().item<bool>());
}

TEST(FakeDevice, ComputesGradientsOnAThreadOfItsOwn) {
  const auto x = numbers({1, 2, 3}).requires_grad_();
  std::thread::id thread;
  const auto y = x.square();
  y.register_hook([&](const at::Tensor&) { thread = std::this_thread::get_id(); });
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad().cpu(), at::tensor({2.0f, 4.0f, 6.0f})));
  EXPECT_NE(thread, std::this_thread::get_id());
}

// --- Captured work -------------------------------------------------------------------------------

using models::GraphedFunction;

TEST(GraphedFunction, GivesTheSameAsTheFunction) {
  int calls = 0;
  GraphedFunction graphed(
      [&](const at::Tensor& x) {
        ++calls;
        return (x.square() * 3).cumsum(0);
      },
      true);
  for (int i = 1; i <= 6; ++i) {
    const auto x = numbers({1.0f * static_cast<float>(i), 2, 3}).requires_grad_();
    const auto y = graphed(x);
    y.sum().backward();
    const auto first = 3.0f * static_cast<float>(i * i);
    EXPECT_TRUE(at::equal(y.cpu(), at::tensor({first, first + 12, first + 39}))) << i;
    EXPECT_TRUE(
        at::equal(x.grad().cpu(), at::tensor({18.0f * static_cast<float>(i), 24.0f, 18.0f})))
        << i;
  }
  EXPECT_EQ(calls, GraphedFunction::kCallsBefore + 1);
}

TEST(GraphedFunction, KeepsAGraphForEveryShape) {
  GraphedFunction graphed([](const at::Tensor& x) { return x * 2; }, true);
  for (int i = 0; i < 5; ++i) {
    for (const int64_t size : {2, 3}) {
      const auto x = at::full({size}, i, there()).to(at::kFloat).requires_grad_();
      const auto y = graphed(x);
      EXPECT_TRUE(at::equal(y.cpu(), at::full({size}, 2.0f * static_cast<float>(i))));
    }
  }
}

TEST(GraphedFunction, GivesOutputsThatStay) {
  GraphedFunction graphed([](const at::Tensor& x) { return x + 1; }, true);
  std::vector<at::Tensor> outputs;
  for (int i = 0; i < 5; ++i) {
    outputs.push_back(graphed(at::full({1}, i, there()).to(at::kFloat).requires_grad_()));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(outputs[static_cast<size_t>(i)].item<float>(), i + 1);
}

TEST(GraphedFunction, RefusesAGradientThatComesTooLate) {
  GraphedFunction graphed([](const at::Tensor& x) { return x.square(); }, true);
  at::Tensor first;
  for (int i = 0; i < 4; ++i) first = graphed(numbers({1, 2}).requires_grad_());
  graphed(numbers({3, 4}).requires_grad_());
  EXPECT_THROW(first.sum().backward(), c10::Error);
}

TEST(GraphedFunction, CannotCaptureWhatWaitsForItsDevice) {
  const auto attempt = [](const GraphedFunction::Function& function) {
    GraphedFunction graphed(function, true);
    for (int i = 0; i < 3; ++i) graphed(numbers({1, 2}).requires_grad_());
  };
  EXPECT_NO_THROW(attempt([](const at::Tensor& x) { return x * 2; }));
  EXPECT_THROW(attempt([](const at::Tensor& x) { return x * x.sum().item<float>(); }), c10::Error);
  EXPECT_THROW(attempt([](const at::Tensor& x) { return x + at::ones({2}).to(x.device()); }),
               c10::Error);
  EXPECT_THROW(attempt([](const at::Tensor& x) { return x.cpu().to(x.device()); }), c10::Error);
  EXPECT_THROW(attempt([](const at::Tensor& x) { return x.index({at::tensor({1})}); }), c10::Error);
}

TEST(GraphedFunction, ForgetsWhatWasCaptured) {
  int calls = 0;
  GraphedFunction graphed(
      [&](const at::Tensor& x) {
        ++calls;
        return x * 2;
      },
      true);
  for (int i = 0; i < 5; ++i) graphed(numbers({1}).requires_grad_());
  EXPECT_EQ(calls, GraphedFunction::kCallsBefore + 1);
  graphed.forget();
  for (int i = 0; i < 5; ++i) graphed(numbers({1}).requires_grad_());
  EXPECT_EQ(calls, 2 * (GraphedFunction::kCallsBefore + 1));
}

TEST(GraphedFunction, RunsAsItIsWhereNothingCanBeCaptured) {
  int calls = 0;
  const auto function = [&](const at::Tensor& x) {
    ++calls;
    return x * 2;
  };
  GraphedFunction off(function, false), on(function, true);
  for (int i = 0; i < 5; ++i) {
    off(numbers({1}).requires_grad_());
    on(numbers({1}));                    // no gradient is asked for
    on(at::ones({1}).requires_grad_());  // the CPU
  }
  EXPECT_EQ(calls, 15);
}

// --- Short memory --------------------------------------------------------------------------------

constexpr const char* kScene = R"(
[video]
size = "64x64"
[optimize]
iterations = 3
cutouts = 16
seed = 3
precision = "float32"
[[keyframe]]
at = 0
prompt = "a red apple on a white background"
)";

class ShortMemory : public OnDevice {
 protected:
  // Bytes beyond what is held that a step takes with chunks of so many cutouts.
  int64_t needed(int64_t chunk) {
    auto optimizer = begin(chunk);
    optimizer.step(never_);
    auto* const memory = c10::getDeviceAllocator(c10::kPrivateUse1);
    memory->resetPeakStats(1);
    const auto before = allocated().current;
    optimizer.step(never_);
    return allocated().peak - before;
  }

  static c10::CachingAllocator::Stat allocated() {
    return c10::getDeviceAllocator(c10::kPrivateUse1)
        ->getDeviceStats(1)
        .allocated_bytes[static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
  }

  render::KeyframeOptimizer begin(int64_t chunk) {
    render::KeyframeMaker maker(scene_, *there, there_machine, nullptr, quiet_, never_);
    auto optimizer = maker.begin(maker.passes(0).back(), std::nullopt);
    optimizer.set_chunk(chunk);
    return optimizer;
  }

  scenes::Scene scene_ = scenes::parse_scene(kScene, "test.toml", {});
  render::NoProgress quiet_;
  render::StopToken never_;
};

TEST_F(ShortMemory, HalvesTheChunk) {
  const auto few = needed(4), many = needed(16);
  ASSERT_LT(few, many);
  auto plain = begin(16), scarce = begin(16);
  plain.step(never_);
  std::vector<int64_t> halved;
  {
    const MemoryLimit limit(static_cast<size_t>((few + many) / 2));
    const auto step =
        render::step_within_memory(scarce, never_, [&](int64_t chunk) { halved.push_back(chunk); });
    EXPECT_NEAR(step.loss, plain.history()[0].loss, 1e-3);
  }
  ASSERT_FALSE(halved.empty());
  EXPECT_EQ(halved.front(), 8);
}

TEST_F(ShortMemory, IsAnErrorThatLosesNothing) {
  auto optimizer = begin(16);
  optimizer.step(never_);
  const auto before = optimizer.z();
  {
    const MemoryLimit limit(size_t{1} << 16);
    EXPECT_THROW(render::step_within_memory(optimizer, never_, [](int64_t) {}),
                 c10::OutOfMemoryError);
  }
  EXPECT_EQ(optimizer.history().size(), 1u);
  EXPECT_TRUE(at::equal(optimizer.z(), before));
  optimizer.step(never_);  // and goes on once there is memory again
}

}  // namespace
}  // namespace latentreel::testing
