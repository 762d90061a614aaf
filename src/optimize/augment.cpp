#include "src/optimize/augment.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/optimize/homography.h"

namespace latentreel::render {
namespace {

using scenes::Augment;
using Kind = Augment::Kind;

// From -range to range.
double around_zero(CounterRng& rng, double range) {
  return rng.uniform(-range, range);
}

Homography draw_affine(const Augment& augment, CounterRng& rng, Draw::For whom, std::int64_t height,
                       std::int64_t width) {
  AffineMotion motion;
  motion.degrees = around_zero(rng, augment.degrees);
  motion.right = around_zero(rng, augment.translate_x * static_cast<double>(width));
  motion.down = around_zero(rng, augment.translate_y * static_cast<double>(height));
  motion.shear = around_zero(rng, augment.shear);
  if (whom == Draw::For::each) {
    return sampling_map(affine(motion, height, width), PixelRule::kornia_affine, height, width);
  }
  motion.right = std::round(motion.right);
  motion.down = std::round(motion.down);
  return sampling_map(affine(motion, height, width), PixelRule::exact, height, width);
}

// Every corner moves inwards by up to scale / 2 of either side.
Homography draw_perspective(const Augment& augment, CounterRng& rng, Draw::For whom,
                            std::int64_t height, std::int64_t width) {
  const auto w = static_cast<double>(width), h = static_cast<double>(height);
  const Corners from = {{{0, 0}, {w - 1, 0}, {w - 1, h - 1}, {0, h - 1}}};
  Corners to = from;
  for (auto& [x, y] : to) {
    const double dx = rng.uniform() * augment.scale * w / 2;
    const double dy = rng.uniform() * augment.scale * h / 2;
    x += x == 0 ? dx : -dx;
    y += y == 0 ? dy : -dy;
  }
  const auto rule = whom == Draw::For::each ? PixelRule::kornia_perspective : PixelRule::exact;
  return sampling_map(perspective(from, to), rule, height, width);
}

Homography draw_map(const Augment& augment, CounterRng& rng, Draw::For whom, std::int64_t height,
                    std::int64_t width) {
  switch (augment.kind) {
    case Kind::affine:
      return draw_affine(augment, rng, whom, height, width);
    case Kind::perspective:
      return draw_perspective(augment, rng, whom, height, width);
    case Kind::rotate:
      return sampling_map(affine({.degrees = around_zero(rng, augment.degrees)}, height, width),
                          PixelRule::exact, height, width);
    default:
      return mirror(width);
  }
}

models::Jitter::Factors draw_factors(const Augment& augment, CounterRng& rng) {
  const auto about_one = [&](double range) {
    return rng.uniform(std::max(0.0, 1 - range), 1 + range);
  };
  models::Jitter::Factors factors{.applies = true};
  factors.brightness = about_one(augment.brightness);
  factors.contrast = about_one(augment.contrast);
  factors.saturation = about_one(augment.saturation);
  factors.hue = around_zero(rng, augment.hue);
  return factors;
}

models::Box draw_rectangle(const Augment& augment, CounterRng& rng, std::int64_t height,
                           std::int64_t width) {
  const double area = rng.uniform(augment.area_min, augment.area_max) *
                      static_cast<double>(height) * static_cast<double>(width);
  // Flat and tall are equally likely where both are allowed.
  double low = augment.ratio_min, high = augment.ratio_max;
  const bool tall = rng.chance(0.5);
  if (low < 1 && high > 1) (tall ? low : high) = 1;
  const double ratio = rng.uniform(low, high);
  const auto side = [](double pixels, std::int64_t most) {
    return std::clamp(static_cast<std::int64_t>(std::round(pixels)), std::int64_t{1}, most);
  };
  models::Box box;
  box.height = side(std::sqrt(area * ratio), height);
  box.width = side(std::sqrt(area / ratio), width);
  box.left = rng.below(width - box.width + 1);
  box.top = rng.below(height - box.height + 1);
  return box;
}

models::PaddingMode outside_of(scenes::PaddingMode border) {
  switch (border) {
    case scenes::PaddingMode::border:
      return models::PaddingMode::border;
    case scenes::PaddingMode::reflection:
      return models::PaddingMode::reflection;
    default:
      return models::PaddingMode::zeros;
  }
}

bool is_geometric(Kind kind) {
  return kind == Kind::flip || kind == Kind::affine || kind == Kind::perspective ||
         kind == Kind::rotate;
}

at::Tensor erase(const at::Tensor& x, const models::Box& box) {
  auto gone = at::zeros({1, 1, x.size(2), x.size(3)}, x.options().dtype(at::kBool));
  gone.narrow(2, box.top, box.height).narrow(3, box.left, box.width).fill_(true);
  return x.masked_fill(gone, 0);
}

at::Tensor sharpen_some(const at::Tensor& x, const std::vector<double>& factors) {
  std::vector<std::int64_t> which;
  std::vector<double> drawn;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] == 1) continue;
    which.push_back(static_cast<std::int64_t>(i));
    drawn.push_back(factors[i]);
  }
  if (which.size() == factors.size()) return sharpen(x, factors);
  const auto index = at::tensor(which, at::kLong).to(x.device());
  return x.index_copy(0, index, sharpen(x.index_select(0, index), drawn));
}

// [1, ...] that stands for n pictures becomes [n, ...].
at::Tensor as_many(const at::Tensor& x, std::int64_t n) {
  return x.size(0) == n ? x : x.expand({n, x.size(1), x.size(2), x.size(3)});
}

}  // namespace

AugmentDraw draw_augment(const Augment& augment, std::int64_t step, const Draw& draw,
                         std::int64_t height, std::int64_t width) {
  const auto stream = Draw::kAugment + static_cast<std::uint32_t>(step);
  const auto shared = [&] {
    return CounterRng(draw.key, draw.iteration, CounterRng::kShared, stream);
  };
  AugmentDraw result;
  result.kind = augment.kind;
  if (augment.kind == Kind::erase) {
    auto rng = shared();
    result.applies = rng.chance(augment.probability);
    if (result.applies) result.erased = draw_rectangle(augment, rng, height, width);
    return result;
  }
  if (augment.kind == Kind::jitter) {
    // One order for all; at an address of its own where the factors have the shared one.
    auto rng = draw.whom == Draw::For::once
                   ? CounterRng(draw.key, draw.iteration, CounterRng::kShared - 1, stream)
                   : shared();
    auto& order = result.jitter.order;
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<std::size_t>(rng.below(static_cast<int>(i)))]);
    }
  }

  std::vector<double> maps;
  for (std::int64_t i = 0; i < draw.n; ++i) {
    CounterRng rng(draw.key, draw.iteration, draw.cutout(i), stream);
    const bool applies = rng.chance(augment.probability);
    result.applies = result.applies || applies;
    if (augment.kind == Kind::jitter) {
      result.jitter.factors.push_back(applies ? draw_factors(augment, rng)
                                              : models::Jitter::Factors{});
    } else if (augment.kind == Kind::sharpness) {
      result.sharpness.push_back(applies ? rng.uniform(0, augment.amount) : 1);
    } else {
      const auto map = applies ? draw_map(augment, rng, draw.whom, height, width) : kIdentity;
      maps.insert(maps.end(), map.begin(), map.end());
    }
  }
  if (is_geometric(augment.kind)) {
    result.maps = at::tensor(maps, at::kDouble).view({draw.n, 3, 3});
  }
  if (augment.kind == Kind::affine) {
    result.outside = outside_of(augment.border);
    result.sampling = augment.nearest ? models::Sampling::nearest : models::Sampling::bilinear;
  }
  return result;
}

at::Tensor apply_augment(const at::Tensor& x, const AugmentDraw& draw) {
  if (!draw.applies) return x;
  switch (draw.kind) {
    case Kind::jitter:
      return models::jitter(as_many(x, static_cast<std::int64_t>(draw.jitter.factors.size())),
                            draw.jitter);
    case Kind::erase:
      return erase(x, draw.erased);
    case Kind::sharpness:
      return sharpen_some(as_many(x, static_cast<std::int64_t>(draw.sharpness.size())),
                          draw.sharpness);
    default:
      return models::warp(x, draw.maps, draw.sampling, draw.outside, x.size(2), x.size(3));
  }
}

at::Tensor sharpen(const at::Tensor& x, const std::vector<double>& factors) {
  const auto n = x.size(0), c = x.size(1), height = x.size(2), width = x.size(3);
  TORCH_CHECK(static_cast<std::int64_t>(factors.size()) == n, "sharpen: ", factors.size(),
              " factors for ", n, " pictures");
  if (height < 3 || width < 3) return x;  // nothing but borders
  const auto kernel =
      at::tensor({1.0, 1.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0, 1.0}, at::kDouble).div_(13);
  const auto smooth =
      at::conv2d(x.reshape({n * c, 1, height, width}), kernel.to(x.options()).view({1, 1, 3, 3}))
          .clamp(0, 1)
          .view({n, c, height - 2, width - 2});
  const auto factor = at::tensor(factors, at::kDouble).to(x.options()).view({n, 1, 1, 1});
  const auto inner = x.narrow(2, 1, height - 2).narrow(3, 1, width - 2);
  const auto mixed = x + at::constant_pad_nd((1 - factor) * (smooth - inner), {1, 1, 1, 1});
  const bool overshoots =
      std::any_of(factors.begin(), factors.end(), [](double f) { return f > 1; });
  return overshoots ? at::where(factor > 1, mixed.clamp(0, 1), mixed) : mixed;
}

}  // namespace latentreel::render
