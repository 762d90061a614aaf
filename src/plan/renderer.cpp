#include "src/plan/renderer.h"

#include <fmt/format.h>

#include "src/frames/frame_sink.h"
#include "src/frames/output_folder.h"
#include "src/plan/chain_export.h"
#include "src/plan/debug_export.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"

namespace latentreel::render {
namespace {

// Keyframes that the frames show, also those on the way to another.
std::set<int> keys_shown(scenes::FrameRange range, const scenes::FrameScript& script) {
  std::set<int> keys;
  for (auto frame = range.first; frame < range.end; ++frame) {
    const auto spec = script.at(frame);
    if (spec.is_chained()) {
      if (script.step(frame).footage) continue;  // it begins with a clip
      keys.insert(script.chains().parts()[static_cast<size_t>(spec.chain.part)].keyframe);
    } else {
      keys.insert({spec.from, spec.to});
    }
  }
  return keys;
}

}  // namespace

RenderSummary render_film(RenderSession& session, const std::filesystem::path& file) {
  RenderSummary summary;
  auto& runner = session.runner();
  summary.film = runner.film(file);
  for (const auto& task : session.plan().keys) {
    summary.optimized.push_back(runner.reused(task.id.index) ? std::nullopt
                                                             : runner.record(task.id.index));
  }
  for (const auto* task : session.plan().tasks()) {
    const bool key = task->id.kind == TaskId::Kind::key;
    if (key && !summary.optimized[static_cast<size_t>(task->id.index)]) ++summary.reused;
  }
  summary.optimizing = runner.efforts().optimizing;
  summary.pacing = runner.efforts().pacing;
  summary.chaining = runner.efforts().chaining;
  summary.encoding = runner.efforts().encoding;
  return summary;
}

RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop) {
  const LapTimer timer;
  RenderSession session(job, progress, stop);
  const double loading = timer.seconds();
  auto summary = render_film(session, file);
  summary.loading.seconds = loading;
  return summary;
}

int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop,
                        const std::optional<DebugRequest>& debug) {
  const auto debug_folder = folder / "debug";
  prepare_folder(folder);
  if (debug) prepare_folder(debug_folder);
  RenderSession session(job, progress, stop);
  const auto keys = debug ? keys_shown(range, session.plan().script) : std::set<int>();
  for (const int key : keys) check_iterations(job.scene, key, debug->iterations);
  PictureSink sink(folder);
  session.runner().frames(range, sink);
  sink.finish();
  if (debug && session.plan().script.moves()) {
    prepare_folder(debug_folder / "pictures");
    PictureSink pictures(debug_folder / "pictures");
    session.runner().frames(range, pictures, FrameStage::picture);
    pictures.finish();
  }
  if (debug && !session.plan().chains.empty()) {
    export_chains(session, range, debug_folder, stop);
  }
  if (debug) session.runner().make_keyframes({keys.begin(), keys.end()});
  DebugExport debug_export(session.job(), session.models(), progress, stop, session.jobs());
  for (const int key : keys) {
    debug_export.write(key, session.runner().record(key).value(), debug->iterations,
                       debug_folder / fmt::format("key-{:03}", key));
  }
  return range.size();
}

}  // namespace latentreel::render
