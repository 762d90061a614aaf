// A part of a song as the packets that go into a film, timed in samples from the film's beginning.
// Internal to this room.
//
// Note [Cutting songs]
// Packets hold 10 to 100 ms and cannot be cut, but containers can hide a part of them.
//
// MP4 and MOV hide everything before `from` by an edit list, exact to the sample: the packet at
// `from`, and those before it that a decoder needs to warm up, get negative times.
//
// Matroska can hide only the encoder's own warm-up at the song's beginning, and libav hides whole
// packets of Vorbis only. With a later `from`, such songs are encoded anew.
//
// So are songs whose packets a muxer refuses, or of which libav reads others from there: each song
// is muxed into memory and read again first.
//
// A packet lasts as long as what it is decoded to, and each begins where the one before it ends, as
// the whole song is heard: Matroska rounds its time stamps to milliseconds, CAF has none.
//
// At the end, the last packet's duration says how much of it counts. PCM is cut between samples,
// at both ends and in every container.
//
// What is encoded here begins at `from`. The silence in front of it that an AAC encoder makes, and
// what it adds at the end, are hidden in the same ways.
#pragma once

#include <cstdint>
#include <memory>

#include "ffmpeg/av_ptr.h"
#include "ffmpeg/muxer.h"
#include "ffmpeg/song_decoder.h"

namespace latentreel::ffmpeg {

// The part in samples of what is heard.
struct SongRange {
  SongMeasure song;
  std::int64_t from = 0;
  std::int64_t length = 0;
};

// There are two implementations: one copies packets, the other encodes samples.
class SongStream {
 public:
  virtual ~SongStream() = default;

  // The codec parameters of the film's audio stream.
  virtual const AVCodecParameters& parameters() const = 0;

  // The next packet that ends at or before `until`, else null: there is none yet. Packets have pts,
  // dts and duration in samples.
  virtual PacketPtr next(std::int64_t until) = 0;

  // Once the film's end is known: the next packet that begins before it, cut to it, else null.
  virtual PacketPtr last(std::int64_t end) = 0;

  // Samples a second.
  virtual int rate() const = 0;

  // Whether muxing leaves the packets' bytes as they are (raw AAC loses a header).
  virtual bool bytes_stay() const = 0;

  // All but film_seconds.
  virtual SongSummary summary() const = 0;
};

// Makes the packet's last samples, that many, no part of the song.
void hide_end(AVPacket& packet, std::int64_t samples);

// Decodes the song once to measure it. Throws MediaError: missing, invalid (also where the song
// cannot be stored as it is to be), or usage where `from` lies after the song's end.
std::unique_ptr<SongStream> open_song(const SongPart& part, VideoCodec film);

}  // namespace latentreel::ffmpeg
