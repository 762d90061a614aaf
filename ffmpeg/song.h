// A song file as a listener hears it, and whether its packets can go into a film unchanged.
//
// A song is opened by descriptor as a plain file: its name is never taken for a protocol, and
// nothing that the file refers to is opened. Cover pictures and further streams are ignored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct SongInfo {
  std::string codec;  // libav's name: "aac", "mp3", "flac", "pcm_s16le", ...
  int sample_rate = 0;
  int channels = 0;
  std::int64_t samples = 0;  // heard, for each channel: padding of the encoder is not counted
  std::string title;         // tags, empty where there are none
  std::string artist;
  std::vector<std::string> warnings;  // what is odd about it and was lived with

  Ratio seconds() const { return {samples, sample_rate}; }
};

// Decodes the whole song, so the length is exact and damage shows now. Throws MediaError: missing,
// or invalid for a file that is no song, is cut short or cannot be decoded.
SongInfo probe_song(const std::filesystem::path& file);

// Whether packets of `song_codec` can be copied into a film of `film_codec`. If not, the song is
// encoded; ALAC is lossless: 16 bits stay 16, everything else becomes 24.
bool can_copy_song(const std::string& song_codec, VideoCodec film_codec);

// The song mixed to one channel at its own sample rate, for analysis: samples in [-1, 1].
struct MonoSamples {
  int sample_rate = 0;
  std::vector<float> samples;
};
MonoSamples read_song_mono(const std::filesystem::path& file);

}  // namespace latentreel::ffmpeg
