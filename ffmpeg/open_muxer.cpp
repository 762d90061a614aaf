#include "ffmpeg/open_muxer.h"

#include "ffmpeg/codec_table.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

}  // namespace

MuxerPtr open_muxer(VideoCodec film, AVIOContext& io, const char* url, const std::string& doing) {
  AVFormatContext* made = nullptr;
  check(avformat_alloc_output_context2(&made, nullptr, traits_of(film).muxer, url), Kind::internal,
        doing);
  MuxerPtr context(made);
  context->pb = &io;
  // Bit-exact: no version of libav, no date.
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  // Negative times mean "to be decoded, not heard"; libav would move picture and song instead.
  context->avoid_negative_ts = AVFMT_AVOID_NEG_TS_DISABLED;
  return context;
}

AVStream* add_stream(AVFormatContext& context, const SongStream& song, const std::string& doing) {
  AVStream* stream = check_alloc(avformat_new_stream(&context, nullptr));
  stream->time_base = {1, song.rate()};
  check(avcodec_parameters_copy(stream->codecpar, &song.parameters()), Kind::internal, doing);
  return stream;
}

}  // namespace latentreel::ffmpeg
