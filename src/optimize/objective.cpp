#include "src/optimize/objective.h"

#include <ATen/ATen.h>

#include <cmath>

#include "models/ops/gradients.h"

namespace latentreel::render {
namespace {

// Length 1 along the last axis; a zero vector stays zero, and its gradient finite.
at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, {-1}, true).clamp_min(1e-12);
}

}  // namespace

Objective::Objective(std::vector<Target> targets, scenes::LossKind kind)
    : targets_(std::move(targets)), kind_(kind) {
  TORCH_CHECK(!targets_.empty(), "an objective needs at least one prompt");
  for (const auto& target : targets_) {
    TORCH_CHECK(target.embedding.dim() == 2, "a prompt's embedding is [M, E], got ",
                target.embedding.sizes());
    unit_embeddings_.push_back(unit(target.embedding.detach()));
  }
}

at::Tensor Objective::distance(const at::Tensor& features, const at::Tensor& embedding) const {
  if (kind_ == scenes::LossKind::cosine) return at::matmul(features, embedding.t()).neg();
  // Chords |u - v| are formed from differences, pair by pair: M can be all cutouts of a picture, so
  // [n, M, E] is not; and 2 - 2 uv, one product, is rounding alone where u is near v, with a root
  // whose slope is infinite there. A chord of 0 gets the gradient 0.
  constexpr int64_t kFromDifferences = 2;
  const auto chord = at::cdist(features, embedding, 2, kFromDifferences);  // [n, M]
  return chord.div(2).clamp_max(1).arcsin().square().mul(2);
}

at::Tensor Objective::shares(const at::Tensor& features, int64_t total) const {
  const auto unit_features = unit(features);
  std::vector<at::Tensor> shares;
  for (size_t i = 0; i < targets_.size(); ++i) {
    const auto& target = targets_[i];
    if (target.weight == 0) {
      shares.push_back((features * 0).sum());
      continue;
    }
    const double sign = target.weight < 0 ? -1 : 1;
    auto signed_distance = distance(unit_features, unit_embeddings_[i]) * sign;
    if (std::isfinite(target.stop)) {  // value as it is, gradient only above the stop
      signed_distance =
          models::replace_grad(signed_distance, signed_distance.clamp_min(target.stop));
    }
    const double elements = static_cast<double>(total * unit_embeddings_[i].size(0));
    shares.push_back(signed_distance.sum() * (std::abs(target.weight) / elements));
  }
  return at::stack(shares);
}

}  // namespace latentreel::render
