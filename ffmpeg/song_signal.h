// The samples of a song's part as an encoder gets them. Internal.
#pragma once

#include <cstdint>

#include "ffmpeg/song_channels.h"
#include "ffmpeg/song_decoder.h"
#include "ffmpeg/song_stream.h"

namespace latentreel::ffmpeg {

class SongSignal {
 public:
  // `gain` is in dB. Throws MediaError: missing or invalid.
  SongSignal(const SongPart& part, const SongRange& range, const ChannelMix& mix, double gain);

  // The part's next `count` samples of each of the mix's outputs, in planes of double, 1 is full
  // scale. The part must have so many left. Throws MediaError (invalid) where the song is not the
  // one that was measured.
  FramePtr read(int count);

  // Of the song's own samples: 16 where these hold no more, else 24, which may round them.
  int bits() const { return bits_; }

 private:
  void open_converter();
  void take_frame();
  FramePtr mixed(const AVFrame& from, int begin, int count) const;

  SongRange range_;
  ChannelMix mix_;
  SongDecoder decoder_;
  FramePtr frame_ = make_frame();
  ResamplerPtr converter_;
  AudioFifoPtr fifo_;
  int bits_ = 0;
};

// The gain that the part gets, in dB; where it is to be found, all of the part is decoded for it.
double find_gain(const SongPart& part, const SongRange& range);

}  // namespace latentreel::ffmpeg
