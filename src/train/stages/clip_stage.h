#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/clip/clip.h"
#include "models/clip/towers.h"
#include "src/train/stages/loop_negatives.h"
#include "src/train/stages/optimizer.h"
#include "src/train/stages/training_run.h"

namespace latentreel::training {

// Pictures with captions, and what is known of them.
struct Pairs {
  at::Tensor pictures;                       // [N, 3, S, S] in [0, 1]
  at::Tensor tokens;                         // [N, T] int64, framed
  at::Tensor positives;                      // [N, N] bool: whether picture i satisfies caption j
  std::map<std::string, at::Tensor> labels;  // [N] int64 by name; -1: none
};
// Pairs `first` to `first + count - 1` of an endless sequence, with pictures of that side.
using PairSource = std::function<Pairs(uint64_t first, int64_t count, int64_t side)>;

// A small CLIP, trained to tell which caption belongs to which picture (Radford et al., 2021), and
// to guide an optimization: it is attacked while it learns, because an ordinary image tower is
// satisfied by coloured noise. Auxiliary heads that name what is in the picture help at first and
// are dropped in the end.
//
// The budget has three parts: plain pairs until attack_from, an attack that rises until
// attack_full, and from loop_from on also pictures that the renderer makes with the tower itself,
// as negatives.
class ClipStage : public Stage {
 public:
  struct Settings {
    models::ClipConfig config;
    std::map<std::string, int64_t> labels;  // how many values each label has
    uint64_t seed = 1;
    at::Device device = at::kCPU;
    bool bfloat16 = false;  // for convolutions and matrix products
    double learning_rate = 1e-3;
    int64_t batch = 128;
    double attack_from = 0.25, attack_full = 0.42, loop_from = 0.5;
    int64_t negatives = 52;   // attacked pictures a step that match no caption
    int64_t loop_drawn = 24;  // of the loop's pictures, per step
    int64_t loop_every = 25;  // steps
    int64_t loop_made = 12;   // pictures made each time
    int64_t tested = 256;
    // The CLIP that optimizes the loop's pictures, of the same vocabulary; none: the one in
    // training.
    std::optional<models::Clip> guide;
  };
  // What the bundled pair's CLIP looks like: ModifiedResNet 24 wide, 64 pixels; 4.1 M parameters.
  static models::ClipConfig tiny(int64_t vocabulary);

  // `loop`: makes the render loop's pictures, with the VQGAN of the pair; nothing: train without
  // them. `things`: the caption of every value of the label "thing" in every value of "colour", [C,
  // K, T], for the test; C is 1 where nothing is labelled by colour.
  ClipStage(Settings settings, PairSource pairs, PairSource held_out, at::Tensor things,
            std::optional<LoopNegatives> loop);

  // "loss", and "loop": the share of the loop's pictures that score below their true ones
  Measures step(int64_t number, double part) override;
  // "retrieval" of held-out pictures' captions, the same "attacked" (5 steps, radius 2.5), and
  // "named": the share of pictures of one thing whose caption it finds among all things' in that
  // colour
  Measures test() override;
  // An earlier network can guide already: it is attacked and meets the loop from the first step.
  void begin_with(const models::StateDict& weights) override;
  models::StateDict::Tensors state() const override;
  void restore(const models::StateDict& state) override;
  models::StateDict result() const override;

  // [N, E], unit length, differentiable.
  at::Tensor embed_pictures(const at::Tensor& pictures);
  at::Tensor embed_tokens(const at::Tensor& tokens);

 private:
  struct Heads;
  double attack_strength(double part) const;
  models::Clip frozen() const;
  at::Tensor attacked(const models::Clip& tower, const Pairs& pairs, double strength,
                      at::Generator& generator);
  at::Tensor confusing(const models::Clip& tower, const Pairs& pairs, double strength,
                       at::Generator& generator);
  at::Tensor label_loss(const at::Tensor& embeddings, const Pairs& pairs);
  LoopNegatives::Drawn draw_loop(int64_t number);
  void begin_guiding();
  static at::Tensor loop_lead(const at::Tensor& pictures, const at::Tensor& captions);

  Settings settings_;
  PairSource pairs_, held_out_;
  at::Tensor things_;
  std::optional<LoopNegatives> loop_;
  models::ClipModel network_;
  std::shared_ptr<torch::nn::Module> heads_;
  at::Tensor mean_, std_;  // [1, 3, 1, 1]
  Optimizer optimizer_, head_optimizer_;
  bool guides_ = false;  // it learned to guide before this run
};

}  // namespace latentreel::training
