#include "src/frames/latent_path.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "src/run/counter_rng.h"

namespace latentreel::render {
namespace {

// Below this angle (radians) the arc and the chord are the same to float32.
constexpr double kParallel = 1e-4;

at::Tensor linear(const at::Tensor& a, const at::Tensor& b, double amount) {
  return a * (1 - amount) + b * amount;
}

// When each cell begins to change, as a part of the way, [1, 1, h, w] in [0, 1].
at::Tensor order_of(scenes::PathKind path, int64_t height, int64_t width) {
  const auto places = [](int64_t count) {  // -1 to 1, first to last
    return count < 2 ? at::zeros({count}) : at::linspace(-1, 1, count);
  };
  const auto rows = places(height).view({1, 1, height, 1}).expand({1, 1, height, width});
  if (path == scenes::PathKind::rise) return (1 - rows) / 2;
  const auto columns = places(width).view({1, 1, 1, width});
  return (rows.square() + columns.square()) / 2;  // the square: as much of the picture at any time
}

// How far each cell is on its way: those of a band are under way, smoothly.
at::Tensor amounts_at(const at::Tensor& order, double amount) {
  constexpr double kBand = 0.35;  // of the way
  const auto part = ((amount * (1 + kBand) - order) / kBand).clamp(0, 1);
  return part.square() * (3 - 2 * part);
}

// Random numbers that no keyframe's optimization uses.
constexpr std::uint32_t kPulseStream = 0x5743;

// [1, C, h, w] like z.
at::Tensor noise_like(const at::Tensor& z, std::int64_t seed) {
  CounterRng rng({.seed = static_cast<std::uint64_t>(seed)}, 0, CounterRng::kShared, kPulseStream);
  auto noise = at::empty(z.sizes(), at::kFloat);
  auto* data = noise.data_ptr<float>();
  for (int64_t i = 0; i < noise.numel(); ++i) data[i] = static_cast<float>(rng.normal());
  const auto mean = z.mean({0, 2, 3}, true), spread = z.std({0, 2, 3}, 0, true);
  return mean + spread * noise.to(z.device());
}

}  // namespace

at::Tensor spherical_by_cell(const at::Tensor& a, const at::Tensor& b, const at::Tensor& amounts) {
  constexpr double kSmallest = 1e-12;
  const auto lengths = a.norm(2, {1}, true) * b.norm(2, {1}, true);
  const auto cosine = ((a * b).sum(1, true) / lengths.clamp_min(kSmallest)).clamp(-1, 1);
  const auto angle = cosine.acos(), sine = angle.sin();
  const auto straight = (sine < kParallel).logical_or(lengths < kSmallest);
  const auto divisor = at::where(straight, at::ones_like(sine), sine);
  const auto of_a = at::where(straight, 1 - amounts, ((1 - amounts) * angle).sin() / divisor);
  const auto of_b = at::where(straight, amounts, (amounts * angle).sin() / divisor);
  return a * of_a + b * of_b;
}

at::Tensor spherical(const at::Tensor& a, const at::Tensor& b, double amount) {
  if (amount <= 0) return a;
  if (amount >= 1) return b;
  const auto x = a.flatten().to(at::kDouble), y = b.flatten().to(at::kDouble);
  const double lengths = x.norm().item<double>() * y.norm().item<double>();
  if (lengths == 0) return linear(a, b, amount);
  const double cosine = std::clamp(x.dot(y).item<double>() / lengths, -1.0, 1.0);
  const double angle = std::acos(cosine);
  if (angle < kParallel || M_PI - angle < kParallel) return linear(a, b, amount);
  const double sine = std::sin(angle);
  return a * (std::sin((1 - amount) * angle) / sine) + b * (std::sin(amount * angle) / sine);
}

double Pace::amount_at(double changed) const {
  if (change.size() < 2 || changed <= 0 || changed >= 1) return std::clamp(changed, 0.0, 1.0);
  const auto above = std::upper_bound(change.begin(), change.end(), changed);
  const auto j = static_cast<double>(above - change.begin());
  const double low = *(above - 1), high = *above;
  const double part = high > low ? (changed - low) / (high - low) : 0;
  return (j - 1 + part) / static_cast<double>(change.size() - 1);
}

LatentPath::LatentPath(std::vector<Latent> latents, std::vector<Pace> paces, Chains chains)
    : latents_(std::move(latents)), paces_(std::move(paces)), chains_(std::move(chains)) {}

at::Tensor LatentPath::at(const scenes::FrameSpec& frame) const {
  const auto z = frame.is_chained() ? chains_(frame.chain) : on_its_way(frame);
  const auto& pulse = frame.pulse;
  if (pulse.amount == 0) return z;
  const auto target = pulse.towards < 0 ? noise_like(z, pulse.seed) : latents_[pulse.towards].z();
  return spherical(z, target, pulse.amount);
}

at::Tensor LatentPath::on_its_way(const scenes::FrameSpec& frame) const {
  const auto& a = latents_[frame.from].z();
  const auto& b = latents_[frame.to].z();
  if (frame.is_still()) return a;
  const auto interval = static_cast<std::size_t>(frame.interval);
  const bool measured = frame.paced && interval < paces_.size();
  const double amount = measured ? paces_[interval].amount_at(frame.amount) : frame.amount;
  if (amount <= 0) return a;
  if (amount >= 1) return b;
  switch (frame.path) {
    case scenes::PathKind::linear:
      return linear(a, b, amount);
    case scenes::PathKind::spherical:
      return spherical(a, b, amount);
    case scenes::PathKind::rise:
    case scenes::PathKind::bloom:
      return spherical_by_cell(a, b,
                               amounts_at(order_of(frame.path, a.size(2), a.size(3)), amount));
    case scenes::PathKind::spline:
      break;
  }
  const double t = amount, t2 = t * t, t3 = t2 * t;
  const auto frames = static_cast<double>(frame.frames);
  return a * (2 * t3 - 3 * t2 + 1) + slope(frame.leaving) * (frames * (t3 - 2 * t2 + t)) +
         b * (3 * t2 - 2 * t3) + slope(frame.arriving) * (frames * (t3 - t2));
}

at::Tensor LatentPath::slope(const scenes::Slope& slope) const {
  const auto& before = latents_[slope.before].z();
  if (slope.frames == 0) return at::zeros_like(before);
  return (latents_[slope.after].z() - before) / static_cast<double>(slope.frames);
}

}  // namespace latentreel::render
