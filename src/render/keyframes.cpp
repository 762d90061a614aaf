#include "src/render/keyframes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "ffmpeg/image.h"
#include "src/render/error.h"
#include "src/render/keyframe_hash.h"
#include "src/render/keyframe_optimizer.h"
#include "src/render/lap_timer.h"
#include "src/render/prompts.h"

namespace latentreel::render {
namespace {

using Clock = std::chrono::steady_clock;

// How often the state of a running optimization is kept.
constexpr auto kKeepEvery = std::chrono::seconds(5);

// Draws are keyed by what the first CLIP reads: the same tokens, the same draws.
RandomKey random_key(const scenes::Keyframe& keyframe, ModelPack& models) {
  const auto& tokenizer = *models.clips(keyframe.optimize.precision).front().tokenizer;
  return {.content = content_hash(keyframe, tokenizer), .seed = keyframe.optimize.seed};
}

void check_texts(const scenes::Keyframe& keyframe, const LoadedClip& clip) {
  const auto context = static_cast<size_t>(clip.clip.config().context);
  for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
    for (const auto& prompt : *prompts) {
      if (prompt.kind == scenes::Prompt::Kind::text) clip.tokenizer->frame(prompt.text, context);
    }
  }
  for (const auto& text : keyframe.optimize.extra) clip.tokenizer->frame(text, context);
}

std::vector<Guide> make_guides(const scenes::Keyframe& keyframe,
                               const std::vector<LoadedClip>& clips, RandomKey key, Grid grid,
                               int64_t factor) {
  std::vector<Guide> guides;
  for (const auto& loaded : clips) {
    const auto& encoder = loaded.clip.image();
    const Cutouts cutouts(keyframe.optimize, encoder.resolution(), key);
    auto targets = make_targets(keyframe, loaded, cutouts, static_cast<int>(grid.width * factor),
                                static_cast<int>(grid.height * factor));
    guides.push_back({.encoder = encoder,
                      .weight = loaded.weight,
                      .objective = Objective(std::move(targets), keyframe.optimize.loss),
                      .cutouts = cutouts});
  }
  return guides;
}

}  // namespace

Grid grid_of(const scenes::VideoOptions& video, const models::VqganConfig& vqgan) {
  const auto factor = vqgan.factor();
  const Grid grid{.height = video.height / factor, .width = video.width / factor};
  if (grid.height < 1 || grid.width < 1) {
    throw RenderError(RenderError::Kind::scene,
                      fmt::format("[video] size = \"{}x{}\" is smaller than one cell of the VQGAN: "
                                  "it makes pictures of at least {}x{}, in steps of {}.",
                                  video.width, video.height, factor, factor, factor));
  }
  return grid;
}

KeyframeMaker::KeyframeMaker(const scenes::Scene& scene, ModelPack& models, const Machine& machine,
                             KeyframeStore* store, Progress& progress, const StopToken& stop)
    : scene_(scene),
      models_(models),
      machine_(machine),
      store_(store),
      progress_(progress),
      stop_(stop),
      grid_(grid_of(scene.video, models.vqgan_config())) {}

void KeyframeMaker::check() {
  for (const auto& keyframe : scene_.keyframes) {
    const auto& options = keyframe.optimize;
    for (const auto& clip : models_.clips(options.precision)) check_texts(keyframe, clip);
    for (const auto* prompts : {&keyframe.prompts, &options.exclude}) {
      for (const auto& prompt : *prompts) {
        if (prompt.kind == scenes::Prompt::Kind::image) ffmpeg::read_picture(prompt.image);
      }
    }
    if (options.start == scenes::StartKind::image) ffmpeg::read_picture(options.start_image);
    if (options.start == scenes::StartKind::nearest) nearest_entry(keyframe, models_);
  }
}

std::vector<KeyframeResult> KeyframeMaker::make_all() {
  check();
  std::vector<KeyframeResult> results;
  hashes_.clear();
  for (int index = 0; index < static_cast<int>(scene_.keyframes.size()); ++index) {
    hashes_.push_back(keyframe_hash(scene_.keyframes[index], models_, grid_, machine_, kCutoutChunk,
                                    hashes_.empty() ? "" : hashes_.back()));
    results.push_back(
        make(index, results.empty() ? std::nullopt : std::optional(results.back().latent)));
  }
  return results;
}

KeyframeResult KeyframeMaker::make(int index, const std::optional<Latent>& previous) {
  stop_.check();
  const auto task = fmt::format("key:{}", index);
  if (store_ != nullptr) {
    if (auto latent = store_->find_latent(hashes_[index])) {
      progress_.task(task, TaskState::reused);
      return {.latent = *latent, .start = {}, .reused = true};
    }
  }
  progress_.task(task, TaskState::started);
  auto result = optimize(index, previous);
  if (store_ != nullptr) store_->keep_latent(hashes_[index], result.latent);
  progress_.task(task, TaskState::finished);
  return result;
}

Start KeyframeMaker::start_of(int index, const std::optional<Latent>& previous) {
  const auto& keyframe = scene_.keyframes[index];
  return make_start(keyframe, models_, grid_, random_key(keyframe, models_), previous);
}

KeyframeOptimizer KeyframeMaker::begin(int index, const Start& start) {
  const auto& keyframe = scene_.keyframes[index];
  const auto precision = keyframe.optimize.precision;
  const auto& vqgan = models_.vqgan(precision);
  return KeyframeOptimizer(
      vqgan,
      make_guides(keyframe, models_.clips(precision), random_key(keyframe, models_), grid_,
                  vqgan.config().factor()),
      keyframe.optimize, start.latent, kCutoutChunk);
}

double KeyframeMaker::time_iteration() {
  auto optimizer = begin(0, start_of(0, std::nullopt));
  optimizer.step(stop_);  // the first one also prepares what the others reuse
  const LapTimer timer;
  optimizer.step(stop_);
  return timer.seconds();
}

KeyframeResult KeyframeMaker::optimize(int index, const std::optional<Latent>& previous) {
  const LapTimer whole;
  const auto& keyframe = scene_.keyframes[index];
  const auto& options = keyframe.optimize;
  const auto start = start_of(index, previous);
  auto optimizer = begin(index, start);
  if (store_ != nullptr) {
    if (const auto state = store_->find_state(hashes_[index])) optimizer.restore(*state);
  }

  auto kept = Clock::now();
  const auto keep = [&] {
    if (store_ != nullptr) store_->keep_state(hashes_[index], optimizer.state());
    kept = Clock::now();
  };
  int rollbacks = optimizer.rollbacks();
  while (!optimizer.done()) {
    const LapTimer one;
    Iteration iteration;
    try {
      iteration = optimizer.step(stop_);
    } catch (const Stopped&) {
      keep();
      throw;
    }
    if (optimizer.rollbacks() != rollbacks) {
      rollbacks = optimizer.rollbacks();
      progress_.warning(
          fmt::format("keyframe {}: the loss of iteration {} was not a number; went "
                      "back to the best picture with half the step",
                      index, iteration.number));
    }
    progress_.iteration({.keyframe = index,
                         .iteration = iteration.number,
                         .iterations = options.iterations,
                         .loss = iteration.loss,
                         .seconds = one.seconds()});
    if (Clock::now() - kept > kKeepEvery) keep();
  }

  const auto& history = optimizer.history();
  KeyframeResult result{.latent = optimizer.result(), .start = start.origin};
  result.iterations = static_cast<int>(history.size());
  result.best_iteration = optimizer.best_iteration();
  if (!history.empty()) {
    result.first_loss = history.front().loss;
    result.best_loss = history[static_cast<size_t>(std::max(0, result.best_iteration))].loss;
  }
  result.seconds = whole.seconds();
  return result;
}

}  // namespace latentreel::render
