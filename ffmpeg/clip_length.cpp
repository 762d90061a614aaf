#include "ffmpeg/clip_length.h"

#include <algorithm>

namespace latentreel::ffmpeg {
namespace {

struct Counted {
  Ticks end = -kMostTicks;
  std::int64_t frames = 0;
};

// From where the file stands to its end.
Counted count_packets(ClipFile& clip) {
  Counted counted;
  const PacketPtr packet = make_packet();
  while (clip.read(packet.get())) {
    const PacketScope scope(packet.get());
    // Decoded for others to build on, and not shown.
    if ((packet->flags & AV_PKT_FLAG_DISCARD) != 0 || packet->size == 0) continue;
    Ticks stamp = is_stamp(packet->pts) ? packet->pts : packet->dts;
    if (!is_stamp(stamp)) stamp = std::max<Ticks>(0, counted.end);
    const bool has_duration = packet->duration > 0 && is_stamp(packet->duration);
    counted.end =
        std::max(counted.end, stamp + (has_duration ? packet->duration : clip.one_frame()));
    ++counted.frames;
  }
  return counted;
}

// The place of the last key frame that the file's head tells of; 0 where it tells of none.
Ticks last_key(const ClipFile& clip) {
  const AVFormatContext& context = *clip.container();
  const int count = avformat_index_get_entries_count(clip.video());
  if (count > 0) return avformat_index_get_entry(clip.video(), count - 1)->timestamp;
  if (context.duration <= 0) return 0;
  return av_rescale_q(context.duration, AVRational{1, AV_TIME_BASE}, clip.video()->time_base);
}

// Where the index lists every frame, those that are shown.
std::optional<std::int64_t> listed_frames(const ClipFile& clip) {
  const int count = avformat_index_get_entries_count(clip.video());
  if (clip.video()->nb_frames < 1 || count < clip.video()->nb_frames) return std::nullopt;
  std::int64_t shown = 0;
  for (int i = 0; i < count; ++i) {
    shown += (avformat_index_get_entry(clip.video(), i)->flags & AVINDEX_DISCARD_FRAME) == 0;
  }
  return shown;
}

bool lies_behind_the_end(const ClipFile& clip) {
  const int count = avformat_index_get_entries_count(clip.video());
  if (count < 1) return false;
  const AVIndexEntry& last = *avformat_index_get_entry(clip.video(), count - 1);
  return last.pos + last.size > clip.size();
}

}  // namespace

MeasuredClip measure_clip(const std::filesystem::path& file, const std::string& doing) {
  ClipFile clip(file, doing);
  const bool is_cut = clip.has_index() && lies_behind_the_end(clip);
  if (clip.has_index() && !is_cut &&
      av_seek_frame(clip.container(), clip.video()->index, last_key(clip), AVSEEK_FLAG_BACKWARD) >=
          0) {
    const Counted counted = count_packets(clip);
    if (counted.frames > 0) return {counted.end, listed_frames(clip), false};
  }
  ClipFile whole(file, doing);
  const Counted counted = count_packets(whole);
  return {counted.end, counted.frames, is_cut};
}

}  // namespace latentreel::ffmpeg
