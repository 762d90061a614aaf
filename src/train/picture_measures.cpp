#include "src/train/picture_measures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "src/optimize/holding.h"

namespace latentreel::train {
namespace {

constexpr int64_t kEdges = 10;  // one pixel in so many counts as an edge

// Of [1, 3, H, W]: the length of the change to the right and below over all channels, the largest
// within a pixel; flat.
at::Tensor steepness(const at::Tensor& picture) {
  const auto height = picture.size(2) - 1, width = picture.size(3) - 1;
  const auto here = picture.narrow(2, 0, height).narrow(3, 0, width);
  const auto right = picture.narrow(2, 0, height).narrow(3, 1, width) - here;
  const auto below = picture.narrow(2, 1, height).narrow(3, 0, width) - here;
  const auto lengths = (right.square() + below.square()).sum(1, true).sqrt();
  return at::max_pool2d(lengths, {3, 3}, {1, 1}, {1, 1}).flatten();
}

}  // namespace

double manifold_distance(const models::Vqgan& vqgan, const at::Tensor& z) {
  const at::NoGradGuard no_gradient;
  const auto picture = render::picture_of(vqgan, z);
  return std::sqrt((render::latent_of(vqgan, picture) - z).square().mean().item<double>()) /
         vqgan.codebook_std();
}

double edge_sharpness(const at::Tensor& start, const at::Tensor& picture) {
  const at::NoGradGuard no_gradient;
  const auto before = steepness(start);
  const auto [steepest, edges] = before.topk(std::max<int64_t>(1, before.numel() / kEdges));
  const double sum = steepest.sum().item<double>();
  return steepness(picture).index_select(0, edges).sum().item<double>() / std::max(1e-12, sum);
}

}  // namespace latentreel::train
