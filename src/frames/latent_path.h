#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "scenes/frame_spec.h"
#include "src/frames/latent.h"

namespace latentreel::render {

// How far the picture has visibly changed along one interval: `change[j]`, at the amount
// j / (size - 1), is in [0, 1]: 0 first, never falling, 1 last. Empty: not measured; steps are then
// equal.
struct Pace {
  std::vector<double> change;

  // The amount at which the fraction `changed` of the visible change has happened. Exact at 0
  // and 1; linear between probes.
  double amount_at(double changed) const;
};

// Gives the latent of a frame. Exact at keyframes: there the result is the keyframe's own latent,
// bit for bit. Immutable; safe to use from several threads.
//
//   linear     (1 - t) a + t b
//   spherical  along the great arc of a and b as whole vectors; linear where almost parallel
//   rise       each cell along its own arc and in its own time, from the lowest row upwards
//   bloom      the same, from the middle outwards
//   spline     cubic Hermite through all keyframes, C1 in time (in a loop all around)
//
// With rise and bloom only a band of cells is between two pictures at a time, so that the film does
// not show ghosts of both.
//
// A pulse then moves the latent along the great arc to another keyframe's, or to noise: normally
// distributed with each channel's mean and standard deviation in this latent.
class LatentPath {
 public:
  // Gives what a frame of a chain shows, [1, C, h, w].
  using Chains = std::function<at::Tensor(const scenes::Chained&)>;

  // `latents`: one for each keyframe, all of one shape; those that no requested frame needs may be
  // empty. `paces`: one for each interval of the timeline; where one is missing or empty, steps are
  // equal.
  // `chains`: gives the latents of frames of chains, from several threads at a time; needed where
  // there are any.
  explicit LatentPath(std::vector<Latent> latents, std::vector<Pace> paces = {},
                      Chains chains = nullptr);

  // [1, C, h, w].
  at::Tensor at(const scenes::FrameSpec& frame) const;

 private:
  at::Tensor on_its_way(const scenes::FrameSpec& frame) const;  // without pulse
  at::Tensor slope(const scenes::Slope& slope) const;           // change of the latent per frame

  std::vector<Latent> latents_;
  std::vector<Pace> paces_;
  Chains chains_;
};

// a to b along their great arc, `amount` in [0, 1]. Exact at both ends.
at::Tensor spherical(const at::Tensor& a, const at::Tensor& b, double amount);

// The same for each cell of [1, C, h, w] by itself; amounts: [1, 1, h, w].
at::Tensor spherical_by_cell(const at::Tensor& a, const at::Tensor& b, const at::Tensor& amounts);

}  // namespace latentreel::render
