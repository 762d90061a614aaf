// What a film is to be: the values that VideoEncoder and Muxer are opened with, and the rules that
// tie codec, container, sample depth and size together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ffmpeg/film_tracks.h"
#include "ffmpeg/ratio.h"

namespace latentreel::ffmpeg {

enum class VideoCodec {
  h264,    // x264, High profile, 8-bit 4:2:0, in .mp4: plays everywhere
  hevc,    // x265, 10-bit 4:2:0, in .mp4
  av1,     // SVT-AV1, 10-bit 4:2:0, in .mp4
  prores,  // ProRes 422 HQ, 10-bit 4:2:2, in .mov: for editing
  ffv1     // FFV1, 8-bit RGB, in .mkv: exactly the frames
};

// The name a scene file uses, such as "h264".
std::string_view codec_name(VideoCodec codec);

// The codec of that name, or nothing.
std::optional<VideoCodec> codec_named(std::string_view name);

// The one file extension that the codec goes into, with its dot: ".mp4", ".mov" or ".mkv".
std::string_view file_extension(VideoCodec codec);

// 8 for codecs fed with 24-bit RGB frames (uint8_t), 10 for those fed with 48-bit ones (uint16_t).
int bit_depth(VideoCodec codec);

// How a song is stored in a film.
enum class SongCodec {
  automatic,  // its packets unchanged where the container can carry them, else ALAC
  copy,       // its packets unchanged
  alac,       // without loss
  aac         // for web browsers: 160 kbit/s a channel, 320 for stereo
};

// Which channels it has there.
enum class SongChannels {
  keep,   // those of the song
  stereo  // two, mixed so that no sum can be louder than full scale
};

// A part of a song, in seconds of what a listener hears (encoder padding is not counted), and what
// is done to its sound.
struct SongPart {
  std::filesystem::path file = {};
  Ratio from = {0, 1};           // sounds at the film's first frame, unless there is a skip
  std::optional<Ratio> to = {};  // unset: the song's end; the film's end cuts the song in any case
  SongCodec codec = SongCodec::automatic;
  SongChannels channels = SongChannels::keep;
  // In dB. Unset: 0 where no sample of the part lies above full scale, else what brings the highest
  // peak to kPeakBelowFullScale.
  std::optional<double> gain = 0.0;
  // How much later than `from` the film begins in it. Unlike a later `from` this makes no other
  // part of it: its peak is the same, and so is the gain.
  Ratio skip = {0, 1};
};

inline constexpr double kPeakBelowFullScale = -0.1;  // dB; room for the rounding
inline constexpr double kMinGain = -60;
inline constexpr double kMaxGain = 20;

inline constexpr double kDefaultQuality = 17;

struct VideoSettings {
  int width = 0;  // of the frames that are written
  int height = 0;
  int output_width = 0;  // of the film, scaled with Lanczos; 0: as the frames
  int output_height = 0;
  Ratio fps = {24, 1};  // at most 1000; 24000/1001 stays exact
  VideoCodec codec = VideoCodec::h264;

  // x264's CRF scale, 0 (best) to 51; below 1 counts as 1, unset is kDefaultQuality. hevc encodes
  // with CRF q + 4, av1 with CRF 1.2 q + 4, which look about alike. prores and ffv1 have none and
  // refuse one.
  std::optional<double> quality = {};

  int threads = 2;  // of the encoder; x264's bits depend on it, so it belongs into a plan
  int gop = 48;     // frames from one keyframe to the next; every such group stands alone

  std::string title = {};       // shown by players; empty: none
  std::string artist = {};      // likewise
  std::string scene_text = {};  // the scene that made the film, readable again; empty: none
  std::optional<SongPart> song = {};
  FilmTracks tracks = {};
};

// The film's size: output_width x output_height, or the frames' where those are 0.
int output_width(const VideoSettings& settings);
int output_height(const VideoSettings& settings);

// Throws MediaError (usage) unless the settings fit together and suit a file of that name:
// extension, odd or tiny sizes, frame rate, quality. Opens nothing.
void check_settings(const VideoSettings& settings, const std::filesystem::path& file);

// The same without a file, for an encoder on its own.
void check_settings(const VideoSettings& settings);

}  // namespace latentreel::ffmpeg
