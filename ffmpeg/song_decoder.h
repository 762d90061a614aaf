// A song file's sound, decoded from beginning to end. Internal; callers outside use song.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ffmpeg/input_file.h"
#include "ffmpeg/song_sizes.h"

namespace latentreel::ffmpeg {

// What a listener hears, in samples: found by decoding, because containers round, guess and pad.
struct SongMeasure {
  AVCodecID codec = AV_CODEC_ID_NONE;
  int rate = 0;
  int channels = 0;
  std::uint64_t speakers = 0;  // of the channels, AV_CH_...; 0: the file does not say
  std::int64_t samples = 0;
  std::int64_t first = 0;    // the place of the first packet's sound; below 0: some is not heard
  bool cut_inside = false;   // something is decoded and not heard between what is heard
  std::vector<int> packets;  // the samples that each is decoded to, heard or not
};

class SongDecoder {
 public:
  // Opens the file and its (first, best) sound stream. Throws MediaError: missing or invalid.
  explicit SongDecoder(const std::filesystem::path& file);

  // Fills `frame` with the next samples; false at the end. Silence that the container has in front
  // of them is among them, what it says to be padding at the end is not. Throws MediaError
  // (invalid) where too much is damaged, where the file ends early, or where rate or channels
  // change.
  bool next(AVFrame* frame);

  // Valid once next() gave the first frame; `samples` counts those given so far.
  const SongMeasure& measure() const { return measure_; }

  // Known at the end: what is odd about the song and no reason to refuse it.
  const std::vector<std::string>& warnings() const { return warnings_; }

  AVStream* stream() const { return stream_; }
  AVFormatContext* container() const { return input_.context(); }
  const std::string& doing() const { return doing_; }

 private:
  void feed();
  std::int64_t end_of_packet() const;
  void start_link();
  bool is_flac_header();
  int trim(AVFrame& frame);
  void note_cut(int skipped, int heard);
  bool decode(AVFrame* frame);
  void begin();
  std::int64_t silence_before() const;
  void fill_silence(AVFrame& frame);
  void cut_padding(AVFrame& frame) const;
  void check_complete();

  std::string doing_;
  SongSizes sizes_;
  InputFile input_;
  AVStream* stream_ = nullptr;
  CodecPtr decoder_;
  PacketPtr packet_ = make_packet();
  SongMeasure measure_;
  std::int64_t damaged_ = 0;
  std::int64_t skip_ = 0;                // samples of the decoder's warm-up that are still to come
  std::int64_t lead_ = 0;                // those in front of the first sample that is heard
  std::int64_t begin_ = AV_NOPTS_VALUE;  // of the first packet, in the stream's time
  std::int64_t origin_ = 0;              // the first sample's time in the stream, in samples
  bool in_headers_ = false;              // of a link of FLAC
  bool ended_ = false;                   // something behind the beginning was cut off
  bool drained_ = false;
  FramePtr ahead_ = make_frame();  // the frame after the one that was given last
  bool begun_ = false;
  bool has_ahead_ = false;
  std::int64_t silence_ = 0;           // samples still to be given before it
  std::int64_t end_ = AV_NOPTS_VALUE;  // of the last packet, in the stream's time
  bool ends_with_frame_ = false;       // the last packet is a whole frame of MP3
  std::vector<std::string> warnings_;
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
