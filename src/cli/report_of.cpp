#include "src/cli/report_of.h"

#include <algorithm>
#include <cstdint>

#include "src/cli/signals.h"
#include "src/plan/chain_frames.h"
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

// A few frames of the film's chains, of those that the store has, from its first to its last.
std::vector<render::ChainFrame> chain_frames_of(render::RenderSession& session) {
  constexpr std::int64_t kMost = 6;
  const auto& plan = session.plan();
  std::vector<render::ChainFrame> found;
  if (plan.chains.empty()) return found;
  render::ChainFrames frames(session, stop_token());
  const auto count = std::min(kMost, plan.frames.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const auto beyond = count == 1 ? 0 : i * (plan.frames.size() - 1) / (count - 1);
    const auto frame = plan.frames.first + beyond;
    stop_token().check();
    if (frames.has(frame)) found.push_back(frames.at(frame));
  }
  return found;
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
       .chain_frames = chain_frames_of(session),
       .stages = stages,
       .warnings = warnings},
      folder, progress, stop_token());
}

}  // namespace latentreel::cli
