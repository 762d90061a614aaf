#include "src/frames/frame_sink.h"

#include <fmt/format.h>

#include "ffmpeg/image.h"
#include "src/files/atomic_file.h"

namespace latentreel::render {

std::filesystem::path PictureSink::name_of(const std::filesystem::path& folder, int64_t frame) {
  return folder / fmt::format("frame-{:06}.png", frame);
}

void PictureSink::write(const Frame& frame) {
  const auto file = name_of(folder_, frame.number);
  files::write_file(
      file, frame.rgb16.empty()
                ? ffmpeg::encode_png(ffmpeg::Image{frame.width, frame.height, frame.rgb8})
                : ffmpeg::encode_png(ffmpeg::Image16{frame.width, frame.height, frame.rgb16}));
}

}  // namespace latentreel::render
