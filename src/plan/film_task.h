#pragma once

#include <optional>

#include "ffmpeg/muxer.h"
#include "src/plan/segment_tasks.h"
#include "src/plan/task_runner.h"

namespace latentreel::render {

// Shows that a film of these settings can be made as `file`, before any work: two frames are
// encoded with the song into a temporary file beside it, read back and removed; folders that are
// missing are made. Throws FileError, and MediaError as a real run would. The whole song is another
// matter (ffmpeg::prove_song).
void prove_film(const ffmpeg::VideoSettings& settings, const std::filesystem::path& file);

// The film: its segments and its song joined, read back, and given its name.
class FilmTask : public TaskRunner {
 public:
  // `segments` must outlive it.
  FilmTask(const TaskContext& context, SegmentTasks& segments);

  bool done(const Task& task, const std::filesystem::path& film) override;
  void forget(const Task& task) noexcept override;
  void run(const Task& task, const std::filesystem::path& film) override;

  // What is known of `film` where it is this film, whole and unchanged.
  std::optional<ffmpeg::FilmSummary> find(const std::filesystem::path& film);

  // Joins segments that are there. Throws RenderError (try_again) where one is not.
  ffmpeg::FilmSummary make(const std::filesystem::path& film);

  bool made() const { return made_; }  // by this runner
  const Effort& effort() const { return effort_; }

 private:
  ffmpeg::FilmSummary join(const std::filesystem::path& film);

  TaskContext context_;
  SegmentTasks& segments_;
  bool made_ = false;
  Effort effort_;
};

}  // namespace latentreel::render
