#include "tests/ffmpeg/video_writer.h"

#include <utility>

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {

VideoWriter::VideoWriter(std::unique_ptr<files::AtomicFile> file, VideoEncoder encoder, Muxer muxer)
    : file_(std::move(file)),
      encoder_(std::make_unique<VideoEncoder>(std::move(encoder))),
      muxer_(std::make_unique<Muxer>(std::move(muxer))) {}

VideoWriter VideoWriter::open(const std::filesystem::path& file, const VideoSettings& settings) {
  check_settings(settings, file);
  VideoEncoder encoder(settings);
  auto atomic = std::make_unique<files::AtomicFile>(file);
  auto extras = mux_settings(settings);
  extras.name = file;
  Muxer muxer(atomic->temporary(), encoder.format(), extras);
  return VideoWriter(std::move(atomic), std::move(encoder), std::move(muxer));
}

void VideoWriter::mux(const std::vector<VideoPacket>& packets) {
  for (const auto& packet : packets) muxer_->write(packet);
}

void VideoWriter::write(std::span<const std::uint8_t> rgb) {
  if (!muxer_)
    throw MediaError(MediaError::Kind::internal, "writing a frame to a film that is closed");
  mux(encoder_->encode(rgb));
}

void VideoWriter::write(std::span<const std::uint16_t> rgb) {
  if (!muxer_)
    throw MediaError(MediaError::Kind::internal, "writing a frame to a film that is closed");
  mux(encoder_->encode(rgb));
}

FilmSummary VideoWriter::finish() {
  if (!muxer_) throw MediaError(MediaError::Kind::internal, "finishing a film that is closed");
  mux(encoder_->finish());
  const FilmSummary summary = muxer_->complete();
  file_->publish();
  abandon();  // nothing is left to remove
  return summary;
}

void VideoWriter::abandon() noexcept {
  encoder_.reset();
  muxer_.reset();
  file_.reset();
}

}  // namespace latentreel::ffmpeg
