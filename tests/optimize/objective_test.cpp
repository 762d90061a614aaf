#include "src/optimize/objective.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/synthetic.h"

// Values of models.md section 7.6.

namespace latentreel::render {
namespace {

using models::testing::expect_begins;

at::Tensor rows(std::vector<float> values, int64_t columns) {
  return at::tensor(values).view({-1, columns});
}

Objective one(at::Tensor embedding, double weight, double stop, scenes::LossKind kind) {
  return Objective({{.embedding = std::move(embedding), .weight = weight, .stop = stop}}, kind);
}

constexpr double kNoStop = -std::numeric_limits<double>::infinity();

double spherical(std::vector<float> a, std::vector<float> b) {
  const auto objective = one(rows(b, 2), 1, kNoStop, scenes::LossKind::spherical);
  return objective.shares(rows(a, 2), 1).sum().item<double>();
}

TEST(SphericalDistance, HasThePublishedValues) {
  EXPECT_NEAR(spherical({1, 0}, {0, 1}), 1.2337006, 1e-6);
  EXPECT_NEAR(spherical({1, 0}, {1, 1}), 0.3084251, 1e-6);
  EXPECT_NEAR(spherical({1, 0}, {-1, 0}), 4.9348022, 1e-5);
  EXPECT_NEAR(spherical({3, 4}, {4, 3}), 0.0402695, 1e-6);
}

// However many there are, and also where it is all there is. The first feature is just opposite to
// the second prompt, where the distance has no finite slope, and 0 times that is no number.
TEST(PromptsOfWeightZero, HaveNoPart) {
  const auto ask = [](std::vector<double> weights) {
    std::vector<Target> targets;
    for (const double weight : weights) {
      targets.push_back(
          {.embedding = targets.empty() ? rows({1, 0}, 2) : rows({3, -4}, 2), .weight = weight});
    }
    auto features = rows({-3, 4, 5, -6}, 2).requires_grad_();
    const auto shares =
        Objective(std::move(targets), scenes::LossKind::spherical).shares(features, 2);
    shares.sum().backward();
    return std::pair(shares.detach(), features.grad());
  };
  const auto [alone, gradient] = ask({2});
  const auto [beside, same_gradient] = ask({2, 0});
  EXPECT_TRUE(at::equal(beside, at::cat({alone, at::zeros({1})})));
  EXPECT_TRUE(at::equal(same_gradient, gradient));
  const auto [nothing, no_gradient] = ask({0, 0});
  EXPECT_TRUE(at::equal(nothing, at::zeros({2})));
  EXPECT_TRUE(at::equal(no_gradient, at::zeros({2, 2})));
}

TEST(SphericalDistance, IsZeroWithAFiniteGradientAtItsTarget) {
  auto features = rows({1, 2, 3}, 3).requires_grad_();
  const auto objective = one(rows({1, 2, 3}, 3), 1, kNoStop, scenes::LossKind::spherical);
  const auto loss = objective.shares(features, 1).sum();
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), 0, 1e-9);
  EXPECT_TRUE(at::isfinite(features.grad()).all().item<bool>());
}

// Near its target the loss is half the squared angle, and its gradient the angle, both to the
// digits that float32 has: products of unit vectors would leave none of them.
TEST(SphericalDistance, KeepsItsDigitsNearTheTarget) {
  for (const double angle : {1e-2, 1e-3, 1e-4}) {
    auto features =
        rows({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))}, 2)
            .requires_grad_();
    const auto objective = one(rows({1, 0}, 2), 1, kNoStop, scenes::LossKind::spherical);
    const auto loss = objective.shares(features, 1).sum();
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), angle * angle / 2, 1e-4 * angle * angle);
    EXPECT_NEAR(features.grad()[0][1].item<double>(), angle, 1e-3 * angle);
  }
}

// A picture's M embeddings weigh as much as M prompts of one embedding and an M-th of the weight.
TEST(SphericalDistance, IsTheMeanOverAPicturesEmbeddings) {
  const int64_t count = 40, width = 12;  // more than 25, where a distance by products is the rule
  const auto embeddings = at::sin(at::arange(count * width, at::kFloat) * 1.3).view({count, width});
  const auto features = at::cos(at::arange(5 * width, at::kFloat)).view({5, width});
  const auto value_and_gradient = [&](const Objective& objective) {
    auto x = features.clone().requires_grad_();
    const auto loss = objective.shares(x, 5).sum();
    loss.backward();
    return std::pair(loss.item<double>(), x.grad());
  };
  std::vector<Target> each;
  for (int64_t i = 0; i < count; ++i) {
    each.push_back({.embedding = embeddings.narrow(0, i, 1), .weight = 1.0 / count});
  }
  const auto [loss, gradient] =
      value_and_gradient(one(embeddings, 1, kNoStop, scenes::LossKind::spherical));
  const auto [sum, sum_gradient] = value_and_gradient(Objective(each, scenes::LossKind::spherical));
  EXPECT_NEAR(loss, sum, 1e-5);
  EXPECT_TRUE(at::allclose(gradient, sum_gradient, 1e-4, 1e-6));
}

struct Case {
  double weight, stop, value, gradient_factor;
};

TEST(Prompt, WeighsAndStopsAsPublished) {
  const std::vector<double> gradient = {-0.0735837, 0.058867,   -0.0147167,
                                        -0.1274258, -0.0796411, -0.0079641};
  const Case cases[] = {{1, kNoStop, 0.2462289, 1},
                        {0.5, kNoStop, 0.2462289 / 2, 0.5},
                        {-1, kNoStop, -0.2462289, -1},
                        {1, 0.3, 0.2462289, 0},
                        {-1, -0.2, -0.2462289, 0}};
  for (const auto& c : cases) {
    SCOPED_TRACE(::testing::Message() << "weight " << c.weight << " stop " << c.stop);
    auto features = rows({1, 2, 3, 0.5, -1, 2}, 3).requires_grad_();
    const auto objective = one(rows({1, 0, 1}, 3), c.weight, c.stop, scenes::LossKind::spherical);
    const auto loss = objective.shares(features, 2).sum();
    EXPECT_NEAR(loss.item<double>(), c.value, 1e-6);
    loss.backward();
    auto expected = gradient;
    for (auto& value : expected) value *= c.gradient_factor;
    expect_begins(features.grad(), expected, 1e-6);
  }
}

// The article: -1 cos(include) + 0.5 cos(exclude), mean over the crops.
TEST(CosineLoss, IsTheArticles) {
  const auto features = at::sin(at::arange(12, at::kFloat)).view({4, 3});
  const auto include = rows({1, 2, -1}, 3), exclude = rows({0.5, -1, 3}, 3);
  const Objective objective(
      {{.embedding = include, .weight = 1}, {.embedding = exclude, .weight = -0.5}},
      scenes::LossKind::cosine);
  double expected = 0;
  for (int64_t i = 0; i < 4; ++i) {
    const auto cosine = [&](const at::Tensor& e) {
      return (features[i].dot(e[0]) / (features[i].norm() * e[0].norm())).item<double>();
    };
    expected += (-cosine(include) + 0.5 * cosine(exclude)) / 4;
  }
  EXPECT_NEAR(objective.shares(features, 4).sum().item<double>(), expected, 1e-6);
}

TEST(Objective, SharesOfChunksAddUp) {
  const auto features = at::sin(at::arange(30, at::kFloat)).view({10, 3});
  const Objective objective({{.embedding = rows({1, 0, 1, 0, 1, 1}, 3), .weight = 0.7},
                             {.embedding = rows({0, 1, 0}, 3), .weight = -0.2}},
                            scenes::LossKind::spherical);
  const auto whole = objective.shares(features, 10);
  const auto parts = objective.shares(features.narrow(0, 0, 3), 10) +
                     objective.shares(features.narrow(0, 3, 7), 10);
  EXPECT_TRUE(at::allclose(whole, parts, 1e-5, 1e-6));
}

}  // namespace
}  // namespace latentreel::render
