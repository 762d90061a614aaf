#include "src/train/stages/loop_negatives.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

namespace latentreel::training {
namespace {

constexpr double kRate = 0.25;  // of the codebook's deviation, a step
constexpr double kMomentum = 0.9;
constexpr int64_t kKinds = 5;  // of starts

at::Tensor appended(const at::Tensor& kept, const at::Tensor& more, int64_t most) {
  const auto all = kept.defined() ? at::cat({kept, more}) : more;
  return all.size(0) > most ? all.narrow(0, all.size(0) - most, most).clone() : all;
}

}  // namespace

LoopNegatives::LoopNegatives(Settings settings, Open open, int64_t resolution)
    : settings_(settings), open_(std::move(open)), resolution_(resolution) {}

const models::Vqgan& LoopNegatives::vqgan() {
  if (!vqgan_) vqgan_ = open_();
  return *vqgan_;
}

at::Tensor LoopNegatives::reduced(const at::Tensor& pictures) const {
  return at::adaptive_avg_pool2d(pictures, {resolution_, resolution_});
}

// A latent to begin each picture with; what kind it is goes round.
at::Tensor LoopNegatives::start(int64_t count, const at::Tensor& pictures, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto device = pictures.device();
  const auto side = settings_.side;
  const auto fields = at::rand({count, 3, 3, 3}, generator).to(device);
  const auto smooth = at::upsample_bicubic2d(fields, {side, side}, true).clamp(0, 1);
  const auto flat = fields.narrow(2, 0, 1).narrow(3, 0, 1).expand({count, 3, side, side});
  std::vector<at::Tensor> rows;
  for (int64_t i = 0; i < count; ++i) {
    const auto kind = (i + static_cast<int64_t>(seed % kKinds)) % kKinds;
    if (kind == 0) rows.push_back(smooth.narrow(0, i, 1));
    if (kind == 1) rows.push_back(at::full({1, 3, side, side}, 0.5, smooth.options()));
    if (kind == 2) rows.push_back(flat.narrow(0, i, 1));
    if (kind >= 3) rows.push_back(pictures.narrow(0, (i + 1) % count, 1));  // another one's
  }
  auto z = vqgan().encode(at::cat(rows));
  const auto codes =
      at::randint(vqgan().config().codes, {count, z.size(2), z.size(3)}, generator, at::kLong);
  const auto random = vqgan().embed_codes(codes.to(device));
  for (int64_t i = 0; i < count; ++i) {
    const bool is_random = (i + static_cast<int64_t>(seed % kKinds)) % kKinds == 4;
    if (is_random) z[i].copy_(random[i]);
  }
  return z;
}

void LoopNegatives::make(const at::Tensor& captions, const at::Tensor& tokens,
                         const at::Tensor& pictures, const Embed& embed, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed + 1);
  const auto count = captions.size(0);
  at::Tensor z;
  {
    const at::NoGradGuard no_gradient;
    z = start(count, pictures, seed);
  }
  const auto spread = settings_.most_steps - settings_.fewest_steps + 1;
  const auto steps =
      settings_.fewest_steps + at::randint(spread, {1}, generator, at::kLong).item<int64_t>();
  const auto rate = kRate * vqgan().codebook_std();
  auto momentum = at::zeros_like(z);
  for (int64_t i = 0; i < steps; ++i) {
    at::Tensor gradient;
    {
      const at::AutoGradMode with_gradient(true);
      auto variable = z.detach().requires_grad_(true);
      const auto picture = vqgan().decode(vqgan().quantize(variable)).add(1).div(2).clamp(0, 1);
      at::Tensor cosine = at::zeros({count}, z.options());
      for (int64_t cut = 0; cut < settings_.cuts; ++cut) {
        // Nearly the whole picture, somewhere.
        const auto share = 0.7 + 0.3 * at::rand({1}, generator).item<double>();
        const auto size = static_cast<int64_t>(share * static_cast<double>(settings_.side));
        const auto most = settings_.side - size + 1;
        const auto place = at::randint(most, {2}, generator, at::kLong);
        const auto cropped = picture.narrow(2, place[0].item<int64_t>(), size)
                                 .narrow(3, place[1].item<int64_t>(), size);
        cosine = cosine + (embed(reduced(cropped)) * captions).sum(1);
      }
      gradient = torch::autograd::grad({(-cosine).sum()}, {variable})[0];
    }
    const at::NoGradGuard no_gradient;
    // One length for a whole latent: an element's own hardly leaves grey.
    const auto length = gradient.flatten(1).square().mean(1).sqrt().clamp_min(1e-12);
    momentum.mul_(kMomentum).add_(gradient / length.view({-1, 1, 1, 1}), 1 - kMomentum);
    z = (z - rate * momentum).maximum(vqgan().codebook_min()).minimum(vqgan().codebook_max());
  }
  const at::NoGradGuard no_gradient;
  const auto shown = [&](const at::Tensor& latents) {
    return reduced(vqgan().decode(vqgan().quantize(latents)).add(1).div(2).clamp(0, 1));
  };
  made_ = appended(made_, shown(z).cpu(), settings_.kept);
  true_ = appended(true_, shown(vqgan().encode(pictures)).cpu(), settings_.kept);
  tokens_ = appended(tokens_, tokens, settings_.kept);
}

int64_t LoopNegatives::size() const {
  return made_.defined() ? made_.size(0) : 0;
}

LoopNegatives::Drawn LoopNegatives::draw(int64_t count, uint64_t seed) const {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto chosen = at::randint(size(), {count}, generator, at::kLong);
  return {.made = made_.index_select(0, chosen),
          .true_ = true_.index_select(0, chosen),
          .tokens = tokens_.index_select(0, chosen)};
}

void LoopNegatives::save(models::StateDict::Tensors& state) const {
  if (size() == 0) return;
  state.emplace("loop.made", made_);
  state.emplace("loop.true", true_);
  state.emplace("loop.tokens", tokens_);
}

void LoopNegatives::restore(const models::StateDict& state) {
  if (!state.contains("loop.made")) return;
  made_ = state.at("loop.made").clone();
  true_ = state.at("loop.true").clone();
  tokens_ = state.at("loop.tokens").clone();
}

}  // namespace latentreel::training
