#include "src/optimize/collage.h"

#include <ATen/ATen.h>

#include <limits>

namespace latentreel::render {
namespace {

// How far the same pixel may differ between pictures, the mean of its channels: below the first it
// is of the thing, above the second of the ground.
constexpr double kThing = 0.10, kGround = 0.25;
constexpr int64_t kSlideReach = 10;  // a picture's side over the furthest slide

// Where the pictures show the same, [1, 1, H, W] in [0, 1].
at::Tensor in_common(const at::Tensor& pictures) {
  const auto spread = (pictures.amax(0, true) - pictures.amin(0, true)).mean(1, true);
  return ((kGround - spread) / (kGround - kThing)).clamp(0, 1);
}

// Length of the change to the right and below, [1, 1, H, W].
at::Tensor edges(const at::Tensor& picture) {
  const auto right = picture.diff(1, 3, {}, picture.narrow(3, picture.size(3) - 1, 1));
  const auto below = picture.diff(1, 2, {}, picture.narrow(2, picture.size(2) - 1, 1));
  return (right.square() + below.square()).sum(1, true).sqrt();
}

// Moved down and to the right, zeros following.
at::Tensor slid(const at::Tensor& x, int64_t down, int64_t right) {
  return at::constant_pad_nd(x, {right, -right, down, -down});
}

}  // namespace

at::Tensor collage(const at::Tensor& base, const at::Tensor& lent) {
  const auto mask = in_common(lent);
  const auto thing = lent.mean(0, true);
  const auto lines = edges(thing) * mask, ground = edges(base);
  const auto reach = std::min(base.size(2), base.size(3)) / kSlideReach;
  double best = -std::numeric_limits<double>::infinity();
  int64_t best_down = 0, best_right = 0;
  for (int64_t down = -reach; down <= reach; ++down) {
    for (int64_t right = -reach; right <= reach; ++right) {
      const double fit = (slid(lines, down, right) * ground).sum().item<double>();
      if (fit <= best) continue;
      best = fit;
      best_down = down;
      best_right = right;
    }
  }
  return base.lerp(slid(thing, best_down, best_right), slid(mask, best_down, best_right));
}

}  // namespace latentreel::render
