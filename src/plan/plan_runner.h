#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ffmpeg/muxer.h"
#include "ffmpeg/segment.h"
#include "src/frames/decoded_frames.h"
#include "src/frames/frame_sink.h"
#include "src/frames/latent_path.h"
#include "src/optimize/keyframe_record.h"
#include "src/optimize/keyframe_store.h"
#include "src/optimize/keyframes.h"
#include "src/plan/plan.h"
#include "src/run/progress.h"
#include "src/run/stop.h"
#include "src/store/store.h"

namespace latentreel::render {

// Does the tasks of a plan in this process. What the store has is taken, everything else is made
// and kept there, so a run that ends early is continued by the next one, here or elsewhere, and
// the film's bytes are the same whoever made which part.
//
// Not thread-safe. Everything given must outlive the runner.
class PlanRunner {
 public:
  PlanRunner(const RenderJob& job, const RenderPlan& plan, ModelPack& models, Store& store,
             Progress& progress, const StopToken& stop);

  // Makes `file` with all that it needs and the store lacks; a film that is there already and whole
  // is left as it is. The output is proved before anything costs time. Throws what the rooms throw.
  ffmpeg::FilmSummary film(const std::filesystem::path& file);

  // One task alone. Where its output is there, nothing is done. Throws RenderError (try_again)
  // where an output that it needs is not there. `file` is where the film goes.
  void task(const Task& task, const std::filesystem::path& file);

  // Whether the task's output is there, by its name alone; for the film: in the place of `file`.
  bool done(const Task& task, const std::filesystem::path& file);

  // Removes the task's output from the store, so that whoever does the task makes it anew.
  void forget(const Task& task) noexcept;

  // Gives the frames of `range` to `sink`, bit-equal to what the encoder receives. What they show
  // is made where it is missing; the sink's end is the caller's.
  void frames(scenes::FrameRange range, FrameSink& sink);

  // A keyframe's record: from memory or the store. Nothing where it is in neither.
  std::optional<KeyframeRecord> record(int index);

  // Of this runner's work: wall time, and the most memory of the process meanwhile (bytes).
  struct Stage {
    double seconds = 0;
    double peak_bytes = 0;
  };
  struct Stages {
    Stage optimizing, pacing, encoding;
  };
  const Stages& stages() const { return stages_; }
  bool reused(int keyframe) const { return !made_[keyframe]; }
  bool film_reused() const { return !joined_; }

 private:
  using Numbers = std::vector<int>;

  // What to do when an output cannot be kept in the store. A whole run has it in memory and goes on
  // with a warning; a task alone is done for others, and fails.
  enum class IfNotKept { warns, fails };

  std::optional<ffmpeg::FilmSummary> finished_film(const std::filesystem::path& file);
  ffmpeg::FilmSummary join(const std::filesystem::path& file);
  void keep_film(const std::filesystem::path& file, const ffmpeg::FilmSummary& summary);

  // Tasks of one kind that others need, each once, in order.
  Numbers needed_by(const std::vector<const Task*>& tasks, Task::Kind kind) const;
  Numbers with_starts(const Numbers& keys);  // and those that missing ones start from
  void make_keys(const Numbers& numbers);
  void make_paces(const Numbers& numbers);
  void make_segments(const Numbers& numbers);
  void make_key(int index, IfNotKept if_not_kept);
  void make_pace(int index, IfNotKept if_not_kept);
  bool has_key(int index);
  std::optional<Pace> pace(int index);
  // As the store has it; one of another film is removed and said.
  std::optional<ffmpeg::Segment> segment(int index);
  const ffmpeg::VideoFormat& format();  // of every segment
  LatentPath make_path(scenes::FrameRange range);
  LatentPath path_for(const Numbers& keys, const Numbers& paces);
  DecodedFrames decoded_frames(LatentPath path);
  Latent latent(int index);  // throws RenderError (try_again) where it is not there

  const RenderJob& job_;
  const RenderPlan& plan_;
  ModelPack& models_;
  Store& store_;
  Progress& progress_;
  const StopToken& stop_;
  KeyframeStore keyframes_;
  KeyframeMaker maker_;
  std::vector<std::optional<KeyframeRecord>> records_;
  std::vector<std::optional<Pace>> paces_;
  std::optional<ffmpeg::VideoFormat> format_;
  std::vector<bool> made_;  // keyframes made by this runner
  bool joined_ = false;     // the film too
  Stages stages_;
};

}  // namespace latentreel::render
