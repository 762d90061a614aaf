#include "src/optimize/holding.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace latentreel::render {
namespace {

constexpr double kGaussianReach = 3;  // of the Gaussian, in standard deviations

// One axis of the Gaussian, [2 reach + 1], of sum 1.
at::Tensor gaussian(double cells, int64_t reach, const at::TensorOptions& options) {
  const auto x = at::arange(-reach, reach + 1, options);
  const auto weights = x.square().div(-2 * cells * cells).exp();
  return weights / weights.sum();
}

}  // namespace

Pull pull_to(const at::Tensor& start, const at::Tensor& z, double weight, double codebook_std) {
  if (weight == 0) return {};
  const at::NoGradGuard no_gradient;
  const double variance = codebook_std * codebook_std;
  const auto away = z - start;
  return {.loss = weight * away.square().mean().item<double>() / variance,
          .gradient = away * (2 * weight / (variance * static_cast<double>(z.numel())))};
}

at::Tensor smoothed(const at::Tensor& gradient, double cells) {
  if (cells == 0) return gradient;
  const at::NoGradGuard no_gradient;
  const auto channels = gradient.size(1);
  const auto reach = static_cast<int64_t>(std::ceil(kGaussianReach * cells));
  const auto weights = gaussian(cells, reach, gradient.options());
  const auto along = [&](const at::Tensor& x, bool down) {
    const auto shape =
        down ? std::vector<int64_t>{channels, 1, -1, 1} : std::vector<int64_t>{channels, 1, 1, -1};
    const auto kernel = weights.view({1, 1, down ? -1 : 1, down ? 1 : -1}).expand(shape);
    return at::conv2d(x, kernel.contiguous(), {}, at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0},
                      at::IntArrayRef{1, 1}, channels);
  };
  const auto padded = at::replication_pad2d(gradient, {reach, reach, reach, reach});
  return along(along(padded, true), false);
}

at::Tensor ChangeMask::add(const at::Tensor& gradient) {
  const at::NoGradGuard no_gradient;
  // A cell's neighbours count, or the mask would be speckled.
  const auto lengths = at::avg_pool2d(gradient.square().sum(1, true), {3, 3}, {1, 1}, {1, 1},
                                      /*ceil_mode=*/false, /*count_include_pad=*/false)
                           .sqrt();
  lengths_ = lengths_.defined() ? lengths_ + lengths : lengths;
  const auto cells = lengths_.numel();
  const auto held =
      std::clamp<int64_t>(std::llround((1 - part_) * static_cast<double>(cells)), 0, cells - 1);
  const auto limit = std::get<0>(lengths_.flatten().sort()).narrow(0, held, 1);
  return (lengths_ / limit.clamp_min(1e-30)).clamp_max(1).square();
}

at::Tensor picture_of(const models::Vqgan& vqgan, const at::Tensor& z) {
  return ((vqgan.decode(z) + 1) / 2).clamp(0, 1);
}

at::Tensor latent_of(const models::Vqgan& vqgan, const at::Tensor& picture) {
  const auto z = vqgan.encode(picture);
  return vqgan.config().gumbel ? vqgan.embed_codes(vqgan.gumbel_logits(z).argmax(1)) : z;
}

at::Tensor smooth_latent_of(const models::Vqgan& vqgan, const at::Tensor& picture) {
  const auto z = vqgan.encode(picture);
  if (!vqgan.config().gumbel) return z;
  const auto likely = vqgan.gumbel_logits(z).to(at::kFloat).softmax(1);  // [1, codes, h, w]
  return at::einsum("nkhw,kc->nchw", {likely, vqgan.codebook().to(likely.device())});
}

at::Tensor reencode_blend(const models::Vqgan& vqgan, const at::Tensor& z, bool quantize,
                          double part) {
  const at::NoGradGuard no_gradient;
  const auto picture = picture_of(vqgan, quantize ? vqgan.quantize(z) : z);
  return z.lerp(latent_of(vqgan, picture), part);
}

double rate_at(const scenes::OptimizeOptions& options, int number) {
  if (options.learning_rate_end == 1 || options.iterations < 2) return 1;
  const double done = static_cast<double>(number) / (options.iterations - 1);
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, done)));
  return options.learning_rate_end + (1 - options.learning_rate_end) * cosine;
}

}  // namespace latentreel::render
