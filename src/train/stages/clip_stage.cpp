#include "src/train/stages/clip_stage.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/clip/clip.h"
#include "src/train/stages/attack.h"
#include "src/train/stages/initial_values.h"
#include "src/train/stages/mixed_precision.h"

// The figures are those that the first pair was made with (RECIPE of the bundled pair).

namespace latentreel::training {
namespace {

using models::StateDict;

constexpr double kTrainRadius = 3;      // of the attack on half of a batch, at most
constexpr double kConfusingRadius = 6;  // of pictures attacked toward a wrong caption, at most
constexpr int64_t kTrainSteps = 2;
constexpr double kTestRadius = 2.5;
constexpr int64_t kTestSteps = 5;
constexpr double kLargestScale = 100;  // of the logits, as CLIP has it
constexpr double kDecayFrom = 0.55;

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, 1, true).clamp_min(1e-6);
}

at::Tensor uniform(at::IntArrayRef sizes, at::Generator& generator, at::Device device) {
  return at::rand(sizes, generator).to(device);
}

// Cross-entropy of rows of logits [N, M] against all of their positives alike, [N, M] bool.
at::Tensor against(const at::Tensor& logits, const at::Tensor& positives) {
  const auto wanted = positives.to(logits.scalar_type());
  const auto share = wanted / wanted.sum(1, true).clamp_min(1);
  return -(share * logits.log_softmax(1)).sum(1).mean();
}

// Up in 200 steps, flat, down along a cosine over the last part.
double clip_rate(double part, int64_t number) {
  const auto rise = std::min(1.0, static_cast<double>(number + 1) / 200);
  if (part < kDecayFrom) return rise;
  const auto down = (part - kDecayFrom) / (1 - kDecayFrom);
  return rise * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, down))));
}

StateDict as_checkpoint(StateDict::Tensors tensors) {
  StateDict checkpoint(std::move(tensors));
  checkpoint.set_metadata("activation", "quick_gelu");
  return checkpoint;
}

// Pictures that are of nothing any more: cut into patches that change places, or blurred to blobs.
at::Tensor unmade(const at::Tensor& pictures, at::Generator& generator) {
  const auto n = pictures.size(0), side = pictures.size(2), half = n / 2;
  constexpr int64_t kPatches = 4;
  const auto patch = side / kPatches;
  const auto order = at::randperm(kPatches * kPatches, generator, at::kLong).to(pictures.device());
  const auto patches = pictures.narrow(0, 0, half)
                           .reshape({half, 3, kPatches, patch, kPatches, patch})
                           .permute({0, 2, 4, 1, 3, 5})
                           .reshape({half, kPatches * kPatches, 3, patch, patch})
                           .index_select(1, order);
  const auto shuffled = patches.view({half, kPatches, kPatches, 3, patch, patch})
                            .permute({0, 3, 1, 4, 2, 5})
                            .reshape({half, 3, side, side});
  const auto blobs =
      at::upsample_bicubic2d(at::adaptive_avg_pool2d(pictures.narrow(0, half, n - half), {6, 6}),
                             {side, side}, false)
          .clamp(0, 1);
  return at::cat({shuffled, blobs});
}

}  // namespace

// Names of what is in the picture, read off the embedding; one linear layer a label.
struct ClipStage::Heads : torch::nn::Module {
  Heads(const std::map<std::string, int64_t>& labels, int64_t width) {
    for (const auto& [name, count] : labels) {
      layers.emplace(name, register_module(name, models::Linear(width, count)));
    }
  }
  std::map<std::string, models::Linear> layers;
};

models::ClipConfig ClipStage::tiny(int64_t vocabulary) {
  models::ClipConfig config;
  config.tower = models::ClipConfig::Tower::resnet;
  config.resolution = 64;
  config.embed_dim = 128;
  config.stages = {1, 2, 3, 1};
  config.width = 24;
  config.pool_heads = 12;
  config.context = 32;
  config.vocabulary = vocabulary;
  config.text = {.width = 128, .layers = 3, .heads = 2};
  return config;
}

ClipStage::ClipStage(Settings settings, PairSource pairs, PairSource held_out, at::Tensor things,
                     std::optional<LoopNegatives> loop)
    : settings_(std::move(settings)),
      pairs_(std::move(pairs)),
      held_out_(std::move(held_out)),
      things_(std::move(things)),
      loop_(std::move(loop)),
      network_(settings_.config),
      heads_(std::make_shared<Heads>(settings_.labels, settings_.config.embed_dim)),
      optimizer_((fill(*network_, settings_.seed), place(*network_, settings_.device), *network_),
                 {.beta1 = 0.9, .beta2 = 0.98, .weight_decay = 0.05}),
      head_optimizer_((fill(*heads_, settings_.seed), place(*heads_, settings_.device), *heads_),
                      {.beta1 = 0.9, .beta2 = 0.98}) {
  network_->train();
  const auto constants = [&](const std::vector<double>& values) {
    return at::tensor(values, at::kFloat).view({1, 3, 1, 1}).to(settings_.device);
  };
  mean_ = constants(settings_.config.mean);
  std_ = constants(settings_.config.std);
}

at::Tensor ClipStage::embed_pictures(const at::Tensor& pictures) {
  const MixedPrecision faster(settings_.device, settings_.bfloat16);
  const auto normalised =
      models::Placement{settings_.device, at::kFloat}.place((pictures - mean_) / std_);
  return unit(network_->visual->forward(normalised).to(at::kFloat));
}

// Nothing after the longest caption's end is read (the mask is causal), so nothing is computed.
at::Tensor ClipStage::embed_tokens(const at::Tensor& tokens) {
  const MixedPrecision faster(settings_.device, settings_.bfloat16);
  const auto longest = tokens.argmax(1).max().item<int64_t>() + 1;
  const auto read = tokens.narrow(1, 0, longest).to(settings_.device);
  return unit(network_->encode_text(read).to(at::kFloat));
}

// None, then rising to all of it.
double ClipStage::attack_strength(double part) const {
  if (part < settings_.attack_from) return 0;
  if (part >= settings_.attack_full) return 1;
  return (part - settings_.attack_from) / (settings_.attack_full - settings_.attack_from);
}

Measures ClipStage::step(int64_t number, double part) {
  auto generator = at::detail::createCPUGenerator(settings_.seed * 0x9e3779b97f4a7c15 +
                                                  static_cast<uint64_t>(number));
  const auto pairs = pairs_(static_cast<uint64_t>(number * settings_.batch), settings_.batch,
                            settings_.config.resolution);
  const auto strength = attack_strength(part);

  // All pictures go through the tower together, so that its norms take one measure of them: the
  // batch, what matches no caption, and the loop's with the true ones that they stand against.
  auto batch = pairs.pictures.to(settings_.device);
  std::vector<at::Tensor> pictures{batch};
  if (strength > 0) {
    const auto tower = frozen();
    pictures[0] = attacked(tower, pairs, strength, generator);
    pictures.push_back(confusing(tower, pairs, strength, generator));
  }
  const auto n = batch.size(0), compared = n + (strength > 0 ? pictures[1].size(0) : 0);
  auto tokens = pairs.tokens;
  const bool has_loop = loop_ && part >= settings_.loop_from;
  if (has_loop) {
    const auto drawn = draw_loop(number);
    pictures.push_back(drawn.true_.to(settings_.device));
    pictures.push_back(drawn.made.to(settings_.device));
    tokens = at::cat({tokens, drawn.tokens});
  }
  const auto seen = embed_pictures(at::cat(pictures));
  const auto read = embed_tokens(tokens);
  const auto images = seen.narrow(0, 0, n), texts = read.narrow(0, 0, n);
  const auto scale = network_->logit_scale.exp();
  const auto positives = pairs.positives.to(settings_.device);

  // A caption chooses among the pictures that match no caption too.
  const auto matching =
      at::cat({positives.t(), at::zeros({n, compared - n}, positives.options())}, 1);
  auto loss = 0.5 * against(scale * at::matmul(images, texts.t()), positives) +
              0.5 * against(scale * at::matmul(texts, seen.narrow(0, 0, compared).t()), matching);
  const auto head_weight = part < kDecayFrom ? 0.5 - 0.4 * part / kDecayFrom : 0.1;
  loss = loss + head_weight * label_loss(images, pairs);
  Measures measures;
  if (has_loop) {
    const auto captions = read.narrow(0, n, read.size(0) - n);
    const auto better = loop_lead(seen.narrow(0, compared, seen.size(0) - compared), captions);
    measures["loop"] = (better > 0).to(at::kFloat).mean().item<double>();
    loss = loss + at::softplus(-scale * better).mean();
  }

  loss.backward();
  const auto rate = settings_.learning_rate * clip_rate(part, number);
  optimizer_.step(rate);
  head_optimizer_.step(rate);
  {
    const at::NoGradGuard no_gradient;
    network_->logit_scale.clamp_max_(std::log(kLargestScale));
  }
  measures["loss"] = loss.item<double>();
  return measures;
}

// The tower as it is now and as a renderer has it: what attacks and the loop go against. Its norms
// are folded into its convolutions, and without those float32 is the faster one.
models::Clip ClipStage::frozen() const {
  return models::Clip(as_checkpoint(optimizer_.current()), {settings_.device, at::kFloat});
}

// Half of the pictures, moved away from their captions.
at::Tensor ClipStage::attacked(const models::Clip& tower, const Pairs& pairs, double strength,
                               at::Generator& generator) {
  const auto pictures = pairs.pictures.to(settings_.device);
  const auto half = pictures.size(0) / 2;
  at::Tensor captions;
  {
    const at::NoGradGuard no_gradient;
    captions = embed_tokens(pairs.tokens.narrow(0, 0, half));
  }
  const auto radius = kTrainRadius * strength * uniform({half}, generator, settings_.device);
  const auto moved = attack(
      pictures.narrow(0, 0, half),
      [&](const at::Tensor& x) { return (unit(tower.image().encode(x)) * captions).sum(1); },
      radius, kTrainSteps);
  return at::cat({moved, pictures.narrow(0, half, pictures.size(0) - half)});
}

// Pictures moved toward a caption that they must not match: other ones' and pictures of nothing.
at::Tensor ClipStage::confusing(const models::Clip& tower, const Pairs& pairs, double strength,
                                at::Generator& generator) {
  const auto count = std::min<int64_t>(settings_.negatives, pairs.pictures.size(0) / 2);
  const auto pictures = pairs.pictures.narrow(0, 0, count).to(settings_.device);
  const auto base = unmade(pictures, generator);
  at::Tensor captions;
  {
    const at::NoGradGuard no_gradient;
    captions = embed_tokens(pairs.tokens.narrow(0, pairs.tokens.size(0) - count, count));
  }
  const auto radius = kConfusingRadius * strength * uniform({count}, generator, settings_.device);
  return attack(
      base, [&](const at::Tensor& x) { return -(unit(tower.image().encode(x)) * captions).sum(1); },
      radius, kTrainSteps);
}

at::Tensor ClipStage::label_loss(const at::Tensor& embeddings, const Pairs& pairs) {
  auto loss = at::zeros({}, embeddings.options());
  constexpr double kSharpness = 10;  // embeddings here are of unit length
  for (auto& [name, layer] : static_cast<Heads&>(*heads_).layers) {
    const auto labels = pairs.labels.at(name).to(settings_.device);
    loss = loss + at::cross_entropy_loss(kSharpness * layer->forward(embeddings), labels, {},
                                         at::Reduction::Mean, /*ignore_index=*/-1);
  }
  return loss / static_cast<double>(std::max<size_t>(1, pairs.labels.size()));
}

// Some of what the loop made; now and then it makes more.
LoopNegatives::Drawn ClipStage::draw_loop(int64_t number) {
  const auto seed = settings_.seed + static_cast<uint64_t>(number);
  if (loop_->size() == 0 || number % settings_.loop_every == 0) {
    const auto tower = settings_.guide ? *settings_.guide : frozen();
    const auto first = static_cast<uint64_t>(number * settings_.batch);
    const auto large = pairs_(first, settings_.loop_made, loop_->side());
    at::Tensor captions;
    {
      const at::NoGradGuard no_gradient;
      captions = settings_.guide ? unit(tower.text().encode(large.tokens).to(settings_.device))
                                 : embed_tokens(large.tokens);
    }
    loop_->make(
        captions, large.tokens, large.pictures.to(settings_.device),
        [&](const at::Tensor& x) { return unit(tower.image().encode(x)); }, seed);
  }
  return loop_->draw(settings_.loop_drawn, seed);
}

// How much better true pictures fit their captions than what the loop made of those, [N]: pictures
// [2 N, E], first the true ones; captions [N, E].
at::Tensor ClipStage::loop_lead(const at::Tensor& pictures, const at::Tensor& captions) {
  const auto count = captions.size(0);
  return (pictures.narrow(0, 0, count) * captions).sum(1) -
         (pictures.narrow(0, count, count) * captions).sum(1);
}

Measures ClipStage::test() {
  const auto pairs = held_out_(0, settings_.tested, settings_.config.resolution);
  const models::Clip clip(result(), {settings_.device, at::kFloat});
  const auto embed = [&](const at::Tensor& x) { return unit(clip.image().encode(x)); };
  const auto pictures = pairs.pictures.to(settings_.device);
  const auto positives = pairs.positives.to(settings_.device);
  at::Tensor texts, things;
  {
    const at::NoGradGuard no_gradient;
    texts = unit(clip.text().encode(pairs.tokens));
    things = unit(clip.text().encode(things_.flatten(0, 1)))
                 .view({things_.size(0), things_.size(1), -1});
  }
  const auto found = [&](const at::Tensor& x) {
    const at::NoGradGuard no_gradient;
    const auto best = at::matmul(embed(x), texts.t()).argmax(1, true);
    return positives.gather(1, best).to(at::kFloat).mean().item<double>();
  };
  const auto radius = at::full({pictures.size(0)}, kTestRadius, pictures.options());
  const auto moved = attack(
      pictures, [&](const at::Tensor& x) { return (embed(x) * texts).sum(1); }, radius, kTestSteps);
  Measures measures{{"retrieval", found(pictures)}, {"attacked", found(moved)}};
  if (const auto label = pairs.labels.find("thing"); label != pairs.labels.end()) {
    const at::NoGradGuard no_gradient;
    const auto colour = pairs.labels.find("colour");
    const auto candidates =  // [N, K, E]
        colour == pairs.labels.end()
            ? things.expand({pictures.size(0), -1, -1})
            : things.index_select(0, colour->second.clamp_min(0).to(settings_.device));
    const auto named = at::matmul(candidates, embed(pictures).unsqueeze(2)).squeeze(2).argmax(1);
    const auto wanted = label->second.to(settings_.device);
    const auto counted = wanted >= 0;
    measures["named"] = (named == wanted).logical_and(counted).sum().item<double>() /
                        std::max<double>(1, counted.sum().item<double>());
  }
  return measures;
}

void ClipStage::begin_with(const StateDict& weights) {
  models::load_strictly(*network_, weights, {.network = "the CLIP to begin with", .ignored = {}});
  optimizer_.begin_average();
  begin_guiding();
}

// No plain pairs first, now or after a pause.
void ClipStage::begin_guiding() {
  guides_ = true;
  settings_.attack_from = settings_.attack_full = settings_.loop_from = 0;
}

StateDict::Tensors ClipStage::state() const {
  StateDict::Tensors tensors;
  optimizer_.save("clip.", tensors);
  head_optimizer_.save("heads.", tensors);
  if (loop_) loop_->save(tensors);
  tensors.emplace("guides", at::scalar_tensor(guides_, at::kBool));
  return tensors;
}

void ClipStage::restore(const StateDict& state) {
  optimizer_.restore("clip.", state);
  head_optimizer_.restore("heads.", state);
  if (loop_) loop_->restore(state);
  if (state.at("guides").item<bool>()) begin_guiding();
}

StateDict ClipStage::result() const {
  return as_checkpoint(optimizer_.averaged());
}

}  // namespace latentreel::training
