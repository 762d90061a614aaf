#include "src/optimize/keyframes.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "ffmpeg/image.h"
#include "src/optimize/keyframe_optimizer.h"
#include "src/optimize/memory.h"
#include "src/optimize/prompts.h"
#include "src/optimize/stills.h"
#include "src/optimize/unfinished_saves.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"

namespace latentreel::render {
namespace {

// Draws are keyed by what the first CLIP reads: the same tokens, the same draws.
RandomKey random_key(const scenes::Keyframe& keyframe, ModelPack& models) {
  const auto& tokenizer = *models.clip_identities().front().tokenizer;
  const auto content =
      content_hash(keyframe, tokenizer, [&](const auto& file) { return models.digest_of(file); });
  return {.content = content, .seed = keyframe.optimize.seed};
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

// What is shown of the scene's picture, on the grid of a pass.
PictureSize shown_on(Grid grid, Grid scene_grid, const scenes::VideoOptions& video) {
  const auto shown = shown_size(video);
  const auto scaled = [](int64_t side, int64_t cells, int64_t of) {
    return (side * cells + of / 2) / of;
  };
  return {.height = scaled(shown.height, grid.height, scene_grid.height),
          .width = scaled(shown.width, grid.width, scene_grid.width)};
}

}  // namespace

KeyframeMaker::KeyframeMaker(const scenes::Scene& scene, ModelPack& models, const Machine& machine,
                             KeyframeStore* store, Progress& progress, const StopToken& stop,
                             Jobs* jobs)
    : scene_(scene),
      models_(models),
      machine_(machine),
      store_(store),
      progress_(progress),
      stop_(stop),
      jobs_(jobs),
      grid_(grid_of(scene.video, models.vqgan_config())) {}

std::vector<std::string> KeyframeMaker::check(int index) {
  const auto& keyframe = scene_.keyframes[index];
  const auto& options = keyframe.optimize;
  auto warnings = check_pictures(keyframe);
  if (options.start == scenes::StartKind::image) {
    for (auto& warning : read_still(options.start_image).warnings) {
      warnings.push_back(std::move(warning));
    }
  }
  if (options.start == scenes::StartKind::nearest) nearest_entry(keyframe, models_);
  check_passes(keyframe, grid_);
  return warnings;
}

std::vector<Pass> KeyframeMaker::passes(int index) const {
  return passes_of(scene_.keyframes[index], grid_);
}

Start KeyframeMaker::start_of(const Pass& pass, const std::optional<Latent>& previous) {
  const auto key = random_key(pass.keyframe, models_);
  return make_start(pass.keyframe, models_, pass.grid, key, previous,
                    shown_on(pass.grid, grid_, scene_.video));
}

KeyframeOptimizer KeyframeMaker::begin(const Pass& pass, const std::optional<Latent>& previous) {
  return begin_at(pass, start_of(pass, previous).latent);
}

KeyframeOptimizer KeyframeMaker::begin_at(const Pass& pass, const Latent& start) {
  const auto& keyframe = pass.keyframe;
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
                  pass.grid, vqgan.config().factor()),
      options, start, kCutoutChunk);
}

// One keyframe on its way through its passes, with what is kept of it.
class KeyframeMaker::Run {
 public:
  Run(KeyframeMaker& maker, int index, std::string hash, const std::optional<Latent>& previous)
      : maker_(maker),
        index_(index),
        hash_(std::move(hash)),
        previous_(previous),
        passes_(maker.passes(index)),
        count_(static_cast<size_t>(beginnings(passes_.back().keyframe.optimize))) {}

  KeyframeRecord finish() {
    auto first = with_memory([&] { return maker_.start_of(passes_.front(), previous_); });
    record_.start = first.origin + sketched();
    if (!continue_where_it_stopped()) enter(std::move(first.latent));
    iterate_to_the_end();
    while (!is_last()) {
      choose();
      ++number_;
      enter(with_memory([&] {
        return pass().fresh ? maker_.start_of(pass(), previous_).latent : scaled(chosen_->latent);
      }));
      iterate_to_the_end();
    }
    record_.latent = optimizer_->result();
    record_.history = optimizer_->history();
    record_.best_iteration = optimizer_->best_iteration();
    if (record_.best_iteration >= 0) record_.best_z = optimizer_->best_z();
    record_.rollbacks += optimizer_->rollbacks();
    record_.seconds += work_.lap();
    return std::move(record_);
  }

 private:
  // The best that the passes so far came to.
  struct Chosen {
    Latent latent;
    double loss = 0;  // smoothed
  };

  const Pass& pass() const { return passes_[number_]; }
  bool is_last() const { return number_ + 1 == passes_.size(); }

  void enter(Latent start) {
    start_ = std::move(start);
    with_memory([&] { optimizer_.emplace(maker_.begin_at(pass(), start_)); });
    optimizer_->work_in(maker_.jobs_);
    if (chunk_ < kCutoutChunk) optimizer_->set_chunk(chunk_);
  }

  // Beside other jobs, or alone where memory does not suffice for several.
  template <class Work>
  std::invoke_result_t<Work> with_memory(const Work& work) {
    if (maker_.jobs_ == nullptr) return work();
    auto& gate = maker_.jobs_->memory();
    if (gate.is_short()) {
      const MemoryGate::Alone alone(gate);
      return work();
    }
    const MemoryGate::Shared beside(gate);
    return work();
  }

  Latent scaled(const Latent& z) const {
    return on_grid(maker_.models_.vqgan(pass().keyframe.optimize.precision), z, pass().grid);
  }

  // Ends a pass. Of those from the keyframe's start the best one goes on; of those after them the
  // last. Its optimizer's memory is free for the next one.
  void choose() {
    keep_best();
    record_.rollbacks += optimizer_->rollbacks();
    record_.seconds += work_.lap();
    record_.seconds_before = record_.seconds;
    optimizer_.reset();
  }

  void keep_best() {
    const auto& history = optimizer_->history();
    const bool best = pass().keyframe.optimize.keep == scenes::Keep::best;
    const auto shown = best ? history.begin() + optimizer_->best_iteration() : history.end() - 1;
    if (pass().fresh && chosen_ && chosen_->loss <= shown->smoothed) return;
    chosen_ = {optimizer_->result(), shown->smoothed};
  }

  // What was done before the last pass, for people.
  std::string sketched() const {
    if (passes_.size() == 1) return {};
    return count_ == 1 ? fmt::format(", first at {}", size_of(passes_.front()))
                       : fmt::format(", the best of {} at {}", count_, size_of(passes_.front()));
  }

  std::string size_of(const Pass& pass) const {
    return size_text(pass.grid, maker_.models_.vqgan_config().factor());
  }

  // For warnings.
  std::string name() const {
    auto name = fmt::format("keyframe {}", index_);
    if (is_last()) return name;
    name += " at " + size_of(pass());
    if (!pass().fresh || count_ == 1) return name;
    return name + fmt::format(", beginning {} of {}", number_ + 1, count_);
  }

  void iterate_to_the_end() {
    while (!optimizer_->done()) {
      try {
        iterate();
      } catch (const Stopped&) {
        keep();
        throw;
      }
      if (saves_.is_due()) keep();
    }
  }

  void iterate() {
    const auto number = static_cast<int>(optimizer_->history().size());
    const auto rollbacks = optimizer_->rollbacks();
    const bool is_shown = is_last() && is_snapshot(number);
    if (is_shown) record_.snapshots[number] = optimizer_->z();
    const LapTimer one;
    const auto iteration =
        step_and_tell(*optimizer_, name(), kCutoutChunk, maker_.progress_, maker_.stop_);
    chunk_ = optimizer_->chunk();
    // The step began at the best latent, not where the loss was not a number.
    const bool rolled_back = optimizer_->rollbacks() != rollbacks;
    if (rolled_back && is_shown) record_.snapshots[number] = optimizer_->best_z();
    maker_.progress_.report(
        IterationReport{.keyframe = index_,
                        .iteration = iterations_before() + number,
                        .iterations = iterations_of(passes_.back().keyframe.optimize),
                        .loss = iteration.loss,
                        .seconds = one.seconds()});
  }

  // Of the passes before this one, as planned.
  int iterations_before() const {
    int sum = 0;
    for (size_t i = 0; i < number_; ++i) sum += passes_[i].keyframe.optimize.iterations;
    return sum;
  }

  // --- What is kept while it is under way --------------------------------------------------------

  bool continue_where_it_stopped() {
    if (maker_.store_ == nullptr) return false;
    auto unfinished = maker_.store_->find_unfinished(hash_);
    if (!unfinished) return false;
    const auto& state = unfinished->state;
    number_ = static_cast<size_t>(state.at("pass.number").item<int64_t>());
    if (const auto z = state.find("pass.chosen"); z != state.end()) {
      chosen_ = {Latent(z->second), state.at("pass.chosen_loss").item<double>()};
    }
    enter(Latent(state.at("pass.start")));
    optimizer_->restore(state);
    record_.snapshots = std::move(unfinished->snapshots);
    record_.seconds = unfinished->seconds;
    record_.seconds_before = state.at("pass.seconds_before").item<double>();
    record_.rollbacks = static_cast<int>(state.at("pass.rollbacks").item<int64_t>());
    return true;
  }

  KeyframeOptimizer::State state() const {
    auto state = optimizer_->state();
    state["pass.number"] = at::tensor({static_cast<int64_t>(number_)}, at::kLong);
    state["pass.start"] = start_.z();
    state["pass.seconds_before"] = at::tensor({record_.seconds_before}, at::kDouble);
    state["pass.rollbacks"] = at::tensor({int64_t{record_.rollbacks}}, at::kLong);
    if (chosen_) {
      state["pass.chosen"] = chosen_->latent.z();
      state["pass.chosen_loss"] = at::tensor({chosen_->loss}, at::kDouble);
    }
    return state;
  }

  void keep() {
    if (maker_.store_ == nullptr) return;
    record_.seconds += work_.lap();
    saves_.save([&] {
      maker_.store_->keep_unfinished(
          hash_, {.state = state(), .snapshots = record_.snapshots, .seconds = record_.seconds});
    });
  }

  KeyframeMaker& maker_;
  int index_;
  std::string hash_;
  const std::optional<Latent>& previous_;
  std::vector<Pass> passes_;
  size_t count_;                  // of beginnings
  size_t number_ = 0;             // of the pass under way
  int64_t chunk_ = kCutoutChunk;  // of cutouts; halved where memory is short
  std::optional<Chosen> chosen_;
  Latent start_;  // of the pass
  std::optional<KeyframeOptimizer> optimizer_;
  LapTimer work_;
  UnfinishedSaves saves_{maker_.progress_};
  KeyframeRecord record_;
};

KeyframeRecord KeyframeMaker::make(int index, const std::string& hash,
                                   const std::optional<Latent>& previous) {
  return Run(*this, index, hash, previous).finish();
}

}  // namespace latentreel::render
