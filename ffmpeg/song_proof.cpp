#include "ffmpeg/song_proof.h"

#include <algorithm>

#include "ffmpeg/open_muxer.h"

namespace latentreel::ffmpeg {
namespace {

constexpr int kBuffer = 1 << 16;

// A file of which only position and length are known.
struct Nowhere {
  std::int64_t position = 0;
  std::int64_t size = 0;
};

int drop_bytes(void* opaque, std::uint8_t*, int size) {
  auto* nowhere = static_cast<Nowhere*>(opaque);
  nowhere->position += size;
  nowhere->size = std::max(nowhere->size, nowhere->position);
  return size;
}

std::int64_t seek_nowhere(void* opaque, std::int64_t offset, int whence) {
  auto* nowhere = static_cast<Nowhere*>(opaque);
  if (whence & AVSEEK_SIZE) return nowhere->size;
  const int from = whence & ~AVSEEK_FORCE;
  const std::int64_t base = from == SEEK_CUR   ? nowhere->position
                            : from == SEEK_END ? nowhere->size
                                               : 0;
  return nowhere->position = base + offset;
}

}  // namespace

std::string refusal_of(SongStream& song, VideoCodec film) {
  const std::string doing = "trying a song in a film";
  Nowhere nowhere;
  const IoPtr io = make_io(kBuffer, &nowhere, {.write = drop_bytes, .seek = seek_nowhere});
  const MuxerPtr context = open_muxer(film, *io, nullptr, doing);
  const AVStream* stream = add_stream(*context, song, doing);
  int code = avformat_write_header(context.get(), nullptr);
  if (code < 0) return av_text(code);
  while (const PacketPtr packet = song.next(INT64_MAX / 2)) {
    packet->stream_index = 0;
    packet->flags |= AV_PKT_FLAG_KEY;
    av_packet_rescale_ts(packet.get(), {1, song.rate()}, stream->time_base);
    code = av_write_frame(context.get(), packet.get());
    if (code < 0) break;
  }
  // The index is written in any case: it frees what the muxer keeps.
  const int ended = av_write_trailer(context.get());
  if (code < 0) return av_text(code);
  return ended < 0 ? av_text(ended) : std::string();
}

}  // namespace latentreel::ffmpeg
