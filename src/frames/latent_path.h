#pragma once

#include <cstdint>
#include <vector>

#include "scenes/frame_spec.h"
#include "src/frames/latent.h"

namespace latentreel::render {

// How far the picture has visibly changed along one interval: `change[j]` in [0, 1] at the amount
// j / (size - 1), never falling, 0 first and 1 last. Empty: not measured, equal steps.
struct Pace {
  std::vector<double> change;

  // The amount at which the fraction `changed` of the visible change has happened. Exact at 0
  // and 1; linear between probes.
  double amount_at(double changed) const;
};

// What a frame shows to its latent. Exact at keyframes: there the result is the keyframe's own
// latent, bit for bit. Constant once made; safe to use from several threads.
//
//   linear     (1 - t) a + t b
//   spherical  along the great arc of a and b, each latent taken whole as one vector; linear where
//              they are all but parallel
//   rise       every cell along its own arc and in its own time, from the lowest row upwards: only
//              a band of cells is between two pictures, and no ghosts of both show
//   bloom      the same from the middle outwards
//   spline     cubic Hermite through all keyframes, C1 in time (in a loop all around)
class LatentPath {
 public:
  // Latents by keyframe, alike in shape; those that no frame asked for needs may be empty. Paces by
  // interval of the timeline; where there is none, or an empty one, steps are equal.
  explicit LatentPath(std::vector<Latent> latents, std::vector<Pace> paces = {});

  // [1, C, h, w].
  at::Tensor at(const scenes::FrameSpec& frame) const;

 private:
  at::Tensor slope(const scenes::Slope& slope) const;  // change of the latent a frame

  std::vector<Latent> latents_;
  std::vector<Pace> paces_;
};

// a to b along their great arc, `amount` in [0, 1]. Exact at both ends.
at::Tensor spherical(const at::Tensor& a, const at::Tensor& b, double amount);

// The same for each cell of [1, C, h, w] by itself; amounts: [1, 1, h, w].
at::Tensor spherical_by_cell(const at::Tensor& a, const at::Tensor& b, const at::Tensor& amounts);

}  // namespace latentreel::render
