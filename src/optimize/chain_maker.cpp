#include "src/optimize/chain_maker.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/frames/camera_view.h"
#include "src/optimize/cutouts.h"
#include "src/optimize/holding.h"
#include "src/optimize/keyframes.h"
#include "src/optimize/memory.h"
#include "src/optimize/prompts.h"
#include "src/optimize/starts.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

constexpr double kSmallestSpread = 1e-3;  // of colours, of which there is next to nothing to scale
constexpr double kMostSpread = 2;         // a picture's contrast is scaled by at most so much
// How much of what is still wrong after encoding is corrected in the next frame, and how far such
// corrections go at most.
constexpr double kCorrected = 0.5;
constexpr double kMostShift = 0.1, kMostScale = 1.25;

// Mean and standard deviation of each colour of a picture [1, 3, H, W]: [2, 3] float64 on the CPU.
at::Tensor colors_of(const at::Tensor& picture) {
  const auto exact = picture.to(at::kCPU, at::kDouble).flatten(2).squeeze(0);
  return at::stack({exact.mean(1), exact.std(1, false).clamp_min(kSmallestSpread)});
}

// The picture with these colours.
at::Tensor recolored(const at::Tensor& picture, const at::Tensor& colors) {
  const auto now = colors_of(picture);
  const auto factor = (colors[1] / now[1]).clamp(1 / kMostSpread, kMostSpread);
  const auto as_colors = [&](const at::Tensor& values) {
    return values.to(picture.options()).view({1, 3, 1, 1});
  };
  return ((picture - as_colors(now[0])) * as_colors(factor) + as_colors(colors[0])).clamp(0, 1);
}

// `colors` changed as optimizing changed those of a picture.
at::Tensor changed_like(const at::Tensor& colors, const at::Tensor& before,
                        const at::Tensor& after) {
  return at::stack({colors[0] + after[0] - before[0], colors[1] * after[1] / before[1]});
}

at::Tensor no_correction() {
  return at::stack({at::zeros({3}, at::kDouble), at::ones({3}, at::kDouble)});
}

// The correction after one that left a picture with the colours `found` in place of `wanted`: by
// `part` of what was wrong.
at::Tensor corrected(const at::Tensor& correction, const at::Tensor& wanted,
                     const at::Tensor& found, double part) {
  const auto shift = correction[0] + (wanted[0] - found[0]) * part;
  const auto scale = correction[1] * (wanted[1] / found[1]).pow(part);
  return at::stack({shift.clamp(-kMostShift, kMostShift), scale.clamp(1 / kMostScale, kMostScale)});
}

void add_scaled(std::vector<Target> targets, double factor, std::vector<Target>& sum) {
  for (auto& target : targets) {
    target.weight *= factor;
    sum.push_back(std::move(target));
  }
}

// Of a frame that no prompt asked anything of.
constexpr double kNoLoss = std::numeric_limits<double>::quiet_NaN();

// Whether nothing says where to go, as far as weights change: then no step is made.
bool asks_nothing(const scenes::ChainStep& step, const std::vector<Guide>& guides) {
  if (step.weights == scenes::RulingWeights()) return false;
  const auto& targets = guides.front().objective.targets();
  return std::all_of(targets.begin(), targets.end(),
                     [](const Target& target) { return target.weight == 0; });
}

}  // namespace

scenes::OptimizeOptions for_chains(scenes::OptimizeOptions options, const scenes::Scene& scene) {
  const scenes::OptimizeOptions unset;
  const auto& feedback = scene.feedback;
  options.precision = scene.keyframes.front().optimize.precision;
  options.iterations = feedback.iterations;
  options.start_weight = feedback.hold;
  if (feedback.learning_rate) options.learning_rate = *feedback.learning_rate;
  options.keep = scenes::Keep::last;
  // Of how a keyframe begins and ends, and of what its start shows.
  options.start = unset.start;
  options.start_image = unset.start_image;
  options.coarse = unset.coarse;
  options.coarse_iterations = unset.coarse_iterations;
  options.restarts = unset.restarts;
  options.collage = unset.collage;
  options.match_weight = unset.match_weight;
  options.contrast = unset.contrast;
  options.learning_rate_end = unset.learning_rate_end;
  options.average = unset.average;
  options.patience = unset.patience;
  return options;
}

ChainMaker::ChainMaker(const scenes::Scene& scene, const scenes::FrameScript& script,
                       ModelPack& models, ChainStore* store, Progress& progress,
                       const StopToken& stop, Jobs* jobs)
    : scene_(scene),
      script_(script),
      models_(models),
      store_(store),
      progress_(progress),
      stop_(stop),
      jobs_(jobs),
      grid_(grid_of(scene.video, models.vqgan_config())),
      vqgan_(models.vqgan(scene.keyframes.front().optimize.precision)),
      contents_(scene.keyframes.size()),
      targets_(scene.keyframes.size()),
      chunk_(kChainChunk),
      saves_(progress) {
  if (scene.source.on()) footage_.emplace(scene.source, shown_size(scene.video), progress);
}

ChainRecord ChainMaker::make(int index, const std::string& hash, const ChainState& before) {
  const auto& part = script_.chains().parts()[static_cast<std::size_t>(index)];
  std::optional<ChainRecord> unfinished;
  if (store_ != nullptr) unfinished = store_->find_unfinished(hash);
  ChainRecord record;
  record.state = before;
  if (unfinished) record = std::move(*unfinished);
  work_.restart();
  saves_.restart();
  for (auto frame = part.range.first + static_cast<std::int64_t>(record.latents.size());
       frame < part.range.end; ++frame) {
    try {
      stop_.check();
      add_frame(index, frame, record);
    } catch (const Stopped&) {
      keep(hash, record);
      throw;
    }
    if (saves_.is_due()) keep(hash, record);
  }
  record.seconds += work_.lap();
  return record;
}

// Where it throws, `record` is as it was.
void ChainMaker::add_frame(int part, std::int64_t frame, ChainRecord& record) {
  const at::NoGradGuard no_gradient;
  const auto step = script_.step(frame);
  const auto& range = script_.chains().parts()[static_cast<std::size_t>(part)].range;
  const ChainIteration report{.part = part,
                              .frame = frame,
                              .done = frame - range.first,
                              .frames = range.size(),
                              .iterations = scene_.feedback.iterations};
  const bool held = !step.footage && scene_.feedback.color == scenes::FeedbackColor::keyframe;
  auto made = record;
  auto& state = made.state;
  if (step.number == 0 && !step.footage) {
    if (held) {
      state.color = colors_of(picture(state.z));
      state.correction = no_correction();
    }
    made.losses.push_back({});
  } else {
    const auto before = state.z;
    const auto begun = beginning(step, state);
    state.z = optimized(step, report, begun, made);
    if (held) hold_colors(step, begun, state);
    if (step.footage && step.number > 0) {
      measure_flicker(step, before, state.z, made.losses.back());
    }
  }
  made.latents.push_back(averaged(state.z, state));
  auto& after = made.states.emplace_back();
  after.z = state.z;
  after.color = state.color;
  after.correction = state.correction;
  record = std::move(made);
}

// What the optimization changed is wanted; what moving and encoding changed is corrected next time.
void ChainMaker::hold_colors(const scenes::ChainStep& step, const at::Tensor& begun,
                             ChainState& state) {
  const auto before = colors_of(picture(begun));
  if (!step.camera.is_neutral()) {
    state.correction = corrected(state.correction, state.color, before, kCorrected);
  }
  state.color = changed_like(state.color, before, colors_of(picture(state.z)));
}

at::Tensor ChainMaker::beginning(const scenes::ChainStep& step, const ChainState& before) {
  const at::NoGradGuard no_gradient;
  if (step.footage) return encoded(repainted_from(step, before));
  // What does not move is not encoded again, which would only blur it.
  if (step.camera.is_neutral()) return before.z;
  const auto shown = shown_picture(before.z).squeeze(0).contiguous();
  auto moved = seen_through(shown, step.camera, shown_size(scene_.video)).clamp(0, 1).unsqueeze(0);
  return before.color.defined() ? encoded_with_colors(moved, before) : encoded(moved);
}

at::Tensor ChainMaker::encoded_with_colors(const at::Tensor& moved, const ChainState& before) {
  const auto with = [&](const at::Tensor& correction) {
    const auto colors =
        at::stack({before.color[0] + correction[0], before.color[1] * correction[1]});
    return encoded(recolored(moved, colors));
  };
  const auto z = with(before.correction);
  if (!at::equal(before.correction, no_correction())) return z;
  // Nothing was learned yet of what encoding does: it is seen now.
  return with(corrected(before.correction, before.color, colors_of(picture(z)), 1));
}

// [1, 3, H, W] on the CPU.
at::Tensor ChainMaker::repainted_from(const scenes::ChainStep& step, const ChainState& before) {
  const auto clip = footage_->at(step.shown);
  if (step.number == 0 || scene_.source.blend == 0) return clip;
  const auto [picture, seen] = footage_->carried(shown_picture(before.z).to(at::kCPU, at::kFloat),
                                                 frame_before(step), step.shown);
  return clip + (picture - clip) * (seen * scene_.source.blend);
}

void ChainMaker::measure_flicker(const scenes::ChainStep& step, const at::Tensor& before,
                                 const at::Tensor& now, ChainRecord::Losses& losses) {
  const auto change = [&](const at::Tensor& earlier, const at::Tensor& later) {
    const auto [moved, seen] = footage_->carried(earlier, frame_before(step), step.shown);
    const auto pixels = seen.sum(at::kDouble).item<double>() * 3;
    if (pixels == 0) return 0.0;
    return ((later - moved).abs() * seen).sum(at::kDouble).item<double>() / pixels;
  };
  const auto shown = [&](const at::Tensor& z) { return shown_picture(z).to(at::kCPU, at::kFloat); };
  losses.clip_flicker = change(footage_->at(frame_before(step)), footage_->at(step.shown));
  losses.flicker = change(shown(before), shown(now));
}

scenes::RationalTime ChainMaker::frame_before(const scenes::ChainStep& step) const {
  return step.shown - scenes::time_of_frame(1, scene_.video.fps);
}

at::Tensor ChainMaker::shown_picture(const at::Tensor& z) {
  return middle_of(picture(z), shown_size(scene_.video));
}

// The latent of a picture of the size shown, on the CPU.
at::Tensor ChainMaker::encoded(const at::Tensor& shown) {
  const auto whole = decoded_size(grid_, models_.vqgan_config());
  const auto placed = in_the_middle(shown, whole).to(vqgan_.placement().device);
  return Latent(smooth_latent_of(vqgan_, placed)).z();
}

// The frame's latent, on the CPU.
at::Tensor ChainMaker::optimized(const scenes::ChainStep& step, ChainIteration report,
                                 const at::Tensor& begun, ChainRecord& record) {
  auto& losses = record.losses.emplace_back();
  if (report.iterations == 0) {
    progress_.report(report);
    return begun;
  }
  const at::AutoGradMode gradients(true);
  auto optimizer = begin_at(step, begun);
  if (asks_nothing(step, optimizer.guides())) {
    record.state.learned.clear();  // a later frame's optimizer may be of another kind
    losses = {.first = kNoLoss, .last = kNoLoss};
    report.iteration = report.iterations - 1;
    progress_.report(report);
    return begun;
  }
  const bool carries = scene_.feedback.learning == scenes::FeedbackLearning::carried;
  if (carries && !record.state.learned.empty() && learns_as_before(report.frame)) {
    optimizer.learn(record.state.learned);
  }
  while (!optimizer.done()) iterate(optimizer, report);
  if (carries) record.state.learned = optimizer.learned();
  record.rollbacks += optimizer.rollbacks();
  losses = {optimizer.history().front().loss, optimizer.history().back().loss};
  return Latent(optimizer.z()).z();
}

// Whether a frame's optimizer can go on with what that of the frame before learned: another kind
// means something else by it.
bool ChainMaker::learns_as_before(std::int64_t frame) const {
  const auto kind_of = [&](std::int64_t one) {
    const auto keyframe = static_cast<std::size_t>(script_.step(one).from);
    return scene_.keyframes[keyframe].optimize.optimizer;
  };
  return kind_of(frame) == kind_of(frame - 1);
}

void ChainMaker::iterate(KeyframeOptimizer& optimizer, ChainIteration& report) {
  const LapTimer one;
  const auto iteration = step_and_tell(optimizer, fmt::format("frame {}", report.frame),
                                       kChainChunk, progress_, stop_);
  chunk_ = optimizer.chunk();
  report.iteration = iteration.number;
  report.loss = iteration.loss;
  report.seconds = one.seconds();
  progress_.report(report);
}

// The mean of the last latents, `z` [1, C, h, w] among them, which is kept for the next frames.
at::Tensor ChainMaker::averaged(const at::Tensor& z, ChainState& state) const {
  const std::int64_t count = scene_.feedback.average;
  if (count == 1) return z;
  state.recent = state.recent.defined() ? at::cat({state.recent, z}) : z;
  const auto there = state.recent.size(0);
  if (there > count) state.recent = state.recent.narrow(0, there - count, count).clone();
  double weight = 1, sum = 0;
  auto mean = at::zeros_like(z);
  for (auto i = state.recent.size(0) - 1; i >= 0; --i) {
    mean += state.recent.narrow(0, i, 1) * weight;
    sum += weight;
    weight *= scene_.feedback.average_weight;
  }
  return mean / sum;
}

void ChainMaker::keep(const std::string& hash, ChainRecord& record) {
  if (store_ == nullptr) return;
  record.seconds += work_.lap();
  saves_.save([&] { store_->keep_unfinished(hash, record); });
}

KeyframeOptimizer ChainMaker::begin_at(const scenes::ChainStep& step, const at::Tensor& z) {
  const auto& keyframe = scene_.keyframes[static_cast<std::size_t>(step.from)];
  const auto options = for_chains(keyframe.optimize, scene_);
  if (networks_ != nullptr && !networks_->fits(options)) networks_ = nullptr;
  KeyframeOptimizer optimizer(vqgan_, guides(step), options, Latent(z), chunk_, networks_);
  networks_ = optimizer.networks();
  optimizer.work_in(jobs_);
  return optimizer;
}

// Every frame draws numbers of its own, as every iteration of a keyframe does; but frames of
// footage the same, or chance would make one look other than the next.
std::vector<Guide> ChainMaker::guides(const scenes::ChainStep& step) {
  constexpr std::uint64_t kApart = 0x9E3779B97F4A7C15;
  const auto& keyframe = scene_.keyframes[static_cast<std::size_t>(step.from)];
  const auto options = for_chains(keyframe.optimize, scene_);
  RandomKey key{.content = content_of(step.from), .seed = options.seed};
  if (!step.footage) key.content += static_cast<std::uint64_t>(step.number) * kApart;
  const auto& clips = models_.clips(options.precision);
  std::vector<Guide> guides;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const auto& encoder = clips[i].clip.image();
    std::vector<Target> targets;
    const bool exchanges = step.from != step.to && step.amount > 0;
    add_scaled(targets_of(step.from, i, step.weights.from), exchanges ? 1 - step.amount : 1,
               targets);
    if (exchanges) add_scaled(targets_of(step.to, i, step.weights.to), step.amount, targets);
    guides.push_back({.encoder = encoder,
                      .weight = clips[i].weight,
                      .objective = Objective(std::move(targets), options.loss),
                      .cutouts = Cutouts(options, encoder.resolution(), key)});
  }
  return guides;
}

// Hashed once, as a picture among the prompts is read for that.
std::uint64_t ChainMaker::content_of(int keyframe) {
  auto& content = contents_[static_cast<std::size_t>(keyframe)];
  if (!content) {
    content = content_hash(scene_.keyframes[static_cast<std::size_t>(keyframe)],
                           *models_.clip_identities().front().tokenizer,
                           [&](const auto& file) { return models_.digest_of(file); });
  }
  return *content;
}

const std::vector<Target>& ChainMaker::targets_of(int keyframe, std::size_t clip) {
  auto& of_clips = targets_[static_cast<std::size_t>(keyframe)];
  auto asked = scene_.keyframes[static_cast<std::size_t>(keyframe)];
  const bool changes = scenes::has_changing_weights(asked);
  if (changes) asked.optimize.extra_weight = 0;  // each frame adds what it has of them
  const auto& clips = models_.clips(scene_.keyframes.front().optimize.precision);
  if (of_clips.empty()) {
    const RandomKey key{.content = content_of(keyframe), .seed = asked.optimize.seed};
    const auto size = decoded_size(grid_, models_.vqgan_config());
    for (const auto& loaded : clips) {
      const Cutouts cutouts(asked.optimize, loaded.clip.image().resolution(), key);
      of_clips.push_back(make_targets(asked, loaded, cutouts, static_cast<int>(size.width),
                                      static_cast<int>(size.height)));
      if (changes) extras_[keyframe].push_back(encode_extra(asked, loaded));
    }
  }
  return of_clips[clip];
}

std::vector<Target> ChainMaker::targets_of(int keyframe, std::size_t clip,
                                           const scenes::PromptWeights& weights) {
  auto targets = targets_of(keyframe, clip);
  if (weights.are_always()) return targets;
  const auto& extra = extras_.at(keyframe)[clip];
  for (std::size_t i = 0; i < targets.size(); ++i) {
    auto& target = targets[i];
    target.weight = weights.prompts[i];
    if (target.kind == Target::Kind::mix)
      target.embedding = target.embedding + extra * weights.extra;
  }
  return targets;
}

// The next frame asks for the picture that this one was left with.
at::Tensor ChainMaker::picture(const at::Tensor& z) {
  if (!pictured_z_.is_same(z)) {
    picture_ = picture_of(vqgan_, z.to(vqgan_.placement().device));
    pictured_z_ = z;
  }
  return picture_;
}

}  // namespace latentreel::render
