#include "src/optimize/keyframe_optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "src/run/error.h"
#include "src/run/in_order.h"

namespace latentreel::render {
namespace {

constexpr double kAverage = 0.9;
constexpr double kLowerBy = 0.5;
constexpr std::string_view kRule = "rule.";  // before the names of the rule's state
constexpr double kMoved = 1e-3;              // of the codebook's standard deviation

at::Tensor leaf(const at::Tensor& tensor) {
  return tensor.detach().requires_grad_();
}

at::Tensor gradient_of(const at::Tensor& value, const at::Tensor& incoming, const at::Tensor& of) {
  return torch::autograd::grad({value}, {of}, {incoming})[0];
}

bool finite(const at::Tensor& tensor) {
  return at::isfinite(tensor).all().item<bool>();
}

bool usable(const Evaluation& evaluation) {
  return std::isfinite(evaluation.loss) && finite(evaluation.z_gradient);
}

// What one chunk of cutouts found.
struct SeenChunk {
  at::Tensor shares;            // each prompt's part of the loss
  at::Tensor gradient;          // of the picture that was cut
  at::Tensor cutouts;           // [N, 3, R, R]
  at::Tensor cutouts_gradient;  // only where asked for
};

std::vector<models::ClipImageEncoder> encoders_of(const std::vector<Guide>& guides) {
  std::vector<models::ClipImageEncoder> encoders;
  for (const auto& guide : guides) encoders.push_back(guide.encoder);
  return encoders;
}

}  // namespace

KeyframeOptimizer::KeyframeOptimizer(models::Vqgan vqgan, std::vector<Guide> guides,
                                     const scenes::OptimizeOptions& options, const Latent& start,
                                     int64_t chunk, std::shared_ptr<StepNetworks> networks)
    : vqgan_(std::move(vqgan)),
      guides_(std::move(guides)),
      options_(options),
      chunk_(std::max<int64_t>(1, chunk)),
      networks_(std::move(networks)),
      start_(start.z().to(vqgan_.placement().device)),
      z_(start_),
      best_z_(start_),
      average_z_(options.average > 0 ? start_ * (1 - options.average) : at::Tensor()),
      kept_(start_),
      rule_(options.optimizer, options.learning_rate, options.weight_decay),
      mask_(options.mask) {
  TORCH_CHECK(!guides_.empty(), "an optimization needs at least one CLIP");
  if (networks_ == nullptr) {
    networks_ = std::make_shared<StepNetworks>(vqgan_, encoders_of(guides_), options_);
  }
  TORCH_CHECK(networks_->fits(options_),
              "networks are shared by steps that want the same pictures");
}

bool KeyframeOptimizer::done() const {
  const auto finished = static_cast<int>(history_.size());
  if (finished >= options_.iterations) return true;
  return options_.patience > 0 && best_iteration_ >= 0 &&
         finished - 1 - best_iteration_ >= options_.patience;
}

void KeyframeOptimizer::set_chunk(int64_t chunk) {
  chunk_ = std::max<int64_t>(1, chunk);
  networks_->forget_encoders();  // what was captured is of the other size
}

Iteration KeyframeOptimizer::step(const StopToken& stop) {
  auto found = observed(stop);
  while (!usable(found)) {
    if (!roll_back()) {
      throw RenderError(
          RenderError::Kind::diverged,
          fmt::format(
              "optimizing a keyframe: the loss or its gradient was not a number {} times, most "
              "recently in iteration {}. Try a lower learning_rate, or precision = \"float32\".",
              rollbacks_, history_.size()));
    }
    found = observed(stop);
  }
  Iteration iteration{
      .number = static_cast<int>(history_.size()), .loss = found.loss, .shares = found.shares};
  const auto next = moved(found.z_gradient, iteration.number);
  keep_if_best(iteration);
  z_ = next;
  if (options_.average > 0) average_z_ = z_.lerp(average_z_, options_.average);
  history_.push_back(iteration);
  return iteration;
}

// z after the step of iteration `number`, and what holds it to pictures. Where memory ends, rule
// and mask are as before: the iteration can be made again.
at::Tensor KeyframeOptimizer::moved(const at::Tensor& gradient, int number) {
  const bool cycles = options_.cycle > 0 && (number + 1) % options_.cycle_every == 0;
  const auto rule = cycles ? rule_.state() : Optimizer::State();
  const auto lengths = mask_.lengths();
  const auto even = smoothed(gradient, options_.smooth);
  auto next = rule_.step(z_, even, rate_at(options_, number));
  if (options_.mask < 1) next = z_ + (next - z_) * mask_.add(even);
  // A picture that nothing changed is the VQGAN's own already.
  const double smallest = kMoved * vqgan_.codebook_std();
  if (cycles && (next - start_).abs().max().item<double>() > smallest) {
    try {
      next = reencode_blend(vqgan_, next, options_.quantize, options_.cycle);
    } catch (...) {
      rule_.restore(rule);
      mask_.restore(lengths);
      throw;
    }
  }
  if (!options_.clamp) return next;
  return at::minimum(at::maximum(next, vqgan_.codebook_min()), vqgan_.codebook_max());
}

Evaluation KeyframeOptimizer::observed(const StopToken& stop) {
  const auto number = static_cast<int>(history_.size());
  auto found = compute(z_, number, Cuts::forget, stop);
  if (observer_) {
    observer_({.iteration = number,
               .z = z_,
               .image = found.image,
               .image_gradient = found.image_gradient,
               .z_gradient = found.z_gradient});
  }
  return found;
}

Evaluation KeyframeOptimizer::evaluate(const at::Tensor& z, int number, const StopToken& stop) {
  return compute(z.to(vqgan_.placement().device), number, Cuts::keep, stop);
}

Evaluation KeyframeOptimizer::compute(const at::Tensor& z, int64_t number, Cuts cuts,
                                      const StopToken& stop) {
  Evaluation result;
  const auto variable = leaf(z);
  const auto picture = networks_->decode(variable);
  const auto image = leaf(picture);
  auto image_gradient = at::zeros_like(image);
  auto total_shares = at::zeros({static_cast<int64_t>(guides_.front().objective.targets().size())},
                                image.options().dtype(at::kDouble));

  for (size_t i = 0; i < guides_.size(); ++i) {
    auto* seen = cuts == Cuts::keep ? &result.seen.emplace_back() : nullptr;
    image_gradient += judged(i, image, number, total_shares, seen, stop);
  }
  total_shares = total_shares.cpu();
  result.shares.assign(total_shares.const_data_ptr<double>(),
                       total_shares.const_data_ptr<double>() + total_shares.numel());
  for (const double share : result.shares) result.loss += share;
  stop.check();
  result.image = image.detach();
  result.image_gradient = image_gradient;
  result.z_gradient = gradient_of(picture, image_gradient, variable);
  const auto pull = pull_to(start_, z, options_.start_weight, vqgan_.codebook_std());
  result.loss += pull.loss;
  if (pull.gradient.defined()) result.z_gradient += pull.gradient;
  return result;
}

at::Tensor KeyframeOptimizer::judged(size_t i, const at::Tensor& image, int64_t number,
                                     at::Tensor& shares, Evaluation::Seen* seen,
                                     const StopToken& stop) {
  const auto& guide = guides_[i];
  const auto prepared = guide.cutouts.prepare(image, number);
  const auto base = leaf(prepared);
  const auto total = guide.cutouts.count();
  const auto see = [&](int64_t chunk, const StopToken& stop_chunk) {
    stop_chunk.check();
    const auto own_base = leaf(base);  // a graph of its own, as others compute meanwhile
    const auto first = chunk * chunk_;
    const auto cutouts =
        guide.cutouts.cut(own_base, number, first, std::min(chunk_, total - first));
    const auto found = guide.objective.shares(networks_->encode(i, cutouts), total);
    auto wanted = std::vector{own_base};
    if (seen != nullptr) wanted.push_back(cutouts);
    auto gradients = torch::autograd::grad({found.sum() * guide.weight}, wanted);
    return SeenChunk{.shares = found.detach().to(at::kDouble) * guide.weight,
                     .gradient = std::move(gradients[0]),
                     .cutouts = cutouts.detach(),
                     .cutouts_gradient = seen != nullptr ? gradients[1] : at::Tensor()};
  };

  auto gradient = at::zeros_like(base);
  std::vector<at::Tensor> cutouts_of_chunks, gradients_of_chunks;
  // What is captured of a device's work is used by one thread.
  auto* jobs = vqgan_.placement().tuning.graphs ? nullptr : jobs_;
  in_order(jobs, (total + chunk_ - 1) / chunk_, stop, see, [&](SeenChunk chunk) {
    gradient += chunk.gradient;
    shares += chunk.shares;
    if (seen == nullptr) return;
    cutouts_of_chunks.push_back(chunk.cutouts);
    gradients_of_chunks.push_back(chunk.cutouts_gradient);
  });
  if (seen != nullptr) *seen = {at::cat(cutouts_of_chunks), at::cat(gradients_of_chunks)};
  return prepared.is_same(image) ? gradient : gradient_of(prepared, gradient, image);
}

// Back to the best latent so far with a smaller step; false when that was tried too often.
bool KeyframeOptimizer::roll_back() {
  if (++rollbacks_ > kMostRollbacks) return false;
  const double rate = rule_.learning_rate() * kLowerBy;
  rule_ = Optimizer(options_.optimizer, rate, options_.weight_decay);
  z_ = best_z_;
  mask_ = ChangeMask(options_.mask);
  if (options_.average > 0) {  // all of it is what was kept
    const auto latents = static_cast<double>(history_.size() + 1);
    average_z_ = kept_ * (1 - std::pow(options_.average, latents));
  }
  return true;
}

void KeyframeOptimizer::keep_if_best(Iteration& iteration) {
  average_ = kAverage * average_ + (1 - kAverage) * iteration.loss;
  ++averaged_;
  iteration.smoothed = average_ / (1 - std::pow(kAverage, averaged_));
  if (best_iteration_ >= 0 && iteration.smoothed >= best_score_) return;
  best_score_ = iteration.smoothed;
  best_iteration_ = iteration.number;
  best_z_ = z_;
  kept_ = averaged();
}

at::Tensor KeyframeOptimizer::averaged() const {
  if (options_.average == 0) return z_;
  const auto latents = static_cast<double>(history_.size() + 1);  // in it, the start among them
  return average_z_ / (1 - std::pow(options_.average, latents));
}

Latent KeyframeOptimizer::result() const {
  at::NoGradGuard no_grad;
  const auto z = options_.keep == scenes::Keep::best ? kept_ : averaged();
  return Latent(options_.quantize ? vqgan_.quantize(z) : z);
}

// --- State ---------------------------------------------------------------------------------------

KeyframeOptimizer::State KeyframeOptimizer::state() const {
  State state = learned();
  state["z"] = z_.cpu().contiguous();
  state["best_z"] = best_z_.cpu().contiguous();
  state["kept"] = kept_.cpu().contiguous();
  if (average_z_.defined()) state["average_z"] = average_z_.cpu().contiguous();
  if (mask_.lengths().defined()) state["mask"] = mask_.lengths().cpu().contiguous();
  state["score"] =
      at::tensor({average_, static_cast<double>(averaged_), best_score_,
                  static_cast<double>(best_iteration_), static_cast<double>(rollbacks_)},
                 at::kDouble);
  const auto shares = guides_.front().objective.targets().size();
  const auto columns = static_cast<int64_t>(2 + shares);
  auto history = at::empty({static_cast<int64_t>(history_.size()), columns}, at::kDouble);
  auto* row = history.data_ptr<double>();
  for (const auto& iteration : history_) {
    row[0] = iteration.loss;
    row[1] = iteration.smoothed;
    std::copy(iteration.shares.begin(), iteration.shares.end(), row + 2);
    row += columns;
  }
  state["history"] = history;
  return state;
}

KeyframeOptimizer::State KeyframeOptimizer::learned() const {
  State learned;
  for (auto& [name, tensor] : rule_.state()) learned[std::string(kRule) + name] = tensor.cpu();
  return learned;
}

void KeyframeOptimizer::learn(const State& learned) {
  const double rate = rule_.learning_rate();
  restore_rule(learned);
  rule_.set_learning_rate(rate);
}

void KeyframeOptimizer::restore_rule(const State& state) {
  const auto device = vqgan_.placement().device;
  Optimizer::State rule;
  for (const auto& [name, tensor] : state) {
    if (name.rfind(kRule, 0) == 0) {
      const bool scalar = tensor.dim() == 0;
      rule[name.substr(kRule.size())] = scalar ? tensor : tensor.to(device);
    }
  }
  rule_.restore(rule);
}

void KeyframeOptimizer::restore(const State& state) {
  const auto device = vqgan_.placement().device;
  restore_rule(state);
  z_ = state.at("z").to(device).clone();
  best_z_ = state.at("best_z").to(device).clone();
  kept_ = state.at("kept").to(device).clone();
  if (average_z_.defined()) average_z_ = state.at("average_z").to(device).clone();
  if (const auto mask = state.find("mask"); mask != state.end()) {
    mask_.restore(mask->second.to(device).clone());
  }
  const auto score = state.at("score").contiguous();
  const auto* numbers = score.data_ptr<double>();
  average_ = numbers[0];
  averaged_ = static_cast<int>(numbers[1]);
  best_score_ = numbers[2];
  best_iteration_ = static_cast<int>(numbers[3]);
  rollbacks_ = static_cast<int>(numbers[4]);
  const auto history = state.at("history").contiguous();
  history_.clear();
  for (int64_t i = 0; i < history.size(0); ++i) {
    const auto* row = history.data_ptr<double>() + i * history.size(1);
    history_.push_back({.number = static_cast<int>(i),
                        .loss = row[0],
                        .shares = {row + 2, row + history.size(1)},
                        .smoothed = row[1]});
  }
}

}  // namespace latentreel::render
