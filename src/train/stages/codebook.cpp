#include "src/train/stages/codebook.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include "models/vqgan/nearest.h"

namespace latentreel::training {
namespace {

constexpr double kMemory = 0.99;  // of the running mean, a step
constexpr double kUnused = 0.02;  // of the uses that every code would have if all had the same

at::Tensor drawn(const at::Tensor& points, int64_t count, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto order = at::randperm(points.size(0), generator);
  return points.index_select(0, order.narrow(0, 0, count).to(points.device()));
}

// Whether each code is used, [codes] bool.
at::Tensor is_used(const at::Tensor& use) {
  return use >= kUnused * use.mean();
}

}  // namespace

at::Tensor cluster(const at::Tensor& points, int64_t count, int64_t rounds, uint64_t seed) {
  const at::NoGradGuard no_gradient;
  auto centres = drawn(points, count, seed);
  for (int64_t round = 0; round < rounds; ++round) {
    const auto owner = models::nearest(points, centres);
    const auto sizes = at::bincount(owner, {}, count);
    const auto sums = at::zeros_like(centres).index_add_(0, owner, points);
    const auto means = sums / sizes.clamp_min(1).unsqueeze(1);
    const auto others = drawn(points, count, seed + static_cast<uint64_t>(round) + 1);
    centres = at::where((sizes > 0).unsqueeze(1), means, others);
  }
  return centres;
}

CodeUse::CodeUse(int64_t codes) : use_(at::ones({codes})) {}

void CodeUse::count(const at::Tensor& codes) {
  const at::NoGradGuard no_gradient;
  const auto uses = at::bincount(codes.flatten().cpu(), {}, use_.size(0)).to(at::kFloat);
  use_.lerp_(uses, 1 - kMemory);
}

int64_t CodeUse::revive(at::Tensor& codebook, const at::Tensor& points, uint64_t seed) {
  const at::NoGradGuard no_gradient;
  const auto unused = is_used(use_).logical_not().nonzero().flatten();
  const auto count = std::min(unused.numel(), points.size(0));
  if (count == 0) return 0;
  const auto chosen = unused.narrow(0, 0, count);
  codebook.index_copy_(0, chosen.to(codebook.device()),
                       drawn(points, count, seed).to(codebook.scalar_type()));
  use_.index_fill_(0, chosen, 1);
  return count;
}

double CodeUse::share() const {
  return is_used(use_).to(at::kFloat).mean().item<double>();
}

}  // namespace latentreel::training
