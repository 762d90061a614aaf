#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ffmpeg/segment.h"
#include "ffmpeg/video_encoder.h"
#include "scenes/timeline.h"
#include "src/frames/frame_sink.h"
#include "src/run/progress.h"

namespace latentreel::render {

// Encodes frames into segments, each on its own, and passes each to `keep` as soon as it is
// complete. Takes the frames of all parts in order, those of a part all of one size, and scales
// them to the film's.
class SegmentSink : public FrameSink {
 public:
  struct Part {
    std::string task;  // "seg:7"
    scenes::FrameRange range;
    std::string output;  // its name
  };
  using Keep = std::function<void(const std::string& output, std::span<const std::byte> bytes)>;

  // `progress` must outlive the sink.
  SegmentSink(ffmpeg::VideoSettings settings, std::vector<Part> parts, Keep keep,
              Progress& progress);

  void write(const Frame& frame) override;
  void finish() override;
  void abandon() noexcept override { encoder_.reset(); }

 private:
  void begin(const Frame& first);
  ffmpeg::VideoSettings settings_for(const Frame& frame) const;
  void end();
  void add(const std::vector<ffmpeg::VideoPacket>& packets);

  ffmpeg::VideoSettings settings_;
  std::vector<Part> parts_;
  Keep keep_;
  Progress& progress_;
  size_t part_ = 0;
  std::optional<ffmpeg::VideoEncoder> encoder_;
  std::optional<ffmpeg::SegmentBytes> bytes_;
};

}  // namespace latentreel::render
