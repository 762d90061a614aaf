#pragma once

#include <cstdint>
#include <optional>

#include "ffmpeg/image.h"
#include "scenes/frame_chains.h"
#include "src/frames/frame_decoder.h"
#include "src/optimize/chain_maker.h"
#include "src/plan/render_session.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// How one frame of a chain came to be, for people to look at. Pictures are of the size shown.
struct ChainFrame {
  std::int64_t frame = 0;
  int part = 0;  // of the film's chains
  scenes::ChainStep step{};
  ChainRecord::Losses losses{};
  // What it began with, before it was optimized: the frame before, moved, its colours held, encoded
  // and decoded; with footage the clip's picture, mixed with that of the frame before. None for a
  // keyframe's own picture.
  std::optional<ffmpeg::Image> begun{};
  // Where what it shows was in the frame before (footage::picture_of): by the clip's motion, or by
  // the camera's step. None where nothing moved.
  std::optional<ffmpeg::Image> motion{};
  ffmpeg::Image made{};  // what it came to, before the camera over footage, and before [picture]
};

// Frames of a film's chains as they were made, from the parts that the store has.
class ChainFrames {
 public:
  // `session`, whose film has chains, and `stop` must outlive this.
  ChainFrames(RenderSession& session, const StopToken& stop);

  // Whether all that at() needs is in the store.
  bool has(std::int64_t frame);
  // Throws RenderError (try_again) where that is not so, MediaError for the clip.
  ChainFrame at(std::int64_t frame);

 private:
  scenes::Chained place_of(std::int64_t frame) const;
  ChainRecord record_of(const scenes::Chained& place);
  std::optional<ffmpeg::Image> motion_of(const ChainFrame& frame);

  RenderSession& session_;
  NoProgress quiet_;
  ChainMaker maker_;
  FrameDecoder decoder_;
};

}  // namespace latentreel::render
