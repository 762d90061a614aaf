#include "src/render/renderer.h"

#include <fmt/format.h>

#include "src/render/debug_export.h"
#include "src/render/error.h"
#include "src/render/frame_sink.h"
#include "src/render/lap_timer.h"
#include "src/render/output_folder.h"

namespace latentreel::render {
namespace {

// Keyframes that the frames show, also those on the way to another.
std::set<int> keys_shown(scenes::FrameRange range, const scenes::FrameScript& script) {
  std::set<int> keys;
  for (auto frame = range.first; frame < range.end; ++frame) {
    const auto spec = script.at(frame);
    keys.insert({spec.from, spec.to});
  }
  return keys;
}

}  // namespace

RenderSummary render_film(Workshop& workshop, const std::filesystem::path& file) {
  RenderSummary summary;
  auto& walker = workshop.walker();
  summary.film = walker.film(file);
  for (const auto& task : workshop.plan().keys) {
    summary.optimized.push_back(walker.reused(task.index) ? std::nullopt
                                                          : walker.record(task.index));
  }
  summary.optimizing = walker.stages().optimizing;
  summary.pacing = walker.stages().pacing;
  summary.encoding = walker.stages().encoding;
  return summary;
}

RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop) {
  const LapTimer timer;
  Workshop workshop(job, progress, stop);
  const double loading = timer.seconds();
  auto summary = render_film(workshop, file);
  summary.loading.seconds = loading;
  return summary;
}

int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop,
                        const std::optional<DebugRequest>& debug) {
  const auto debug_folder = folder / "debug";
  prepare_folder(folder);
  if (debug) prepare_folder(debug_folder);
  Workshop workshop(job, progress, stop);
  const auto keys = debug ? keys_shown(range, workshop.plan().script) : std::set<int>();
  for (const int key : keys) check_iterations(job.scene, key, debug->iterations);
  PictureSink sink(folder);
  workshop.walker().frames(range, sink);
  sink.finish();
  DebugExport debug_export(job, workshop.models(), progress, stop);
  for (const int key : keys) {
    debug_export.write(key, workshop.walker().record(key).value(), debug->iterations,
                       debug_folder / fmt::format("key-{:03}", key));
  }
  return range.size();
}

}  // namespace latentreel::render
