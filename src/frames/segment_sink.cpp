#include "src/frames/segment_sink.h"

#include <c10/util/Exception.h>

namespace latentreel::render {

SegmentSink::SegmentSink(ffmpeg::VideoSettings settings, std::vector<Part> parts, Keep keep,
                         Progress& progress)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      keep_(std::move(keep)),
      progress_(progress) {}

void SegmentSink::write(const Frame& frame) {
  TORCH_CHECK(part_ < parts_.size(), "a frame after the last segment");
  const auto& range = parts_[part_].range;
  if (!encoder_) begin(frame);
  if (frame.rgb16.empty()) {
    add(encoder_->encode(std::span<const std::uint8_t>(frame.rgb8)));
  } else {
    add(encoder_->encode(std::span<const std::uint16_t>(frame.rgb16)));
  }
  if (frame.number + 1 == range.end) end();
}

void SegmentSink::begin(const Frame& first) {
  progress_.report(TaskChanged{parts_[part_].task, TaskState::started});
  encoder_.emplace(settings_for(first));
  bytes_.emplace(encoder_->format());
}

// A film's frames may have its size already, where its pictures were made smaller.
ffmpeg::VideoSettings SegmentSink::settings_for(const Frame& frame) const {
  auto settings = settings_;
  settings.output_width = ffmpeg::output_width(settings_);
  settings.output_height = ffmpeg::output_height(settings_);
  settings.width = frame.width;
  settings.height = frame.height;
  return settings;
}

void SegmentSink::end() {
  add(encoder_->finish());
  encoder_.reset();
  keep_(parts_[part_].output, std::move(*bytes_).finish());
  progress_.report(TaskChanged{parts_[part_].task, TaskState::finished});
  ++part_;
}

void SegmentSink::add(const std::vector<ffmpeg::VideoPacket>& packets) {
  for (const auto& packet : packets) bytes_->add(packet);
}

void SegmentSink::finish() {
  TORCH_CHECK(part_ == parts_.size(), "segments are missing");
}

}  // namespace latentreel::render
