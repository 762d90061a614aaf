// Captions as the packets of a film's subtitle stream. Internal to this room.
//
// Note [Captions in MP4]
// In MP4 and MOV (3GPP TS 26.245, "tx3g") samples follow one another without gaps: a pause is a
// sample without text. libav's muxer adds such samples where it believes that one is missing, and
// finds out by comparing times of different streams in their own ticks. So pauses are written here,
// each packet is sent before all others that are later, and a tick is not longer than another
// stream's: then the muxer finds nothing to add but the end of the last text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ffmpeg/av_ptr.h"
#include "ffmpeg/film_tracks.h"
#include "ffmpeg/video_settings.h"

namespace latentreel::ffmpeg {

struct VideoFormat;  // video_packet.h

class CaptionStream {
 public:
  // `ticks` a second: those of the packets, and no fewer than any other stream of the film has.
  CaptionStream(const FilmTracks& tracks, VideoCodec film, std::int64_t ticks);

  // A stream for them in a film with pictures of that size.
  AVStream* add_to(AVFormatContext& context, const VideoFormat& format,
                   const std::string& doing) const;

  // The next packet that begins at or before `until`, in ticks, else null.
  PacketPtr next(std::int64_t until);

  std::int64_t ticks() const { return ticks_; }

 private:
  struct Sample {
    std::int64_t start;
    std::int64_t end;
    std::string text;  // empty: a pause
  };

  void add(std::int64_t start, std::int64_t end, const std::string& text);

  bool matroska_;
  std::int64_t ticks_;
  std::string language_;
  std::vector<Sample> samples_;
  std::size_t sent_ = 0;
};

// The text of a packet that was read from a film.
std::string caption_text(const AVPacket& packet, AVCodecID codec);

}  // namespace latentreel::ffmpeg
