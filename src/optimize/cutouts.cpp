#include "src/optimize/cutouts.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "models/ops/gradients.h"
#include "src/optimize/augment.h"

namespace latentreel::render {
namespace {

using models::Box;
using scenes::Cutter;

// The article's crop sizes: normally distributed parts of the picture's shorter side.
constexpr double kPaddedMean = 1.2, kPaddedDeviation = 0.3, kPaddedMin = 0.43, kPaddedMax = 1.9;

// Note [The article's sides]
// The article's picture is square and it speaks of one size: padding of half of it on all four
// sides, crops as parts of it, offsets below twice it. It means the size asked for (450), while the
// decoded picture is 448, so a crop at the far edge can come out a pixel short. Here the size is
// that of the picture itself, the shorter side where it is not square, and offsets go as far as a
// whole crop fits, in each direction on its own.
Box draw_padded(CounterRng& rng, std::int64_t height, std::int64_t width) {
  const auto padded = std::min(height, width);
  const auto side = (padded + 1) / 2;  // of the picture before it was padded by side / 2
  const double part =
      std::clamp(kPaddedMean + kPaddedDeviation * rng.normal(), kPaddedMin, kPaddedMax);
  const auto size = std::clamp(static_cast<std::int64_t>(part * static_cast<double>(side)),
                               std::int64_t{1}, padded);
  Box box{.height = size, .width = size};
  box.top = rng.below(std::max(height - size, std::int64_t{1}));
  box.left = rng.below(std::max(width - size, std::int64_t{1}));
  return box;
}

Box draw_crop(CounterRng& rng, const scenes::OptimizeOptions& options, std::int64_t resolution,
              std::int64_t height, std::int64_t width) {
  const auto side = std::min(height, width);
  const auto whole = static_cast<double>(side);
  const double smallest =
      options.cut_min ? *options.cut_min * whole : static_cast<double>(std::min(side, resolution));
  const double largest = options.cut_max ? *options.cut_max * whole : whole;
  const double part = std::pow(rng.uniform(), options.cut_power);
  const auto size = std::clamp(static_cast<std::int64_t>(part * (largest - smallest) + smallest),
                               std::int64_t{1}, side);
  Box box{.height = size, .width = size};
  box.left = rng.below(width - size + 1);
  box.top = rng.below(height - size + 1);
  return box;
}

at::Generator make_generator(c10::Device device, std::uint64_t seed) {
  if (device.is_cpu()) return at::detail::createCPUGenerator(seed);
  auto generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

}  // namespace

Cutouts::Cutouts(const scenes::OptimizeOptions& options, std::int64_t resolution, RandomKey key)
    : options_(options), resolution_(resolution), key_(key) {
  TORCH_CHECK(resolution > 1 && options.cutouts > 0, "Cutouts: ", options.cutouts, " cutouts of ",
              resolution, "x", resolution, " pixels cannot be made");
}

at::Tensor Cutouts::prepare(const at::Tensor& image, std::int64_t iteration) const {
  TORCH_CHECK(image.dim() == 4 && image.size(0) == 1 && image.size(1) == 3,
              "Cutouts: expected a picture [1, 3, H, W], got ", image.sizes());
  if (options_.cutter == Cutter::crops) return image;
  if (options_.cutter == Cutter::pooled) return models::adaptive_pool(image, resolution_);

  const auto padding = std::min(image.size(2), image.size(3)) / 2;
  auto base = at::constant_pad_nd(image, {padding, padding, padding, padding});
  const Draw draw{.key = key_, .iteration = iteration, .whom = Draw::For::once};
  std::int64_t step = 0;
  for (const auto& augment : options_.augment) {
    base = apply_augment(base, draw_augment(augment, step++, draw, base.size(2), base.size(3)));
  }
  return base;
}

at::Tensor Cutouts::cut(const at::Tensor& base, std::int64_t iteration, std::int64_t first,
                        std::int64_t n) const {
  TORCH_CHECK(first >= 0 && n > 0 && first + n <= count(), "Cutouts: ", first, " .. ",
              first + n - 1, " are not among the ", count(), " of an iteration");
  const auto size = resolution_;
  auto x = base;
  if (options_.cutter != Cutter::pooled) {
    const auto filter = options_.cutter == Cutter::padded ? models::Filter::bilinear
                                                          : models::Filter::lanczos_bicubic;
    x = models::crop_resize(base, boxes(base.size(2), base.size(3), iteration, first, n), size,
                            size, filter);
  }
  if (options_.cutter != Cutter::padded) {
    const Draw draw{.key = key_, .iteration = iteration, .first = first, .n = n};
    std::int64_t step = 0;
    for (const auto& augment : options_.augment) {
      x = apply_augment(x, draw_augment(augment, step++, draw, size, size));
    }
  }
  if (options_.noise > 0) return x + noise(x, iteration, first, n);
  if (options_.cutter == Cutter::crops && options_.augment.empty()) {
    x = models::clamp_with_grad(x, 0, 1);
  }
  return x.expand({n, x.size(1), size, size});
}

std::vector<Box> Cutouts::boxes(std::int64_t height, std::int64_t width, std::int64_t iteration,
                                std::int64_t first, std::int64_t n) const {
  std::vector<Box> boxes;
  if (options_.cutter == Cutter::pooled) return boxes;
  for (std::int64_t i = first; i < first + n; ++i) {
    CounterRng rng(key_, iteration, static_cast<std::uint32_t>(i), Draw::kBox);
    boxes.push_back(options_.cutter == Cutter::padded
                        ? draw_padded(rng, height, width)
                        : draw_crop(rng, options_, resolution_, height, width));
  }
  return boxes;
}

at::Tensor Cutouts::noise(const at::Tensor& like, std::int64_t iteration, std::int64_t first,
                          std::int64_t n) const {
  if (options_.noise <= 0) return {};
  auto noise = at::empty({n, 3, resolution_, resolution_}, like.options().dtype(at::kFloat));
  const auto fill = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      CounterRng rng(key_, iteration, static_cast<std::uint32_t>(first + i), Draw::kNoise);
      const double factor = rng.uniform(0, options_.noise);
      noise[i].normal_(0, factor, make_generator(noise.device(), rng.seed()));
    }
  };
  if (noise.is_cpu()) {
    at::parallel_for(0, n, 1, fill);
  } else {
    fill(0, n);
  }
  return noise.to(like.scalar_type());
}

}  // namespace latentreel::render
