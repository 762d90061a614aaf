#pragma once

#include <vector>

#include "scenes/timeline.h"
#include "src/frames/decoded_frames.h"
#include "src/frames/frame_sink.h"
#include "src/run/jobs.h"
#include "src/run/progress.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Which frames to decode, and how.
struct StreamPlan {
  const DecodedFrames& source;
  std::vector<scenes::FrameRange> ranges;  // in order
  scenes::FrameRange only;                 // the frames of these ranges that the sink gets
  int group = 1;                           // frames decoded at once, counted from a range's first
  int64_t done = 0;                        // frames that need no work, for progress
  int64_t total = 0;                       // frames of the whole
  Jobs* jobs = nullptr;                    // decode groups side by side; null: one by one
};

// Decodes the frames group by group, as many groups at a time as there are jobs, while another
// thread hands them to the sink in order, through a queue of a few frames: decoding, conversion and
// encoding overlap, and memory does not grow with the film. That thread reports progress, for
// frames that are written. Does not finish the sink. Throws what the decoder or the sink threw, or
// Stopped; the owner of the sink then has to abandon it.
void stream_frames(const StreamPlan& plan, FrameSink& sink, Progress& progress,
                   const StopToken& stop);

}  // namespace latentreel::render
