#pragma once

#include <vector>

#include "scenes/song_signals.h"
#include "src/optimize/file_digests.h"
#include "src/plan/render_job.h"
#include "src/run/stop.h"
#include "src/store/store.h"

namespace latentreel::render {

// These signals of the scene's song: from the store, or measured and kept there. An entry is named
// by the song's digest, the options and the machine. A store that cannot keep them is said, and no
// hindrance. Throws MediaError for a song that cannot be read.
scenes::Signals song_signals(const RenderJob& job, const std::vector<scenes::SignalOptions>& wanted,
                             Store& store, FileDigests& digests, Progress& progress,
                             const StopToken& stop);

}  // namespace latentreel::render
