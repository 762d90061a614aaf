#pragma once

#include <ATen/core/Tensor.h>

#include <limits>
#include <string>
#include <vector>

#include "scenes/scene.h"

namespace latentreel::render {

// A prompt as CLIP sees it: what the cutouts are compared with.
struct Target {
  enum class Kind { text, image, mix };  // mix: a text joined with the scene's extra texts
  Kind kind = Kind::text;
  std::string text;             // for people: the prompt, or the picture's name
  std::vector<int64_t> tokens;  // with start and end; empty for pictures
  at::Tensor embedding;         // [M, E] float32, raw; M > 1 for pictures
  double weight = 1;            // effective and signed: below zero pushes away
  double stop = -std::numeric_limits<double>::infinity();
};

// Embeddings to loss, and each prompt's own share of it (models.md 5.2, 5.3).
//
//   D[n, m] = sign(w) * distance(feature n, embedding m)
//   share   = |w| * mean over n, m of D, its gradient cut where D < stop
//   loss    = sum of the shares
//
// A prompt of weight 0 has the share 0 and no gradient, exactly.
//
// distance: `cosine` is -cos; `spherical` is 2 arcsin(|u - v| / 2)^2 of the unit vectors.
class Objective {
 public:
  Objective(std::vector<Target> targets, scenes::LossKind kind);

  const std::vector<Target>& targets() const { return targets_; }

  // features: [n, E], of n out of `total` cutouts. Returns what these cutouts contribute to the
  // share of each target, [P]; summed over all chunks of an iteration this is the share, and the
  // sum of the shares is the loss. Differentiable in features.
  at::Tensor shares(const at::Tensor& features, int64_t total) const;

 private:
  at::Tensor distance(const at::Tensor& features, const at::Tensor& unit_embedding) const;

  std::vector<Target> targets_;
  std::vector<at::Tensor> unit_embeddings_;  // [M, E]
  scenes::LossKind kind_;
};

}  // namespace latentreel::render
