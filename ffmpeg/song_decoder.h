// A song file's sound, decoded from beginning to end. Internal; callers outside use song.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "ffmpeg/input_file.h"

namespace latentreel::ffmpeg {

// What a listener hears, in samples: found by decoding, because containers round, guess and pad.
struct SongMeasure {
  int rate = 0;
  int channels = 0;
  std::int64_t samples = 0;
  std::int64_t origin = 0;  // the stream's own time of the first sample that is heard
};

class SongDecoder {
 public:
  // Opens the file and its (first, best) sound stream. Throws MediaError: missing or invalid.
  explicit SongDecoder(const std::filesystem::path& file);

  // Fills `frame` with the next decoded samples; false at the end. Throws MediaError (invalid)
  // where too much is damaged, where the file ends early, or where rate or channels change.
  bool next(AVFrame* frame);

  // Valid once next() gave the first frame; `samples` counts those given so far.
  const SongMeasure& measure() const { return measure_; }

  AVStream* stream() const { return stream_; }
  AVFormatContext* container() const { return input_.context(); }
  const std::string& doing() const { return doing_; }

 private:
  void feed();
  void start_link();
  void skip(AVFrame& frame);
  void check_complete() const;

  std::filesystem::path file_;
  std::string doing_;
  InputFile input_;
  AVStream* stream_ = nullptr;
  CodecPtr decoder_;
  PacketPtr packet_ = make_packet();
  SongMeasure measure_;
  std::int64_t packets_ = 0;
  std::int64_t damaged_ = 0;
  std::int64_t skip_ = 0;  // samples of the decoder's warm-up that are still to come
  bool drained_ = false;
};

// Opens a song's container with the formats and decoders that songs come in.
InputFile open_song_container(const std::filesystem::path& file, const std::string& doing);

// The audio stream. Throws MediaError (invalid) where there is none.
AVStream* find_sound(InputFile& input, const std::string& doing);

// Whether the packet is no sound but a header in front of further sound, as where Ogg files were
// appended to one another.
bool starts_link(const AVPacket& packet, AVCodecID codec);

// Decodes everything.
SongMeasure measure_song(const std::filesystem::path& file);

// No sample is changed by decoding and encoding: FLAC, ALAC, PCM and their like.
bool is_lossless(AVCodecID codec);

}  // namespace latentreel::ffmpeg
