#include "ffmpeg/song_proof.h"

#include <algorithm>

#include "ffmpeg/codec_table.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

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
  auto* buffer = static_cast<unsigned char*>(check_alloc(av_malloc(kBuffer)));
  AVIOContext* made_io =
      avio_alloc_context(buffer, kBuffer, 1, &nowhere, nullptr, drop_bytes, seek_nowhere);
  if (made_io == nullptr) av_free(buffer);
  const IoPtr io(check_alloc(made_io));
  AVFormatContext* made = nullptr;
  check(avformat_alloc_output_context2(&made, nullptr, traits_of(film).muxer, nullptr),
        Kind::internal, doing);
  const MuxerPtr context(made);
  context->pb = io.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  context->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  AVStream* stream = check_alloc(avformat_new_stream(context.get(), nullptr));
  stream->time_base = {1, song.rate()};
  check(avcodec_parameters_copy(stream->codecpar, &song.parameters()), Kind::internal, doing);
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
