#include "src/cli/progress_choice.h"

#include <unistd.h>

#include <cstdlib>
#include <set>

#include "scenes/frame_chains.h"
#include "src/cli/progress_kinds.h"
#include "src/optimize/passes.h"

namespace latentreel::cli {
namespace {

struct Seen {
  std::set<int> keyframes;
  std::set<std::size_t> intervals;
};

// Those between which the frames lie. What a path, a pulse or a start needs besides is not counted:
// it is for an estimate.
Seen seen_in(scenes::FrameRange frames, const scenes::Timeline& timeline) {
  Seen seen;
  for (auto frame = frames.first; frame < frames.end; ++frame) {
    const auto position = timeline.at(frame);
    seen.keyframes.insert({position.from, position.to});
    if (const auto interval = timeline.interval_at(frame)) seen.intervals.insert(*interval);
  }
  return seen;
}

// Parts of chains from the beginning of the first frame's chain to the last frame; of keyframes,
// those that these chains begin with.
Work work_of_chains(const render::RenderJob& job, const scenes::Timeline& timeline,
                    scenes::FrameRange frames) {
  const auto& scene = job.scene;
  const scenes::FrameChains chains(timeline, scene, {});
  Work work{.iterations = std::vector<int>(scene.keyframes.size(), 0),
            .chains = std::vector<int64_t>(chains.parts().size(), 0),
            .intervals = 0,
            .frames = frames.size()};
  auto index = chains.place_of(frames.first).part;
  while (!chains.parts()[static_cast<size_t>(index)].begins) --index;
  for (auto i = static_cast<size_t>(index); i < chains.parts().size(); ++i) {
    const auto& part = chains.parts()[i];
    if (part.range.first >= frames.end) break;
    work.chains[i] = part.range.size() * scene.feedback.iterations;
    if (!part.begins || scene.source.on()) continue;  // footage needs no keyframe's picture
    const auto first = static_cast<size_t>(part.keyframe);
    work.iterations[first] = render::iterations_of(scene.keyframes[first].optimize);
  }
  return work;
}

}  // namespace

bool draws_bar(const std::string& name) {
  if (name != "auto") return name == "bar";
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr && std::string(term) != "dumb";
}

Work work_of(const render::RenderJob& job, scenes::FrameRange frames) {
  const auto timeline = render::timeline_of(job);
  if (job.scene.feedback.on) return work_of_chains(job, timeline, frames);
  Work work{.iterations = {}, .chains = {}, .intervals = 0, .frames = frames.size()};
  const bool all = frames == scenes::FrameRange{0, timeline.frame_count()};
  const auto seen = seen_in(frames, timeline);
  for (size_t i = 0; i < job.scene.keyframes.size(); ++i) {
    const bool made = all || seen.keyframes.count(static_cast<int>(i)) > 0;
    const auto& optimize = job.scene.keyframes[i].optimize;
    work.iterations.push_back(made ? render::iterations_of(optimize) : 0);
  }
  if (job.scene.interpolate.pacing == scenes::Pacing::even) {
    work.intervals = static_cast<int>(all ? timeline.intervals().size() : seen.intervals.size());
  }
  return work;
}

std::unique_ptr<render::Progress> make_progress(const std::string& name, const Work& work) {
  if (name == "none") return std::make_unique<render::NoProgress>();
  if (name == "json") return std::make_unique<JsonProgress>();
  if (draws_bar(name)) return std::make_unique<BarProgress>(work);
  return std::make_unique<PlainProgress>(work);
}

}  // namespace latentreel::cli
