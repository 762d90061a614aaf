#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace latentreel::training {

// Centres of `count` clusters of points [M, C], by k-means (Lloyd, 1982) from `count` of the
// points, drawn by `seed`; a centre that loses all its points is replaced by a point drawn anew. M
// at least count. Returns [count, C].
at::Tensor cluster(const at::Tensor& points, int64_t count, int64_t rounds, uint64_t seed);

// How often each code was used lately. Codes that no latent is near are never trained and stay
// unused; revive() moves them to where latents are.
class CodeUse {
 public:
  explicit CodeUse(int64_t codes);

  // codes: any shape, int64.
  void count(const at::Tensor& codes);
  // Moves unused codes of `codebook` [codes, C] onto points [M, C] drawn by `seed`. Returns how
  // many.
  int64_t revive(at::Tensor& codebook, const at::Tensor& points, uint64_t seed);
  // The share of codes that are used.
  double share() const;

  at::Tensor& use() { return use_; }
  const at::Tensor& use() const { return use_; }

 private:
  at::Tensor use_;  // [codes], running mean of uses per step
};

}  // namespace latentreel::training
