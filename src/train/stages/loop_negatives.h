#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "models/files/state_dict.h"
#include "models/vqgan/vqgan.h"

namespace latentreel::training {

// What the renderer makes of captions with a tower that is still being trained: unfinished results
// of the optimization itself. Each is a picture that does not show its caption yet, and the tower
// learns to see that. It is compared with a true picture that also passed through the VQGAN, so
// that traces of the decoder give nothing away.
class LoopNegatives {
 public:
  struct Settings {
    int64_t side = 128;  // of a picture while it is optimized
    int64_t kept = 900;  // pictures; the oldest are dropped first
    int64_t cuts = 4;
    int64_t fewest_steps = 7, most_steps = 45;
  };
  // Pictures [N, 3, R, R] in [0, 1] -> embeddings [N, E] of unit length, differentiable.
  using Embed = std::function<at::Tensor(const at::Tensor&)>;

  // `open` is called when the first pictures are made: until then the VQGAN may still be in
  // training itself.
  using Open = std::function<models::Vqgan()>;
  LoopNegatives(Settings settings, Open open, int64_t resolution);

  // Optimizes a picture for each of the captions (embeddings [N, E], unit length), from starts
  // drawn by `seed`: smooth noise, grey, random codes, flat colours, other true pictures. Keeps
  // each with its caption's tokens [N, T] and its true picture [N, 3, side, side] as the VQGAN
  // gives it back.
  void make(const at::Tensor& captions, const at::Tensor& tokens, const at::Tensor& pictures,
            const Embed& embed, uint64_t seed);

  int64_t size() const;
  int64_t side() const { return settings_.side; }  // of the true pictures that make() takes

  struct Drawn {        // on the host
    at::Tensor made;    // [N, 3, R, R]: a negative for its caption
    at::Tensor true_;   // [N, 3, R, R]: the positive
    at::Tensor tokens;  // [N, T]
  };
  Drawn draw(int64_t count, uint64_t seed) const;

  void save(models::StateDict::Tensors& state) const;
  void restore(const models::StateDict& state);

 private:
  const models::Vqgan& vqgan();
  at::Tensor start(int64_t count, const at::Tensor& pictures, uint64_t seed);
  at::Tensor reduced(const at::Tensor& pictures) const;

  Settings settings_;
  Open open_;
  std::optional<models::Vqgan> vqgan_;
  int64_t resolution_;
  // On the host, whatever device they were made on, like those read from a checkpoint. Undefined
  // where there are none yet.
  at::Tensor made_, true_, tokens_;
};

}  // namespace latentreel::training
