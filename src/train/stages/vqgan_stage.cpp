#include "src/train/stages/vqgan_stage.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <numbers>

#include "models/vqgan/nearest.h"
#include "models/vqgan/vqgan.h"
#include "src/train/stages/initial_values.h"
#include "src/train/stages/mixed_precision.h"

// The figures are those that the first pair was made with (RECIPE of the bundled pair), save for
// the weights of squares and edges, the share without codes and the codes themselves:
// models/tiny/README.md.

namespace latentreel::training {
namespace {

using models::StateDict;

constexpr double kSquares = 6;          // what a picture is judged by in the end
constexpr double kEdges = 0.25;         // at 1 their loss is four times all others together
constexpr double kCommitment = 0.25;    // Esser et al., 2021, equation 4: beta
constexpr double kUnquantized = 0.15;   // share of pictures decoded from raw latents
constexpr double kCorrupted = 0.35;     // share of pictures with wrong codes and noise
constexpr double kLeftCorrupted = 0.1;  // of that share, in the end
constexpr double kWrongCodes = 0.2;     // of such a picture's codes, at most
constexpr double kNoise = 0.5;          // standard deviation, of the codebook's, at most
constexpr int64_t kClustered = 12'000;  // latents that the codebook begins as the clusters of
constexpr int64_t kPointsACode = 4;     // at least
constexpr int64_t kRounds = 6;
constexpr int64_t kReviveEvery = 50;  // steps

// Random numbers of one step, from its number alone.
at::Generator generator_of(uint64_t seed, int64_t number) {
  return at::detail::createCPUGenerator(seed * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(number));
}

// What of a picture's edges is not given back, at three sizes.
at::Tensor edge_loss(const at::Tensor& a, const at::Tensor& b) {
  auto difference = a - b;
  at::Tensor loss = at::zeros({}, a.options());
  for (int size = 0; size < 3; ++size) {
    loss = loss + difference.diff(1, 2).abs().mean() + difference.diff(1, 3).abs().mean();
    difference = at::avg_pool2d(difference, {2, 2});
  }
  return loss;
}

at::Tensor picture_loss(const at::Tensor& made, const at::Tensor& wanted) {
  const auto difference = made - wanted;
  return difference.abs().mean() + kSquares * difference.square().mean() +
         at::avg_pool2d(difference, {4, 4}).square().mean() + kEdges * edge_loss(made, wanted);
}

constexpr const char* kCodebook = "quantize.embedding.weight";

at::Tensor find_codebook(models::VqModel& network) {
  return network->named_parameters()[kCodebook];
}

// Flat for most of the way, then down to a hundredth along a cosine; a short rise at the start.
double vqgan_rate(double part, int64_t number) {
  const auto rise = std::min(1.0, static_cast<double>(number + 1) / 100);
  return rise * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * part)));
}

// All of it for half of the way, little in the end: the last steps are for sharpness.
double corruption_at(double part) {
  constexpr double kFrom = 0.5;
  return part < kFrom ? 1 : 1 - (1 - kLeftCorrupted) * (part - kFrom) / (1 - kFrom);
}

}  // namespace

models::VqganConfig VqganStage::tiny() {
  models::VqganConfig config;
  config.channels = 16;
  config.multipliers = {1, 2, 4, 8};
  config.attention = {false, false, false, true};
  config.residual_blocks = 2;
  config.z_channels = config.embed_dim = 32;
  config.codes = 16384;
  config.groups = 8;
  return config;
}

VqganStage::VqganStage(Settings settings, PictureSource pictures, PictureSource held_out)
    : settings_(std::move(settings)),
      pictures_(std::move(pictures)),
      held_out_(std::move(held_out)),
      network_(settings_.config),
      codebook_(find_codebook(network_)),
      optimizer_((fill(*network_, settings_.seed), place(*network_, settings_.device), *network_),
                 {}),
      use_(settings_.config.codes) {
  network_->train();
}

// What step `number` learns from, [N, 3, H, W] in [-1, 1].
at::Tensor VqganStage::wanted(int64_t number, at::Generator& generator) const {
  const auto side = settings_.side, half = side / 2;
  // Sequence numbers never repeat: a step takes at most a batch.
  const auto first = static_cast<uint64_t>(number * settings_.batch);
  if (number % 4 == 3) {
    return placed(pictures_(first, std::max<int64_t>(1, settings_.batch / 4), side)).mul(2).sub(1);
  }
  const auto whole = pictures_(first, settings_.batch, side);
  const auto place = at::randint(half + 1, {settings_.batch, 2}, generator, at::kLong);
  const auto at = place.accessor<int64_t, 2>();
  std::vector<at::Tensor> crops;
  for (int64_t i = 0; i < settings_.batch; ++i) {
    crops.push_back(whole[i].narrow(1, at[i][0], half).narrow(2, at[i][1], half));
  }
  return placed(at::stack(crops)).mul(2).sub(1);
}

Measures VqganStage::step(int64_t number, double part) {
  if (!quantizes_ && part >= settings_.plain_part) begin_codebook(number);
  auto generator = generator_of(settings_.seed, number);
  const auto pictures = wanted(number, generator);
  const auto z = encoded(pictures);
  at::Tensor latents = z, loss;
  if (quantizes_) {
    const auto quantized = quantize(z);
    const auto strength = repairs_ ? kLeftCorrupted : corruption_at(part);
    latents = corrupted(z, quantized, strength, generator);
    loss = quantized.loss;
    use_.count(quantized.codes);
  }
  const auto made = decoded(latents);
  const auto given_back = picture_loss(made, pictures);
  loss = loss.defined() ? loss + given_back : given_back;
  loss.backward();
  optimizer_.step(settings_.learning_rate * vqgan_rate(part, number));

  if (quantizes_ && number % kReviveEvery == 0) {
    const auto points = z.detach().permute({0, 2, 3, 1}).reshape({-1, z.size(1)});
    const at::NoGradGuard no_gradient;
    use_.revive(codebook_, points, static_cast<uint64_t>(number));
  }
  Measures measures{{"loss", loss.item<double>()}};
  if (quantizes_) measures["used"] = use_.share();
  return measures;
}

at::Tensor VqganStage::encoded(const at::Tensor& pictures) {
  const MixedPrecision faster(settings_.device, settings_.bfloat16);
  return network_->quant_conv->forward(network_->encoder->forward(pictures)).to(at::kFloat);
}

at::Tensor VqganStage::decoded(const at::Tensor& latents) {
  const MixedPrecision faster(settings_.device, settings_.bfloat16);
  return network_->decoder->forward(network_->post_quant_conv->forward(latents)).to(at::kFloat);
}

at::Tensor VqganStage::placed(const at::Tensor& pictures) const {
  return models::Placement{settings_.device, at::kFloat}.place(pictures);
}

VqganStage::Quantized VqganStage::quantize(const at::Tensor& z) {
  const auto cells = z.permute({0, 2, 3, 1}).reshape({-1, z.size(1)});
  const auto codes = models::nearest(cells, codebook_).view({z.size(0), z.size(2), z.size(3)});
  const auto vectors = at::embedding(codebook_, codes).permute({0, 3, 1, 2});
  const auto loss =
      (vectors - z.detach()).square().mean() + kCommitment * (vectors.detach() - z).square().mean();
  return {.latents = z + (vectors - z).detach(), .loss = loss, .codes = codes};
}

at::Tensor VqganStage::corrupted(const at::Tensor& z, const Quantized& quantized, double strength,
                                 at::Generator& generator) {
  const auto n = z.size(0);
  const auto uniform = [&](at::IntArrayRef sizes) {
    return at::rand(sizes, generator).to(z.device());
  };
  const auto is_raw = uniform({n, 1, 1, 1}) < kUnquantized;
  const auto is_wrong = uniform({n, 1, 1, 1}) < kCorrupted * strength;
  const auto others =
      at::randint(settings_.config.codes, quantized.codes.sizes(), generator, at::kLong);
  const auto wrong = at::embedding(codebook_.detach(), others.to(z.device())).permute({0, 3, 1, 2});
  const auto share = uniform({n, 1, 1, 1}) * kWrongCodes;
  const auto replaced = is_wrong.logical_and(uniform({n, 1, z.size(2), z.size(3)}) < share);
  const auto deviation = codebook_.detach().std() * kNoise * uniform({n, 1, 1, 1});
  const auto noise = at::randn(z.sizes(), generator).to(z.device()) * deviation;
  auto latents = at::where(is_raw, z, quantized.latents);
  latents = at::where(replaced, wrong, latents);
  return latents + at::where(is_wrong, noise, at::zeros_like(noise));
}

// From now on there are codes: at first the clusters of what the encoder makes of many pictures.
void VqganStage::begin_codebook(int64_t number) {
  const at::NoGradGuard no_gradient;
  const auto side = settings_.side;
  const auto factor = settings_.config.factor();
  const auto cells = (side / factor) * (side / factor);
  const auto wanted = std::max(kClustered, kPointsACode * settings_.config.codes);
  std::vector<at::Tensor> points;
  for (int64_t have = 0; have < wanted; have += settings_.batch * cells) {
    const auto first = static_cast<uint64_t>(number * settings_.batch + have / cells);
    const auto z = encoded(placed(pictures_(first, settings_.batch, side)) * 2 - 1);
    points.push_back(z.permute({0, 2, 3, 1}).reshape({-1, z.size(1)}));
  }
  codebook_.copy_(cluster(at::cat(points), settings_.config.codes, kRounds, settings_.seed));
  optimizer_.begin_average();  // what the codes were before has no part in it
  quantizes_ = true;
}

Measures VqganStage::test() {
  const at::NoGradGuard no_gradient;
  const models::Vqgan vqgan(result(), {settings_.device, at::kFloat});
  double squares = 0, raw = 0;
  int64_t done = 0;
  while (done < settings_.tested) {
    const auto count = std::min<int64_t>(8, settings_.tested - done);
    const auto wanted =
        held_out_(static_cast<uint64_t>(done), count, settings_.side).to(settings_.device);
    const auto z = vqgan.encode(wanted);
    const auto error = [&](const at::Tensor& latents) {
      const auto made = vqgan.decode(latents).add(1).div(2).clamp(0, 1);
      return (made - wanted).square().mean().item<double>() * static_cast<double>(count);
    };
    const auto unquantized = error(z);
    raw += unquantized;
    squares += quantizes_ ? error(vqgan.quantize(z)) : unquantized;
    done += count;
  }
  const auto decibels = [&](double sum) {
    return -10 * std::log10(sum / static_cast<double>(done));
  };
  return {{"psnr", decibels(squares)}, {"raw", decibels(raw)}};
}

void VqganStage::begin_with(const StateDict& weights) {
  models::load_strictly(*network_, grown(weights),
                        {.network = "the VQGAN to begin with", .ignored = {}});
  optimizer_.begin_average();
  repairs_ = true;
  quantizes_ = settings_.plain_part == 0 && has_all_codes(weights);
}

bool VqganStage::has_all_codes(const StateDict& weights) const {
  const auto* codebook = weights.find(kCodebook);
  return codebook != nullptr && codebook->sizes() == codebook_.sizes();
}

// Those weights, and of this network what a smaller one lacks: blocks that add nothing yet, so that
// pictures come back as they did, and a larger codebook's room, to be filled when it begins.
StateDict VqganStage::grown(const StateDict& weights) const {
  auto tensors = weights.tensors();
  for (const auto& item : network_->named_parameters()) {
    const auto& name = item.key();
    const auto own = item.value().detach();
    const bool of_a_level = name.starts_with("encoder.down.") || name.starts_with("decoder.up.");
    if (of_a_level && !weights.contains(name)) {
      const bool adds = name.ends_with("conv2.weight") || name.ends_with("proj_out.weight");
      tensors.emplace(name, adds ? at::zeros_like(own) : own);
    }
  }
  if (const auto codes = tensors.find(kCodebook); codes != tensors.end() &&
                                                  codes->second.dim() == 2 &&
                                                  codes->second.size(0) < codebook_.size(0)) {
    codes->second = codebook_.detach();
  }
  return weights.with_tensors(std::move(tensors));
}

StateDict::Tensors VqganStage::state() const {
  StateDict::Tensors tensors;
  optimizer_.save("", tensors);
  tensors.emplace("use", use_.use());
  tensors.emplace("quantizes", at::scalar_tensor(quantizes_, at::kBool));
  tensors.emplace("repairs", at::scalar_tensor(repairs_, at::kBool));
  return tensors;
}

void VqganStage::restore(const StateDict& state) {
  optimizer_.restore("", state);
  use_.use().copy_(state.at("use"));
  quantizes_ = state.at("quantizes").item<bool>();
  repairs_ = state.at("repairs").item<bool>();
}

StateDict VqganStage::result() const {
  StateDict result(optimizer_.averaged());
  result.set_metadata("num_groups", std::to_string(settings_.config.groups));
  return result;
}

}  // namespace latentreel::training
