#pragma once

#include <filesystem>

#include "src/frames/frame_decoder.h"

namespace latentreel::render {

// Takes frames in order. Exactly one of finish() and abandon() ends it; the destructor abandons,
// never throws and never publishes.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void write(const Frame& frame) = 0;
  virtual void finish() = 0;
  virtual void abandon() noexcept = 0;
};

// Frames into numbered pictures, frame-000000.png, each complete or not there.
class PictureSink : public FrameSink {
 public:
  explicit PictureSink(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void write(const Frame& frame) override;
  void finish() override {}
  void abandon() noexcept override {}

  static std::filesystem::path name_of(const std::filesystem::path& folder, int64_t frame);

 private:
  std::filesystem::path folder_;
};

}  // namespace latentreel::render
