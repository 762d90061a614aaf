// What each VideoCodec is in libav's terms, in one place for encoder, muxer and check. Internal.
#pragma once

#include "ffmpeg/av_ptr.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct CodecTraits {
  VideoCodec codec;
  AVCodecID id;
  const char* encoder;
  AVPixelFormat pixels;  // what the encoder is fed with
  AVPixelFormat rgb;     // what a caller's frames are
  AVColorRange range;    // limited, but for RGB
  AVColorSpace matrix;
  AVChromaLocation chroma;
  const char* muxer;
  std::uint32_t tag;  // four letters in the file; 0: libav's own choice
  int profile;
  int delay;  // frames by which decoding leads display: two with a pyramid of B-frames
};

const CodecTraits& traits_of(VideoCodec codec);

// Whether its films are Matroska files.
bool is_matroska(VideoCodec codec);

}  // namespace latentreel::ffmpeg
