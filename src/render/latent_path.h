#pragma once

#include <cstdint>
#include <vector>

#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/render/latent.h"

namespace latentreel::render {

// How far the picture has visibly changed along one interval: `change[j]` in [0, 1] at the amount
// j / (size - 1), never falling, 0 first and 1 last. Empty: not measured, equal steps.
struct Pace {
  std::vector<double> change;

  // The amount at which the fraction `changed` of the visible change has happened. Exact at 0
  // and 1; linear between probes.
  double amount_at(double changed) const;
};

// Frame to latent. Exact at keyframes: there the result is the keyframe's own latent, bit for bit.
// Constant once made; safe to use from several threads.
//
//   linear     (1 - t) a + t b
//   spherical  along the great arc of a and b, each latent taken whole as one vector; linear where
//              they are all but parallel
//   rise       every cell along its own arc and in its own time, from the lowest row upwards: only
//   a
//              band of cells is between two pictures, and no ghosts of both show
//   bloom      the same from the middle outwards
//   spline     cubic Hermite through all keyframes, C1 in time (in a loop all around)
class LatentPath {
 public:
  // A latent for every keyframe of `timeline`, alike in shape.
  LatentPath(const scenes::Timeline& timeline, const scenes::InterpolateOptions& options,
             std::vector<Latent> latents);

  // What the frame shows, [1, C, h, w], eased and paced.
  at::Tensor at(int64_t frame) const;

  // The latent at `amount` in [0, 1] of interval `index` of the timeline, before easing and pacing.
  at::Tensor between(std::size_t index, double amount) const;

  // The paces by interval of the timeline; those of size 0 are ignored.
  void set_paces(std::vector<Pace> paces);

  const scenes::Timeline& timeline() const { return timeline_; }

 private:
  at::Tensor tangent(int keyframe) const;  // change of the latent a frame

  scenes::Timeline timeline_;
  scenes::InterpolateOptions options_;
  std::vector<Latent> latents_;
  std::vector<Pace> paces_;
};

// a to b along their great arc, `amount` in [0, 1]. Exact at both ends.
at::Tensor spherical(const at::Tensor& a, const at::Tensor& b, double amount);

// The same for each cell of [1, C, h, w] by itself; amounts: [1, 1, h, w].
at::Tensor spherical_by_cell(const at::Tensor& a, const at::Tensor& b, const at::Tensor& amounts);

}  // namespace latentreel::render
