#include "src/cli/progress_choice.h"

#include <unistd.h>

#include <cstdlib>

#include "src/cli/progress_kinds.h"
#include "src/optimize/passes.h"

namespace latentreel::cli {

bool draws_bar(const std::string& name) {
  if (name != "auto") return name == "bar";
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && term != nullptr && std::string(term) != "dumb";
}

Work work_of(const render::RenderJob& job, int64_t frames) {
  Work work{.iterations = {}, .intervals = 0, .frames = frames};
  for (const auto& keyframe : job.scene.keyframes) {
    work.iterations.push_back(render::iterations_of(keyframe.optimize));
  }
  if (job.scene.interpolate.pacing == scenes::Pacing::even) {
    work.intervals = static_cast<int>(render::timeline_of(job).intervals().size());
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
