#include "ffmpeg/film_proof.h"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <vector>

#include "ffmpeg/muxer.h"
#include "ffmpeg/song_proof.h"
#include "ffmpeg/video_encoder.h"

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

SongSummary prove_song(const SongPart& part, VideoCodec film) {
  silence_libav();
  const auto song = open_song(part, film);
  // One that is copied was muxed whole to be chosen.
  const std::string refusal = song->summary().copied ? std::string() : refusal_of(*song, film);
  if (!refusal.empty()) {
    throw MediaError(
        MediaError::Kind::invalid,
        fmt::format(
            "putting the song {} into a {} film as {}: libav refuses it ({}); convert it to "
            "44100 or 48000 Hz with another program",
            quoted(part.file.string()), file_extension(film), song->summary().film_codec, refusal));
  }
  return song->summary();
}

void prove(const VideoSettings& settings, const std::filesystem::path& name,
           const std::filesystem::path& file) {
  check_settings(settings, name);
  VideoEncoder encoder(settings);
  auto extras = mux_settings(settings);
  extras.tracks = tracks_of_proof(settings.tracks, {2 * settings.fps.den, settings.fps.num});
  extras.name = name;
  Muxer muxer(file, encoder.format(), extras);
  if (bit_depth(settings.codec) == 8) {
    prove_with<std::uint8_t>(encoder, muxer, settings);
  } else {
    prove_with<std::uint16_t>(encoder, muxer, settings);
  }
}

}  // namespace latentreel::ffmpeg
