#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/clip/clip.h"
#include "models/vqgan/vqgan.h"
#include "scenes/scene.h"
#include "src/frames/latent.h"
#include "src/optimize/cutouts.h"
#include "src/optimize/holding.h"
#include "src/optimize/objective.h"
#include "src/optimize/optimizer.h"
#include "src/optimize/step_networks.h"
#include "src/run/jobs.h"
#include "src/run/stop.h"

namespace latentreel::render {

// One CLIP that guides a keyframe: what it sees (cutouts) and what it wants to see (objective).
struct Guide {
  models::ClipImageEncoder encoder;
  double weight = 1;
  Objective objective;
  Cutouts cutouts;
};

// What one iteration found, before its step.
struct Iteration {
  int number = 0;              // counted from 0
  double loss = 0;             // everything included
  std::vector<double> shares;  // each prompt's part of it, weighted over the CLIPs
  double smoothed = 0;         // bias-corrected moving average of the loss, 0.9
};

// The gradients of one iteration, shown to the observer before they are used; tests may change
// z_gradient.
struct GradientView {
  int iteration = 0;
  const at::Tensor& z;      // [1, C, h, w], before the step
  const at::Tensor& image;  // [1, 3, H, W] in [0, 1], the decoded picture after its clamp
  const at::Tensor& image_gradient;
  at::Tensor& z_gradient;
};

// All that one iteration computes at a latent, so that others can recompute it.
struct Evaluation {
  // What one CLIP saw, all cutouts together.
  struct Seen {
    at::Tensor cutouts;   // [N, 3, R, R] as they enter its normalisation
    at::Tensor gradient;  // of the loss with respect to them
  };
  double loss = 0;             // everything included
  std::vector<double> shares;  // each prompt's part of it, weighted over the CLIPs
  at::Tensor image;            // [1, 3, H, W] in [0, 1], the decoded picture after its clamp
  at::Tensor image_gradient;
  at::Tensor z_gradient;   // [1, C, h, w]
  std::vector<Seen> seen;  // by guide; only where asked for
};

// Start latent to best latent, by gradient steps on what CLIP thinks of cutouts of the decoded
// picture (models.md 5). One iteration: decode, clamp, cutouts in chunks, CLIP, backward, step.
// Chunks add their gradients to the detached picture and the decoder runs backward once, so memory
// does not grow with the number of cutouts.
//
// Can stop between any two chunks and loses nothing but the unfinished iteration; `state` taken
// after any iteration and given to `restore` continues to the same bits. A loss or gradient that is
// not finite rolls back to the best latent so far and halves the step; more than kMostRollbacks
// of them throw RenderError (diverged). Not thread-safe.
class KeyframeOptimizer {
 public:
  using State = std::map<std::string, at::Tensor>;
  using Observer = std::function<void(const GradientView&)>;
  static constexpr int kMostRollbacks = 3;

  // `networks`: those of an earlier optimization with the same VQGAN and encoders, which fit these
  // options and are not used by another meanwhile; null: its own.
  KeyframeOptimizer(models::Vqgan vqgan, std::vector<Guide> guides,
                    const scenes::OptimizeOptions& options, const Latent& start, int64_t chunk,
                    std::shared_ptr<StepNetworks> networks = nullptr);

  bool done() const;
  // The next iteration. Throws Stopped, leaving everything as after the last finished iteration.
  Iteration step(const StopToken& stop);

  // What iteration `number` computes at z [1, C, h, w], its random draws included; no step is made
  // and the observer sees nothing of it. Throws Stopped.
  Evaluation evaluate(const at::Tensor& z, int number, const StopToken& stop);

  // What the keyframe shows: snapped to the codebook where the scene quantizes.
  Latent result() const;
  // The latent before the next step, [1, C, h, w] on the CPU.
  at::Tensor z() const { return z_.cpu().clone(); }
  // The latent before the step of the best iteration; the start where none was made.
  at::Tensor best_z() const { return best_z_.cpu().clone(); }
  const std::vector<Iteration>& history() const { return history_; }
  int best_iteration() const { return best_iteration_; }
  int rollbacks() const { return rollbacks_; }

  // Computes chunks of cutouts side by side from now on, where `jobs` has threads for it; the bits
  // are the same. `jobs` must outlive the optimizer.
  void work_in(Jobs* jobs) { jobs_ = jobs; }  // null: one after the other
  Jobs* jobs() const { return jobs_; }
  // How many cutouts are computed at once: bounds memory, affects only rounding.
  int64_t chunk() const { return chunk_; }
  void set_chunk(int64_t chunk);

  const std::vector<Guide>& guides() const { return guides_; }
  const std::shared_ptr<StepNetworks>& networks() const { return networks_; }
  const scenes::OptimizeOptions& options() const { return options_; }
  void observe(Observer observer) { observer_ = std::move(observer); }

  State state() const;
  void restore(const State& state);

  // What the rule of the steps has learned so far: its part of the state, for another optimization
  // of the same shape and kind of rule to begin with. The learning rate stays each one's own.
  State learned() const;
  void learn(const State& learned);

 private:
  enum class Cuts { forget, keep };  // whether an evaluation keeps cutouts and their gradients
  Evaluation compute(const at::Tensor& z, int64_t number, Cuts cuts, const StopToken& stop);
  // What the loss of guide `i` asks of the picture [1, 3, H, W]; adds its shares to `shares`.
  at::Tensor judged(size_t i, const at::Tensor& image, int64_t number, at::Tensor& shares,
                    Evaluation::Seen* seen, const StopToken& stop);
  Evaluation observed(const StopToken& stop);  // of the next iteration
  bool roll_back();
  void restore_rule(const State& state);
  void keep_if_best(Iteration& iteration);
  at::Tensor moved(const at::Tensor& gradient, int number);
  at::Tensor averaged() const;  // the averaged latent, kept instead of z

  models::Vqgan vqgan_;
  std::vector<Guide> guides_;
  scenes::OptimizeOptions options_;
  int64_t chunk_;
  Jobs* jobs_ = nullptr;
  std::shared_ptr<StepNetworks> networks_;
  Observer observer_;

  at::Tensor start_;  // z0
  at::Tensor z_;
  at::Tensor best_z_;
  at::Tensor average_z_;  // before its bias correction; undefined where nothing is averaged
  at::Tensor kept_;       // averaged() at the best iteration
  Optimizer rule_;
  ChangeMask mask_;
  std::vector<Iteration> history_;
  double average_ = 0;  // moving average before its bias correction
  int averaged_ = 0;    // losses in it
  double best_score_ = 0;
  int best_iteration_ = -1;
  int rollbacks_ = 0;
};

}  // namespace latentreel::render
