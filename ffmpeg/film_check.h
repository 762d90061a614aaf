// Reading films back: what a film really holds, found by counting and decoding instead of trusting
// its headers. Films are opened by descriptor, like songs. All functions throw MediaError (missing
// or invalid).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "ffmpeg/image.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct FilmAudio {
  std::string codec;
  int sample_rate = 0;
  int channels = 0;
  std::int64_t packets = 0;
  std::int64_t start = 0;    // first sample that sounds, in samples of film time
  std::int64_t samples = 0;  // from there to the end of the last packet
  std::uint64_t digest = 0;  // of all packets' bytes in order

  Ratio seconds() const { return {samples, sample_rate}; }
};

struct FilmInfo {
  std::string container;  // "mp4", "mov" or "mkv"
  std::string codec;      // "h264", "hevc", "av1", "prores", "ffv1"
  std::string pixel_format;
  std::string color_range, color_space, color_primaries, color_transfer;  // "tv", "bt709", ...
  int width = 0;
  int height = 0;
  Ratio fps;                  // as the container says it
  std::int64_t frames = 0;    // video packets
  std::int64_t decoded = -1;  // frames that decoded without error; -1: not decoded
  std::int64_t keyframes = 0;
  Ratio start;                   // of the first frame, seconds
  Ratio seconds;                 // from the first frame's start to the last one's end
  bool each_frame_once = false;  // time stamps are 0, 1, 2, ... frames, none missing or doubled
  std::string title;
  std::string artist;
  std::optional<FilmAudio> audio;
  // Chapters without an end last until the film's; texts to the end of the last packet.
  FilmTracks tracks;
};

enum class Decode { no, yes };

// Called again and again during long work; an exception that it throws ends the work and reaches
// the caller. Empty: the work is never interrupted.
using Look = std::function<void()>;

// Reads the whole film once. With Decode::yes every frame is decoded too. Calls `look` at every
// packet.
FilmInfo inspect(const std::filesystem::path& film, Decode decode = Decode::yes, int threads = 2,
                 const Look& look = {});

// Calls `use` with every frame in order, as 8-bit RGB, and its number.
void read_frames(const std::filesystem::path& film,
                 const std::function<void(std::int64_t frame, const Image& image)>& use);

// The scene text that the film carries; empty where it carries none.
std::string read_embedded_scene(const std::filesystem::path& film);

// The digest that FilmInfo uses, so that a writer can compute it while it writes: start with
// kEmptyDigest, then feed every packet's bytes.
inline constexpr std::uint64_t kEmptyDigest = 14695981039346656037ull;
std::uint64_t extend_digest(std::uint64_t digest, const std::uint8_t* data, std::size_t size);

}  // namespace latentreel::ffmpeg
