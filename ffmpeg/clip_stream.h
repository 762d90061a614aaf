// A clip's frames in order of time, from its beginning or from any moment. Internal to this room.
//
// Note [Same frames from everywhere]. What a frame looks like must not depend on where reading
// began. So decoding begins at key frames only, of H.264 at those behind which nothing refers to
// what lies before them (IDR: libav does not get over others without harm); frames that are shown
// before the key frame are not used; and behind damage nothing is used until the next key frame, as
// decoders go on with what they have, which differs. Only containers that store when each frame is
// shown, and where it lies, are entered in the middle; all others are read from the front.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>

#include "ffmpeg/input_file.h"

namespace latentreel::ffmpeg {

// In units of the stream's time base.
using Ticks = std::int64_t;
inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max();

// Beyond it a stamp is damage; sums and differences of those below fit.
inline constexpr Ticks kMostTicks = Ticks{1} << 60;
inline bool is_stamp(std::int64_t stamp) {
  return stamp > -kMostTicks && stamp < kMostTicks;  // AV_NOPTS_VALUE is below
}

// A clip's container with the one stream that is looked at.
class ClipFile {
 public:
  // Throws MediaError as VideoClip does.
  ClipFile(const std::filesystem::path& file, const std::string& doing);

  AVFormatContext* container() const { return input_.context(); }
  AVStream* video() const { return video_; }
  std::int64_t size() const { return input_.size(); }

  // Whether it can be entered in the middle.
  bool has_index() const { return has_index_; }

  // A frame's length, by the rate; 1 where there is none.
  Ticks one_frame() const;

  // The next packet; false at the end, and where the container is damaged so that nothing behind
  // can be found. Throws MediaError for the disk's own errors. Without an index, stamps that go
  // back by more than a second, as in recordings that were put together, are counted on.
  bool read(AVPacket* packet);
  bool is_broken() const { return is_broken_; }
  bool was_joined() const { return offset_ != 0; }

 private:
  void count_on(AVPacket& packet);

  InputFile input_;
  AVStream* video_;
  bool has_index_;
  bool is_broken_ = false;
  Ticks offset_ = 0;  // added to stamps
  Ticks last_ = -kMostTicks;
  Ticks end_ = 0;
};

class ClipStream {
 public:
  ClipStream(const std::filesystem::path& file, std::string doing, int threads,
             std::int64_t most_pixels);

  // The next frame, its pts set and never below that of the one before; false at the end. Throws
  // MediaError (invalid) for what the disk refuses.
  bool next(AVFrame* frame);

  // Makes next() give a run of frames that begins at `target` or before, where the file has an
  // index and such a frame. If not, false: then begin anew.
  bool seek(Ticks target);

  // Whether a seek to there skips frames that next() would have to decode from `here` on.
  bool seek_gains(Ticks here, Ticks target) const;

  AVFormatContext* container() const { return file_.container(); }
  AVStream* video() const { return file_.video(); }
  bool has_index() const { return has_index_; }

  // Where frames are missing: from the first to the next good one's time, kNever for the end.
  const std::map<Ticks, Ticks>& damage() const { return damage_; }
  bool was_joined() const { return file_.was_joined(); }

 private:
  void refuse_size() const;
  void open_decoder();
  void enter(bool in_the_middle);
  bool read_packet();
  void feed();
  bool receive(AVFrame* frame);
  bool is_good(AVFrame& frame);
  void stamp(AVFrame& frame);
  void damaged(Ticks from);
  bool begin_at_key();
  void drain();

  std::string doing_;
  ClipFile file_;
  int threads_;
  std::int64_t most_pixels_;
  bool has_index_;
  CodecPtr decoder_;
  PacketPtr packet_ = make_packet();
  FramePtr first_ = make_frame();  // of a run, decoded to see whether a seek did what it should

  enum class State { reading, draining, over };
  State state_ = State::reading;
  bool keys_are_open_ = false;  // a seek met a key frame that is no entrance
  bool ends_ = false;           // draining because the file is at its end
  bool wants_key_ = false;      // passes all packets over until one begins anew
  bool has_packet_ = false;     // packet_ is read and not sent
  bool has_first_ = false;      // first_ is the next frame
  Ticks floor_ = 0;             // frames before it may lack what they build on
  Ticks last_;                  // of the frame before
  Ticks sent_ = 0;              // of the packet that was sent last
  Ticks bad_ = kNever;          // of the packet that was found damaged last
  Ticks open_damage_ = kNever;  // whose end is not known yet
  std::map<Ticks, Ticks> damage_;
};

}  // namespace latentreel::ffmpeg
