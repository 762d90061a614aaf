#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

// Colour jitter of cutouts as kornia 0.5.4 does it, differentiable in the picture.
//
//   brightness b: x + (b - 1), clamped to [0, 1]
//   contrast c:   x c, clamped to [0, 1]
//   saturation s: the S of HSV times s, clamped to [0, 1]
//   hue h:        the H of HSV plus h (a part of the circle)
//
// HSV is never formed. With v the largest and m the smallest channel, S = (v - m) / (v + 1e-6),
// saturation is x' = v - g (v - x) with one g a pixel, and hue is x' = v - (v - m) v / (v + 1e-6)
// w(H), w a ramp of the turned hue. So there is no division by zero on grey and every gradient is
// finite; elsewhere both values and gradients equal those of a conversion to HSV and back.
//
// On the CPU in float32 the four steps are one kernel forward and one backward, and only the input
// is kept for backward.

namespace latentreel::models {

struct Jitter {
  enum class Step { brightness, contrast, saturation, hue };

  // What one picture gets. Its default changes nothing; then the picture is copied.
  struct Factors {
    double brightness = 1, contrast = 1, saturation = 1;
    double hue = 0;
    bool applies = false;
  };

  std::array<Step, 4> order = {Step::brightness, Step::contrast, Step::saturation, Step::hue};
  std::vector<Factors> factors;  // one for each picture
};

// x: [N, 3, H, W].
at::Tensor jitter(const at::Tensor& x, const Jitter& jitter);

// The same in plain tensor code.
at::Tensor jitter_reference(const at::Tensor& x, const Jitter& jitter);

}  // namespace latentreel::models
