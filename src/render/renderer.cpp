#include "src/render/renderer.h"

#include "src/render/frame_sink.h"
#include "src/render/lap_timer.h"

namespace latentreel::render {

RenderSummary render_film(Workshop& workshop, const std::filesystem::path& file) {
  RenderSummary summary;
  auto& walker = workshop.walker();
  summary.film = walker.film(file);
  for (const auto& task : workshop.plan().keys) {
    summary.optimized.push_back(walker.reused(task.index) ? std::nullopt
                                                          : walker.record(task.index));
  }
  summary.optimizing = walker.seconds().optimizing;
  summary.pacing = walker.seconds().pacing;
  summary.encoding = walker.seconds().encoding;
  return summary;
}

RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop) {
  const LapTimer timer;
  Workshop workshop(job, progress, stop);
  const double loading = timer.seconds();
  auto summary = render_film(workshop, file);
  summary.loading = loading;
  return summary;
}

int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop) {
  Workshop workshop(job, progress, stop);
  PictureSink sink(folder);
  workshop.walker().frames(range, sink);
  sink.finish();
  return range.size();
}

}  // namespace latentreel::render
