#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>

#include "ffmpeg/video_clip.h"
#include "scenes/scene.h"
#include "src/footage/optical_flow.h"
#include "src/frames/grid.h"
#include "src/run/progress.h"

namespace latentreel::render {

// The clip that a film repaints, frame by frame, and how its pictures move. Asked in order of time
// it is read once from one end to the other. Not thread-safe.
class FootageFrames {
 public:
  // `shown`: the film's pictures; the clip's are cut to their shape and scaled to them. `progress`
  // is warned of what is wrong with the clip; it must outlive this. Throws MediaError, and
  // FootageError where there is no flow library.
  FootageFrames(const scenes::SourceOptions& source, PictureSize shown, Progress& progress);

  // What the clip shows at that time: [1, 3, H, W] float32 in [0, 1], on the CPU.
  at::Tensor at(scenes::RationalTime time);

  // A picture of what is shown at one time, carried on to another by the clip's motion.
  struct Carried {
    at::Tensor picture;  // [1, 3, H, W]
    at::Tensor seen;     // [1, 1, H, W]: 1 where that was seen at both times, else 0
  };
  // picture: [1, 3, H, W] on the CPU.
  Carried carried(const at::Tensor& picture, scenes::RationalTime before, scenes::RationalTime now);

  // From `before` to `now`; null where nothing moves, as the clip shows the same frame, or pictures
  // are too small to tell. Valid until the next call.
  const footage::Motion* motion(scenes::RationalTime before, scenes::RationalTime now);

  // Frames that were read from the clip so far.
  std::int64_t reads() const { return reads_; }

 private:
  // Valid until two others were asked for.
  const ffmpeg::Image& image(scenes::RationalTime time);

  scenes::SourceOptions source_;
  Progress& progress_;
  ffmpeg::VideoClip clip_;
  std::set<std::string> told_;  // warnings of the clip
  struct Known {
    scenes::RationalTime time;
    ffmpeg::Image image;
  };
  std::list<Known> known_;  // the last ones that were asked for, the latest first
  std::int64_t reads_ = 0;
  struct Moved {
    scenes::RationalTime before, now;
    std::optional<footage::Motion> motion;
  };
  std::optional<Moved> moved_;
};

}  // namespace latentreel::render
