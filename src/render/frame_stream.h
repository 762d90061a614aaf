#pragma once

#include "scenes/timeline.h"
#include "src/render/frame_decoder.h"
#include "src/render/frame_sink.h"
#include "src/render/latent_path.h"
#include "src/render/progress.h"
#include "src/render/stop.h"

namespace latentreel::render {

// Decodes the frames of `range` in order and writes them to `sink` on a second thread, through a
// queue of a few frames: decoding, conversion and encoding overlap, and memory does not grow with
// the film. Does not finish the sink. Throws what the decoder or the sink threw, or Stopped; the
// sink is then left to its owner to abandon.
void stream_frames(const LatentPath& path, const FrameDecoder& decoder, scenes::FrameRange range,
                   FrameSink& sink, Progress& progress, const StopToken& stop);

}  // namespace latentreel::render
