#include "src/cli/report_of.h"

#include "src/cli/signals.h"
#include "src/report/report.h"

namespace latentreel::cli {
namespace {

std::vector<report::StageTime> stages_of(const std::vector<render::KeyframeRecord>& keyframes,
                                         const render::RenderSummary* summary, bool chained) {
  if (summary != nullptr) {
    const auto stage = [](const char* name, const render::Effort& of) {
      return report::StageTime{name, of.seconds, of.peak_bytes};
    };
    return {stage("loading", summary->loading), stage("optimizing", summary->optimizing),
            chained ? stage("feedback", summary->chaining) : stage("pacing", summary->pacing),
            stage("decoding and encoding", summary->encoding)};
  }
  double seconds = 0;
  for (const auto& keyframe : keyframes) seconds += keyframe.seconds;
  return {{"optimizing, the keyframes' times added up", seconds, 0}};
}

}  // namespace

std::filesystem::path write_report_of(render::RenderSession& session,
                                      const std::filesystem::path& film,
                                      const render::RenderSummary* summary,
                                      const std::vector<std::string>& warnings,
                                      const std::filesystem::path& folder,
                                      render::Progress& progress) {
  const auto& timeline = session.plan().timeline();
  auto keyframes = session.records();
  const auto stages = stages_of(keyframes, summary, session.job().scene.feedback.on);
  std::vector<report::FrameLoss> losses;
  session.visit_chain_losses([&](std::int64_t frame, const render::ChainRecord::Losses& loss) {
    losses.push_back({.frame = frame,
                      .first = loss.first,
                      .last = loss.last,
                      .flicker = loss.flicker,
                      .clip_flicker = loss.clip_flicker});
  });
  return report::write_report(
      {.scene = session.job().scene,
       .timeline = timeline,
       .models = session.models(),
       .jobs = session.jobs(),
       .keyframes = std::move(keyframes),
       .film = film,
       .graphs = scenes::film_graphs(session.job().scene, timeline, session.signals()),
       .losses = std::move(losses),
       .stages = stages,
       .warnings = warnings},
      folder, progress, stop_token());
}

}  // namespace latentreel::cli
