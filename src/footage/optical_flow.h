// What moves between two frames, and what was hidden: how the picture made of one frame is carried
// over to the next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ffmpeg/image.h"

namespace latentreel::footage {

inline constexpr int kLeastFlowSide = 16;

// A vector for each pixel.
struct Flow {
  int width = 0;
  int height = 0;
  std::vector<float> vectors;  // [height][width][2]: to the right and down, in pixels

  bool operator==(const Flow&) const = default;
};

// Where each pixel of `picture` is in `other`, of the same size and with sides of at least
// kLeastFlowSide: what `picture` shows at (x, y), `other` shows at (x, y) + its vector. By
// brightness alone; where nothing can be told, as on a plain wall, as its surroundings move. The
// same pictures give the same flow on the same machine. Throws FootageError where the library for
// it is not there, std::invalid_argument for pictures that do not go together.
Flow find_flow(const ffmpeg::Image& picture, const ffmpeg::Image& other);

// The version of the library that finds it, which is loaded for that. Throws FootageError where it
// is not there.
std::string flow_version();

// Both ways between a frame and the next.
struct Motion {
  Flow forward;   // where what `earlier` shows is in `later`
  Flow backward;  // where what `later` shows was in `earlier`
  // Of `later`, [height][width]: 1 where `earlier` does not show what is there, as it was hidden,
  // out of sight, or has changed beyond recognition; else 0.
  std::vector<std::uint8_t> hidden;
};
Motion find_motion(const ffmpeg::Image& earlier, const ffmpeg::Image& later);

// Where going by `backward` and then by `forward` does not lead home, or leads out of the picture:
// |f + b|^2 > 0.01 (|f|^2 + |b|^2) + 0.5, by N. Sundaram, T. Brox and K. Keutzer, "Dense Point
// Trajectories by GPU-accelerated Large Displacement Optical Flow", ECCV 2010. `forward` is read
// between its pixels; both are of the same size.
std::vector<std::uint8_t> find_hidden(const Flow& backward, const Flow& forward);

// The flow as a picture: the hue says where to (red to the right, then yellow-green down, cyan to
// the left, violet up), the colour's strength how far, up to `farthest` pixels (0: the farthest
// there is). What stands still is white.
ffmpeg::Image picture_of(const Flow& flow, double farthest = 0);

}  // namespace latentreel::footage
