#include "src/plan/segment_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ffmpeg/error.h"
#include "ffmpeg/video_encoder.h"
#include "models/files/mapped_file.h"
#include "src/frames/frame_stream.h"
#include "src/frames/segment_sink.h"

namespace latentreel::render {
namespace {

constexpr const char* kSegmentEntry = "segment";

// Nothing for a file that holds no segment.
std::optional<ffmpeg::Segment> read_segment(const std::filesystem::path& file) {
  try {
    return ffmpeg::parse_segment(models::MappedFile::open(file)->bytes(), file.string());
  } catch (const models::WeightsError&) {
    return std::nullopt;  // another run removed it just now
  } catch (const ffmpeg::MediaError&) {
    return std::nullopt;
  }
}

}  // namespace

FrameDecoder decoder_of(const RenderJob& job, ModelPack& models) {
  const auto settings = video_settings(job);
  return {models.vqgan(frame_precision(job.scene)), shown_size(job.scene.video),
          ffmpeg::bit_depth(settings.codec),
          PictureSize{.height = ffmpeg::output_height(settings),
                      .width = ffmpeg::output_width(settings)}};
}

SegmentTasks::SegmentTasks(const TaskContext& context, KeyTasks& keys, PaceTasks& paces,
                           ChainTasks& chains)
    : context_(context), keys_(keys), paces_(paces), chains_(chains) {}

bool SegmentTasks::done(const Task& task, const std::filesystem::path&) {
  return context_.store.has(kSegmentEntry, task.output);
}

void SegmentTasks::forget(const Task& task) noexcept {
  context_.store.remove(kSegmentEntry, task.output);
}

void SegmentTasks::run(const Task& task, const std::filesystem::path&) {
  if (!find(task.id.index)) return make({task.id.index});
  context_.progress.report(TaskChanged{task.name(), TaskState::reused});
}

const ffmpeg::VideoFormat& SegmentTasks::format() {
  if (!format_) {
    const auto settings = video_settings(context_.job);
    format_ = ffmpeg::VideoEncoder(settings).format();
  }
  return *format_;
}

// Only segments of one format can be joined, and machines whose encoders differ may share a store.
std::optional<ffmpeg::Segment> SegmentTasks::find(int index) {
  const auto& task = context_.plan.segments[index];
  const auto file = context_.store.find(kSegmentEntry, task.output);
  if (!file) return std::nullopt;
  auto found = read_segment(*file);
  if (found && found->format == format() &&
      static_cast<int64_t>(found->packets.size()) == context_.plan.ranges[index].size()) {
    return found;
  }
  context_.store.remove(kSegmentEntry, task.output);
  context_.progress.report(Warning{
      fmt::format("{} is not {} of this film; making it again", file->string(), task.name())});
  return std::nullopt;
}

// All in one stream, so that one segment is encoded to its end while the next is decoded.
void SegmentTasks::make(const std::vector<int>& indices) {
  if (indices.empty()) return;
  const EffortMeter meter(effort_);
  const auto& plan = context_.plan;
  std::vector<const Task*> tasks;
  std::vector<SegmentSink::Part> parts;
  std::vector<scenes::FrameRange> ranges;
  int64_t there = plan.frames.size();
  for (const int index : indices) {
    tasks.push_back(&plan.segments[index]);
    ranges.push_back(plan.ranges[index]);
    there -= ranges.back().size();
    parts.push_back(
        {.task = tasks.back()->name(), .range = ranges.back(), .output = tasks.back()->output});
  }
  const auto source =
      decoded(needed_by(tasks, TaskId::Kind::key), needed_by(tasks, TaskId::Kind::pace));
  SegmentSink sink(
      video_settings(context_.job), std::move(parts),
      [&](const std::string& output, const auto& bytes) {
        context_.store.put(kSegmentEntry, output, bytes);
      },
      context_.progress);
  stream_frames({.source = source,
                 .ranges = ranges,
                 .only = plan.frames,
                 .group = context_.job.machine.frame_group,
                 .done = there,
                 .total = plan.frames.size(),
                 .jobs = &context_.jobs},
                sink, context_.progress, context_.stop);
  sink.finish();
}

void SegmentTasks::make_needs(const std::vector<const Task*>& tasks) {
  keys_.make(needed_by(tasks, TaskId::Kind::key));
  paces_.make(needed_by(tasks, TaskId::Kind::pace));
  chains_.make(needed_by(tasks, TaskId::Kind::chain));
}

void SegmentTasks::frames(scenes::FrameRange range, FrameSink& sink, FrameStage stage) {
  const auto group = context_.job.machine.frame_group;
  std::vector<scenes::FrameRange> ranges;
  scenes::FrameRange whole{range.end, range.first};  // the groups that hold `range`
  for (const auto& segment : context_.plan.ranges) {
    if (segment.end <= range.first || segment.first >= range.end) continue;
    ranges.push_back(segment);
    const auto before = std::max<int64_t>(0, range.first - segment.first) / group * group;
    whole.first = std::min(whole.first, segment.first + before);
    whole.end = std::max(whole.end, std::min(segment.end, range.end + group - 1));
  }
  const auto parts = made_of(whole, context_.plan.script);
  const std::vector<int> keys(parts.keys.begin(), parts.keys.end());
  const std::vector<int> paces(parts.paces.begin(), parts.paces.end());
  keys_.make(keys);
  paces_.make(paces);
  chains_.make({parts.chains.begin(), parts.chains.end()});
  const auto source = decoded(keys, paces, stage);
  stream_frames({.source = source,
                 .ranges = ranges,
                 .only = range,
                 .group = group,
                 .done = 0,
                 .total = range.size(),
                 .jobs = &context_.jobs},
                sink, context_.progress, context_.stop);
}

// Of what is there; the first keyframe that is missing is complained about before any pace.
DecodedFrames SegmentTasks::decoded(const std::vector<int>& keys, const std::vector<int>& paces,
                                    FrameStage stage) {
  auto latents = keys_.latents(keys);
  LatentPath path(std::move(latents), paces_.paces(paces),
                  [this](const scenes::Chained& place) { return chains_.latent(place); });
  return {context_.plan.script, std::move(path), decoder_of(context_.job, context_.models), stage};
}

}  // namespace latentreel::render
