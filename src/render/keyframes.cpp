#include "src/render/keyframes.h"

#include <fmt/format.h>

#include <algorithm>

#include "ffmpeg/image.h"
#include "src/render/error.h"
#include "src/render/keyframe_optimizer.h"
#include "src/render/lap_timer.h"
#include "src/render/memory.h"
#include "src/render/prompts.h"

namespace latentreel::render {
namespace {

// Draws are keyed by what the first CLIP reads: the same tokens, the same draws.
RandomKey random_key(const scenes::Keyframe& keyframe, ModelPack& models) {
  const auto& tokenizer = *models.clip_identities().front().tokenizer;
  return {.content = content_hash(keyframe, tokenizer), .seed = keyframe.optimize.seed};
}

void check_texts(const scenes::Keyframe& keyframe, const ClipIdentity& clip) {
  const auto context = static_cast<size_t>(clip.config.context);
  for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
    for (const auto& prompt : *prompts) {
      if (prompt.kind == scenes::Prompt::Kind::text) clip.tokenizer->frame(prompt.text, context);
    }
  }
  for (const auto& text : keyframe.optimize.extra) clip.tokenizer->frame(text, context);
}

// `shown`: what the start shows already and the loss is not to ask for; joins no extra text.
std::vector<Guide> make_guides(const scenes::Keyframe& keyframe,
                               const std::optional<scenes::Prompt>& shown,
                               const std::vector<LoadedClip>& clips, RandomKey key, Grid grid,
                               int64_t factor) {
  scenes::Keyframe contrast;
  if (shown) contrast.prompts.push_back(*shown);
  std::vector<Guide> guides;
  for (const auto& loaded : clips) {
    const auto& encoder = loaded.clip.image();
    const Cutouts cutouts(keyframe.optimize, encoder.resolution(), key);
    const auto width = static_cast<int>(grid.width * factor);
    const auto height = static_cast<int>(grid.height * factor);
    auto targets = make_targets(keyframe, loaded, cutouts, width, height);
    for (auto& target : make_targets(contrast, loaded, cutouts, width, height)) {
      targets.push_back(std::move(target));
    }
    guides.push_back({.encoder = encoder,
                      .weight = loaded.weight,
                      .objective = Objective(std::move(targets), keyframe.optimize.loss),
                      .cutouts = cutouts});
  }
  return guides;
}

}  // namespace

KeyframeMaker::KeyframeMaker(const scenes::Scene& scene, ModelPack& models, const Machine& machine,
                             KeyframeStore* store, Progress& progress, const StopToken& stop)
    : scene_(scene),
      models_(models),
      machine_(machine),
      store_(store),
      progress_(progress),
      stop_(stop),
      grid_(grid_of(scene.video, models.vqgan_config())) {}

void KeyframeMaker::check(int index) {
  const auto& keyframe = scene_.keyframes[index];
  const auto& options = keyframe.optimize;
  for (const auto& clip : models_.clip_identities()) check_texts(keyframe, clip);
  for (const auto* prompts : {&keyframe.prompts, &options.exclude}) {
    for (const auto& prompt : *prompts) {
      if (prompt.kind == scenes::Prompt::Kind::image) ffmpeg::read_picture(prompt.image);
    }
  }
  if (options.start == scenes::StartKind::image) ffmpeg::read_picture(options.start_image);
  if (options.start == scenes::StartKind::nearest) nearest_entry(keyframe, models_);
}

Start KeyframeMaker::start_of(int index, const std::optional<Latent>& previous) {
  const auto& keyframe = scene_.keyframes[index];
  return make_start(keyframe, models_, grid_, random_key(keyframe, models_), previous);
}

KeyframeOptimizer KeyframeMaker::begin(int index, const std::optional<Latent>& previous) {
  return begin_at(index, start_of(index, previous).latent);
}

KeyframeOptimizer KeyframeMaker::begin_at(int index, const Latent& start) {
  const auto& keyframe = scene_.keyframes[index];
  auto options = keyframe.optimize;
  const auto& vqgan = models_.vqgan(options.precision);
  std::optional<scenes::Prompt> shown;
  const bool compares = options.match_weight != 0 || options.contrast != 0;
  if (compares && options.start == scenes::StartKind::nearest) {
    const auto begun = nearest_entry(keyframe, models_);
    options.start_weight += options.match_weight * begun.held;
    // A prompt that pushes away or stops by itself has nothing to be weighed against.
    if (options.contrast != 0 && begun.weight > 0 && !begun.stops) {
      shown = {.text = begun.shows,
               .weight = -options.contrast * options.include_weight * begun.weight};
    }
  }
  return KeyframeOptimizer(
      vqgan,
      make_guides(keyframe, shown, models_.clips(options.precision), random_key(keyframe, models_),
                  grid_, vqgan.config().factor()),
      options, start, kCutoutChunk);
}

// One keyframe on its way, with what is kept of it.
class KeyframeMaker::Run {
 public:
  Run(KeyframeMaker& maker, int index, std::string hash, const Start& start)
      : maker_(maker),
        index_(index),
        hash_(std::move(hash)),
        optimizer_(maker.begin_at(index, start.latent)) {
    record_.start = start.origin;
    continue_where_it_stopped();
  }

  KeyframeRecord finish() {
    while (!optimizer_.done()) {
      try {
        iterate();
      } catch (const Stopped&) {
        keep();
        throw;
      }
      if (kept_.seconds() > kKeepEvery) keep();
    }
    record_.latent = optimizer_.result();
    record_.history = optimizer_.history();
    record_.best_iteration = optimizer_.best_iteration();
    if (record_.best_iteration >= 0) record_.best_z = optimizer_.best_z();
    record_.rollbacks = optimizer_.rollbacks();
    record_.seconds += work_.lap();
    return std::move(record_);
  }

 private:
  void continue_where_it_stopped() {
    if (maker_.store_ == nullptr) return;
    auto unfinished = maker_.store_->find_unfinished(hash_);
    if (!unfinished) return;
    optimizer_.restore(unfinished->state);
    record_.snapshots = std::move(unfinished->snapshots);
    record_.seconds = unfinished->seconds;
  }

  void iterate() {
    const auto number = static_cast<int>(optimizer_.history().size());
    const auto rollbacks = optimizer_.rollbacks();
    if (is_snapshot(number)) record_.snapshots[number] = optimizer_.z();
    const LapTimer one;
    const auto iteration =
        step_within_memory(optimizer_, maker_.stop_, [&](int64_t chunk) { say_halved(chunk); });
    if (optimizer_.rollbacks() != rollbacks) {
      // The step began at the best latent, not where the loss was not a number.
      if (is_snapshot(number)) record_.snapshots[number] = optimizer_.best_z();
      maker_.progress_.warning(
          fmt::format("keyframe {}: the loss of iteration {} was not a number; went back to the "
                      "best picture with half the step",
                      index_, number));
    }
    maker_.progress_.iteration({.keyframe = index_,
                                .iteration = number,
                                .iterations = maker_.scene_.keyframes[index_].optimize.iterations,
                                .loss = iteration.loss,
                                .seconds = one.seconds()});
  }

  void say_halved(int64_t chunk) {
    maker_.progress_.warning(
        fmt::format("keyframe {}: out of memory; going on with {} cutouts at a time. The result "
                    "differs in rounding from one made with {}",
                    index_, chunk, kCutoutChunk));
  }

  // A state that cannot be kept does not stop the work: the one kept before is still there.
  void keep() {
    kept_.restart();
    if (maker_.store_ == nullptr) return;
    record_.seconds += work_.lap();
    try {
      maker_.store_->keep_unfinished(hash_, {.state = optimizer_.state(),
                                             .snapshots = record_.snapshots,
                                             .seconds = record_.seconds});
    } catch (const RenderError& error) {
      if (!warned_) maker_.progress_.warning(error.what());
      warned_ = true;
    }
  }

  KeyframeMaker& maker_;
  int index_;
  std::string hash_;
  LapTimer work_, kept_;
  KeyframeOptimizer optimizer_;
  KeyframeRecord record_;
  bool warned_ = false;
};

KeyframeRecord KeyframeMaker::make(int index, const std::string& hash,
                                   const std::optional<Latent>& previous) {
  return Run(*this, index, hash, start_of(index, previous)).finish();
}

}  // namespace latentreel::render
