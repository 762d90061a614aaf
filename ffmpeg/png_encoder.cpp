#include <cstring>

#include "ffmpeg/color.h"
#include "ffmpeg/image.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

template <class AnyImage>
std::vector<std::uint8_t> encode(const AnyImage& image, AVPixelFormat format) {
  silence_libav();
  const std::string doing = "encoding a picture as PNG";
  const std::size_t row = static_cast<std::size_t>(image.width) * 3;
  if (image.width < 1 || image.height < 1 ||
      image.rgb.size() != row * static_cast<std::size_t>(image.height)) {
    throw MediaError(Kind::internal, doing + ": it does not have the size it claims");
  }
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (codec == nullptr) throw MediaError(Kind::internal, doing + ": libav has no PNG encoder");
  CodecPtr encoder(check_alloc(avcodec_alloc_context3(codec)));
  encoder->width = image.width;
  encoder->height = image.height;
  encoder->pix_fmt = format;
  encoder->time_base = {1, 1};
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  Options options;
  options.set("pred", "mixed");  // half the size of no prediction, for pictures like ours
  check(avcodec_open2(encoder.get(), codec, options.address()), Kind::internal, doing);
  options.require_used(doing);

  const FramePtr frame = make_frame(image.width, image.height, format);
  copy_in(image.rgb.data(), row * sizeof image.rgb[0], *frame);
  frame->pts = 0;
  check(avcodec_send_frame(encoder.get(), frame.get()), Kind::internal, doing);
  const PacketPtr packet = make_packet();
  check(avcodec_receive_packet(encoder.get(), packet.get()), Kind::internal, doing);

  return {packet->data, packet->data + packet->size};
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image) {
  return encode(image, AV_PIX_FMT_RGB24);
}

std::vector<std::uint8_t> encode_png(const Image16& image) {
  Image16 swapped = image;  // PNG stores the high byte first
  for (auto& value : swapped.rgb) {
    const std::uint8_t bytes[2] = {static_cast<std::uint8_t>(value >> 8),
                                   static_cast<std::uint8_t>(value & 0xff)};
    std::memcpy(&value, bytes, sizeof value);
  }
  return encode(swapped, AV_PIX_FMT_RGB48BE);
}

}  // namespace latentreel::ffmpeg
