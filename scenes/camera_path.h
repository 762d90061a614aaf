#pragma once

#include <cstdint>
#include <vector>

#include "scenes/affine.h"
#include "scenes/frame_spec.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"

namespace latentreel::scenes {

class CurveEvaluator;

// When the curves of [motion] are read for a moment of the film: the middle of its cell.
RationalTime motion_time(RationalTime moment);

// Where the camera is at every frame of a film.
//
// [motion] says a velocity xi(t) of all points of the frame, which is the frame's width wide and
// has its origin in its middle, x to the right and y down; a 3x3 matrix:
//
//   p' = L (p - center) - pan,  L = log(zoom) [1 0; 0 1] + rotate [0 -1; 1 0] + shear [0 1; 0 0]
//
// with rotate in radians a second. So for positive pan the camera moves to the right and down and
// what is seen to the left and up, and for positive rotate what is seen turns clockwise. The film
// is cut into cells of 1/120 s from its beginning; xi is constant in each, with the curves' values
// at the cell's middle. The picture on the screen is moved by
//
//   pose(t) = product over the cells up to t of exp(xi * length)
//
// where later cells stand on the left and the last one counts in part. It depends on the time
// alone, so it is the same at every fps, and nothing adds up from frame to frame. Where all curves
// are constant it is exp(xi t). A frame's `Camera` is its inverse.
//
// MotionFrom::keyframe: pose(t) pose(t_k)^-1, where t_k is the time of the last keyframe: the
// camera is where it began at every keyframe. Before the first keyframe, and on a frame that shows
// its keyframe but begins before the keyframe's exact time, it stands.
//
// A loop does not bring it back: where the film begins again, so does the camera.
//
// Entries are rounded to multiples of 2^-32: the last bits of computing make no other frames.
class CameraPath {
 public:
  CameraPath() = default;  // stands
  // `scene`: the timeline's. Throws SceneError as CurveEvaluator does, and where the picture gets
  // more than 2^20 times smaller or larger or moves more than 2^20 frame widths away.
  CameraPath(const Timeline& timeline, const Scene& scene, CurveEvaluator& evaluator);

  // For frames that are moved from the one before them (frame_chains.h): each frame's camera is
  // pose(t - 1/fps) pose(t)^-1, at whatever distance the camera has got to; MotionFrom does not
  // matter, and no picture is resized.
  static CameraPath steps(const Timeline& timeline, const Scene& scene, CurveEvaluator& evaluator);

  // Whether some frame of the film shows something else than its picture as it is.
  bool moves() const { return !samplings_.empty(); }
  // `frame` is one of the film.
  Camera at(std::int64_t frame) const;

 private:
  void keep(std::vector<Affine> samplings);

  std::vector<Affine> samplings_;  // each frame's; empty where all stand
  Edge edge_ = Edge::mirror;
  bool resized_ = false;
};

}  // namespace latentreel::scenes
