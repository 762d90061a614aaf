#pragma once

#include <filesystem>

#include "scenes/timeline.h"
#include "src/plan/render_session.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Exports how frames of chains came to be, into `folder`, which must be there:
//
//   chains.csv               a row a frame: frame, its part and its number in the chain; the
//                            keyframes whose prompts ruled, and how far the second one's had taken
//                            the place of the first one's (amount); the camera's step as what is
//                            seen at (u, v): (xx u + xy v + x, yx u + yy v + y), in frame widths
//                            from the middle; the loss before the first and the last iteration;
//                            with footage the clip's time in seconds, and the mean change along
//                            its motion, of the film and of the clip itself; the weights of the
//                            first keyframe's prompts and of those it excludes, in one field, and
//                            while prompts are exchanged the second one's, before amount is applied
//   begun/frame-000012.png   the picture that frame 12 began with, before it was optimized: that of
//                            the frame before, moved, its colours held, encoded and decoded; with
//                            footage the clip's, mixed with that of the frame before
//   flow/frame-000012.png    with footage: where what frame 12 shows was in the frame before; the
//                            hue says where to, its strength how far
//
// The frames must have been made. Throws RenderError (try_again) where they are no longer in the
// store, MediaError or FileError where a file cannot be written, Stopped.
void export_chains(RenderSession& session, scenes::FrameRange range,
                   const std::filesystem::path& folder, const StopToken& stop);

}  // namespace latentreel::render
