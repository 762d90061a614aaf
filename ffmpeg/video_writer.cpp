#include "ffmpeg/video_writer.h"

#include <utility>

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {
namespace {

template <class Sample>
void prove_with(VideoEncoder& encoder, Muxer& muxer, const VideoSettings& settings) {
  // A ramp, so that the encoder has something to do.
  std::vector<Sample> rgb(static_cast<std::size_t>(settings.width) *
                          static_cast<std::size_t>(settings.height) * 3);
  for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<Sample>(i);
  for (int frame = 0; frame < 2; ++frame) {
    for (const auto& packet : encoder.encode(std::span<const Sample>(rgb))) muxer.write(packet);
  }
  for (const auto& packet : encoder.finish()) muxer.write(packet);
  muxer.complete();
}

}  // namespace

MuxSettings mux_settings(const VideoSettings& settings) {
  return {.title = settings.title,
          .scene_text = settings.scene_text,
          .song = settings.song,
          .threads = settings.threads};
}

VideoWriter::VideoWriter(VideoEncoder encoder, Muxer muxer)
    : encoder_(std::make_unique<VideoEncoder>(std::move(encoder))),
      muxer_(std::make_unique<Muxer>(std::move(muxer))) {}

VideoWriter VideoWriter::open(const std::filesystem::path& file, const VideoSettings& settings) {
  check_settings(settings, file);
  VideoEncoder encoder(settings);
  Muxer muxer(file, encoder.format(), mux_settings(settings));
  return VideoWriter(std::move(encoder), std::move(muxer));
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
  muxer_->publish();
  abandon();  // nothing is left to remove
  return summary;
}

void VideoWriter::abandon() noexcept {
  encoder_.reset();
  muxer_.reset();
}

void prove(const VideoSettings& settings, const std::filesystem::path& file) {
  check_settings(settings, file);
  VideoEncoder encoder(settings);
  Muxer muxer(file, encoder.format(), mux_settings(settings));
  if (bit_depth(settings.codec) == 8) {
    prove_with<std::uint8_t>(encoder, muxer, settings);
  } else {
    prove_with<std::uint16_t>(encoder, muxer, settings);
  }
}

}  // namespace latentreel::ffmpeg
