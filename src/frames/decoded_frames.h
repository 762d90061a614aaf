#pragma once

#include <cstdint>
#include <vector>

#include "scenes/frame_script.h"
#include "src/frames/frame_decoder.h"
#include "src/frames/latent_path.h"
#include "src/run/stop.h"

namespace latentreel::render {

// What is decoded of a frame: itself, or its picture before the camera and all that follows.
enum class FrameStage { finished, picture };

// The frames of a film, made from keyframes' latents: what each shows, its latent, its picture.
class DecodedFrames {
 public:
  // `script` must outlive them.
  DecodedFrames(const scenes::FrameScript& script, LatentPath path, FrameDecoder decoder,
                FrameStage stage = FrameStage::finished);

  // The frames of `range`, decoded at once, in order. Throws RenderError (diverged) for a picture
  // that is not finite.
  std::vector<Frame> frames(scenes::FrameRange range) const;

 private:
  const scenes::FrameScript& script_;
  LatentPath path_;
  FrameDecoder decoder_;
  FrameStage stage_;
};

// How many frames are decoded to measure one interval's pace.
inline constexpr int kPaceProbes = 17;

// Measures the visible change along interval `index`: the mean absolute RGB difference between
// probes at equal steps, accumulated and divided by its total. An interval without change gets an
// empty pace. Throws Stopped between two probes.
Pace measure_pace(const scenes::FrameScript& script, std::size_t index, const LatentPath& path,
                  const FrameDecoder& decoder, const StopToken& stop);

}  // namespace latentreel::render
