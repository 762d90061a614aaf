#pragma once

#include <optional>
#include <vector>

#include "ffmpeg/segment.h"
#include "src/frames/decoded_frames.h"
#include "src/frames/frame_sink.h"
#include "src/plan/chain_tasks.h"
#include "src/plan/key_tasks.h"
#include "src/plan/pace_tasks.h"
#include "src/plan/task_runner.h"

namespace latentreel::render {

// Decodes the frames of a job's film as its encoder takes them.
FrameDecoder decoder_of(const RenderJob& job, ModelPack& models);

// Segments: runs of frames, decoded and encoded.
class SegmentTasks : public TaskRunner {
 public:
  // `keys`, `paces` and `chains` must outlive it.
  SegmentTasks(const TaskContext& context, KeyTasks& keys, PaceTasks& paces, ChainTasks& chains);

  bool done(const Task& task, const std::filesystem::path& film) override;
  void forget(const Task& task) noexcept override;
  void run(const Task& task, const std::filesystem::path& film) override;

  // The segment as the store has it. One that does not fit this film is removed from the store, and
  // a warning says so.
  std::optional<ffmpeg::Segment> find(int index);

  // Makes these, of keyframes, paces and chains that are there.
  void make(const std::vector<int>& indices);

  // Makes the keyframes, paces and chains that these segments need, where they are missing.
  void make_needs(const std::vector<const Task*>& tasks);

  // Gives the frames of `range` to `sink`, where finished bit-equal to what the encoder receives.
  // What they show is made where it is missing; finishing the sink is up to the caller.
  void frames(scenes::FrameRange range, FrameSink& sink, FrameStage stage = FrameStage::finished);

  const ffmpeg::VideoFormat& format();  // of every segment

  const Effort& effort() const { return effort_; }

 private:
  DecodedFrames decoded(const std::vector<int>& keys, const std::vector<int>& paces,
                        FrameStage stage = FrameStage::finished);

  TaskContext context_;
  KeyTasks& keys_;
  PaceTasks& paces_;
  ChainTasks& chains_;
  std::optional<ffmpeg::VideoFormat> format_;
  Effort effort_;
};

}  // namespace latentreel::render
