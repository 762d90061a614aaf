#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "models/vqgan/modules.h"
#include "src/train/stages/codebook.h"
#include "src/train/stages/optimizer.h"
#include "src/train/stages/training_run.h"

namespace latentreel::training {

// [count, 3, side, side] in [0, 1]: pictures `first` to `first + count - 1` of a sequence that
// never ends and never repeats. Held-out ones come from a sequence of their own.
using PictureSource = std::function<at::Tensor(uint64_t first, int64_t count, int64_t side)>;

// A small VQGAN, trained to reconstruct pictures: first as a plain autoencoder, then with a
// codebook that begins as the clusters of its latents. Part of what the decoder is given is wrong
// on purpose (random codes, noise, latents that were not quantized): it learns to repair, and to
// accept the interpolated latents of a film. There is no discriminator, so that no details are
// invented.
class VqganStage : public Stage {
 public:
  struct Settings {
    models::VqganConfig config;
    uint64_t seed = 1;
    at::Device device = at::kCPU;
    bool bfloat16 = false;  // for convolutions and matrix products
    double learning_rate = 1.2e-3;
    double plain_part = 0.5;  // of the budget, without a codebook: most is learned there
    int64_t side = 128;       // of whole pictures; crops have half of it
    int64_t batch = 16;       // crops per step; every fourth step: a quarter as many whole pictures
    int64_t tested = 128;     // held-out pictures per test
  };
  // What the bundled pair's VQGAN looks like: f8, 16384 codes, 4.4 M parameters.
  static models::VqganConfig tiny();

  VqganStage(Settings settings, PictureSource pictures, PictureSource held_out);

  // "loss", "used" (the share of codes in use)
  Measures step(int64_t number, double part) override;
  // Of pictures through the averaged network, dB: "psnr" with its codebook, "raw" without it
  Measures test() override;
  // Takes a network of the same shape, or one with fewer residual blocks or codes, which is
  // enlarged. It can repair already and needs no plain part: where plain_part is 0, it keeps its
  // codes if it has them all.
  void begin_with(const models::StateDict& weights) override;
  models::StateDict::Tensors state() const override;
  void restore(const models::StateDict& state) override;
  models::StateDict result() const override;

 private:
  struct Quantized {
    at::Tensor latents;  // the gradient passes straight through
    at::Tensor loss;
    at::Tensor codes;
  };
  at::Tensor wanted(int64_t number, at::Generator& generator) const;
  at::Tensor encoded(const at::Tensor& pictures);
  at::Tensor decoded(const at::Tensor& latents);
  at::Tensor placed(const at::Tensor& pictures) const;
  Quantized quantize(const at::Tensor& z);
  at::Tensor corrupted(const at::Tensor& z, const Quantized& quantized, double strength,
                       at::Generator& generator);
  void begin_codebook(int64_t number);
  bool has_all_codes(const models::StateDict& weights) const;
  models::StateDict grown(const models::StateDict& weights) const;

  Settings settings_;
  PictureSource pictures_, held_out_;
  models::VqModel network_;
  at::Tensor codebook_;  // the network's own parameter
  Optimizer optimizer_;
  CodeUse use_;
  bool quantizes_ = false;
  bool repairs_ = false;  // it learned to repair before this run
};

}  // namespace latentreel::training
