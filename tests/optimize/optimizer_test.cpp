#include "src/optimize/optimizer.h"

#include <gtest/gtest.h>
#include <torch/optim.h>

#include <functional>
#include <memory>

namespace latentreel::render {
namespace {

using scenes::OptimizerKind;

at::Tensor start() {
  return at::sin(at::arange(24, at::kFloat)).view({2, 3, 4});
}
at::Tensor gradient(int step) {
  return at::cos(at::arange(24, at::kFloat) * (step + 1)).view({2, 3, 4});
}

// Runs our rule and LibTorch's beside each other for 20 steps.
void expect_like(OptimizerKind kind, double rate, double decay,
                 const std::function<std::unique_ptr<torch::optim::Optimizer>(at::Tensor)>& make) {
  Optimizer rule(kind, rate, decay);
  auto ours = start();
  auto theirs = start().requires_grad_();
  const auto reference = make(theirs);
  for (int step = 0; step < 20; ++step) {
    ours = rule.step(ours, gradient(step));
    theirs.mutable_grad() = gradient(step);
    reference->step();
    ASSERT_TRUE(at::allclose(ours, theirs, 1e-5, 1e-6)) << "step " << step;
  }
}

TEST(Optimizer, AdamIsLibTorchs) {
  expect_like(OptimizerKind::adam, 0.1, 0.01, [](at::Tensor z) {
    return std::make_unique<torch::optim::Adam>(std::vector<at::Tensor>{z},
                                                torch::optim::AdamOptions(0.1).weight_decay(0.01));
  });
}

TEST(Optimizer, AdamwIsLibTorchs) {
  expect_like(OptimizerKind::adamw, 0.5, 0.1, [](at::Tensor z) {
    return std::make_unique<torch::optim::AdamW>(std::vector<at::Tensor>{z},
                                                 torch::optim::AdamWOptions(0.5).weight_decay(0.1));
  });
}

TEST(Optimizer, AdagradIsLibTorchs) {
  expect_like(OptimizerKind::adagrad, 0.2, 0, [](at::Tensor z) {
    return std::make_unique<torch::optim::Adagrad>(std::vector<at::Tensor>{z},
                                                   torch::optim::AdagradOptions(0.2));
  });
}

TEST(Optimizer, RmspropIsLibTorchs) {
  expect_like(OptimizerKind::rmsprop, 0.02, 0, [](at::Tensor z) {
    return std::make_unique<torch::optim::RMSprop>(std::vector<at::Tensor>{z},
                                                   torch::optim::RMSpropOptions(0.02));
  });
}

// LibTorch has neither of these two in C++: the first steps, by hand from the papers.
TEST(Optimizer, AdamaxTakesThePapersFirstSteps) {
  Optimizer rule(OptimizerKind::adamax, 0.1, 0);
  auto z = at::zeros({1});
  z = rule.step(z, at::full({1}, 2.0));  // m = 0.2, u = 2: the step is the rate
  EXPECT_NEAR(z.item<double>(), -0.1, 1e-6);
  z = rule.step(z, at::full({1}, -1.0));  // m = 0.08, u = 1.998, correction 0.19
  EXPECT_NEAR(z.item<double>(), -0.1 - 0.1 / 0.19 * 0.08 / 1.998, 1e-6);
}

TEST(Optimizer, RadamIsMomentumUntilItsVarianceIsKnown) {
  Optimizer rule(OptimizerKind::radam, 0.1, 0);
  auto z = at::zeros({1});
  z = rule.step(z, at::full({1}, 2.0));
  EXPECT_NEAR(z.item<double>(), -0.2, 1e-6);  // rate * m / correction = 0.1 * 0.2 / 0.1
  for (int i = 0; i < 4; ++i) z = rule.step(z, at::full({1}, 2.0));
  const double before = z.item<double>();
  z = rule.step(z, at::full({1}, 2.0));  // the sixth: rho = 5.02 > 5, rectified
  const double b = std::pow(0.999, 6), inf = 1999, rho = inf - 12 * b / (1 - b);
  ASSERT_GT(rho, 5);
  const double r = std::sqrt((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho));
  EXPECT_NEAR(z.item<double>() - before, -0.1 * r, 1e-5);
}

// Adam where all numbers are alike; elsewhere they keep their proportions.
TEST(Optimizer, NormalizedMovesAsFarAsTheGradientAsks) {
  Optimizer adam(OptimizerKind::adam, 0.1, 0), normalized(OptimizerKind::normalized, 0.1, 0);
  auto a = at::zeros({2, 3}), b = at::zeros({2, 3});
  for (int step = 1; step <= 5; ++step) {
    const auto g = at::full({2, 3}, 0.3 * step);
    a = adam.step(a, g);
    b = normalized.step(b, g);
  }
  EXPECT_TRUE(at::allclose(a, b));

  Optimizer rule(OptimizerKind::normalized, 0.1, 0);
  const auto moved = rule.step(at::zeros({2}), at::tensor({3.0f, 0.0f}));
  EXPECT_NEAR(moved[0].item<double>(), -0.1 * std::sqrt(2.0), 1e-6);  // over the root of 9 / 2
  EXPECT_EQ(moved[1].item<double>(), 0);
}

TEST(Optimizer, TakesAPartOfItsRate) {
  for (const auto kind :
       {OptimizerKind::adam, OptimizerKind::adamw, OptimizerKind::adagrad, OptimizerKind::adamax,
        OptimizerKind::radam, OptimizerKind::rmsprop, OptimizerKind::normalized}) {
    Optimizer whole(kind, 0.1, 0.01), part(kind, 0.2, 0.01);
    EXPECT_TRUE(
        at::allclose(whole.step(start(), gradient(0)), part.step(start(), gradient(0), 0.5)))
        << static_cast<int>(kind);
    EXPECT_EQ(part.learning_rate(), 0.2);
  }
}

TEST(Optimizer, ContinuesFromItsStateToTheSameBits) {
  for (const auto kind :
       {OptimizerKind::adam, OptimizerKind::adamw, OptimizerKind::adagrad, OptimizerKind::adamax,
        OptimizerKind::radam, OptimizerKind::rmsprop, OptimizerKind::normalized}) {
    Optimizer whole(kind, 0.1, 0.01), first(kind, 0.1, 0.01);
    auto a = start(), b = start();
    for (int step = 0; step < 7; ++step) {
      a = whole.step(a, gradient(step));
      b = first.step(b, gradient(step));
    }
    Optimizer second(kind, 99, 0.01);  // the rate is part of the state
    second.restore(first.state());
    for (int step = 7; step < 12; ++step) {
      a = whole.step(a, gradient(step));
      b = second.step(b, gradient(step));
    }
    EXPECT_TRUE(at::equal(a, b)) << static_cast<int>(kind);
  }
}

TEST(Optimizer, LeavesItsArgumentsAlone) {
  Optimizer rule(OptimizerKind::adam, 0.1, 0);
  const auto z = start(), g = gradient(0);
  rule.step(z, g);
  EXPECT_TRUE(at::equal(z, start()));
  EXPECT_TRUE(at::equal(g, gradient(0)));
}

}  // namespace
}  // namespace latentreel::render
