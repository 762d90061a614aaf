#include "src/frames/frame_sink.h"

#include <fmt/format.h>

#include "ffmpeg/image.h"

namespace latentreel::render {

std::filesystem::path PictureSink::name_of(const std::filesystem::path& folder, int64_t frame) {
  return folder / fmt::format("frame-{:06}.png", frame);
}

void PictureSink::write(const Frame& frame) {
  const auto file = name_of(folder_, frame.number);
  if (frame.rgb16.empty()) {
    ffmpeg::write_png(file, ffmpeg::Image{frame.width, frame.height, frame.rgb8});
  } else {
    ffmpeg::write_png(file, ffmpeg::Image16{frame.width, frame.height, frame.rgb16});
  }
}

}  // namespace latentreel::render
