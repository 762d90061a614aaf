#include "ffmpeg/color.h"
#include "ffmpeg/image.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr int kScale = 3;  // libav's quantizer scale, 1 finest to 31: no blocks to be seen

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const Image& image) {
  silence_libav();
  const std::string doing = "encoding a picture as JPEG";
  const std::size_t row = static_cast<std::size_t>(image.width) * 3;
  if (image.width < 1 || image.height < 1 ||
      image.rgb.size() != row * static_cast<std::size_t>(image.height)) {
    throw MediaError(Kind::internal, doing + ": it does not have the size it claims");
  }
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  if (codec == nullptr) throw MediaError(Kind::internal, doing + ": libav has no JPEG encoder");
  CodecPtr encoder(check_alloc(avcodec_alloc_context3(codec)));
  encoder->width = image.width;
  encoder->height = image.height;
  encoder->pix_fmt = AV_PIX_FMT_YUV444P;
  encoder->color_range = AVCOL_RANGE_JPEG;
  encoder->colorspace = AVCOL_SPC_BT470BG;  // as JFIF has it
  encoder->time_base = {1, 1};
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_QSCALE;
  encoder->global_quality = kScale * FF_QP2LAMBDA;
  check(avcodec_open2(encoder.get(), codec, nullptr), Kind::internal, doing);

  const FramePtr rgb = make_frame(image.width, image.height, AV_PIX_FMT_RGB24);
  copy_in(image.rgb.data(), row, *rgb);
  const FramePtr frame = make_frame(image.width, image.height, AV_PIX_FMT_YUV444P);
  ColorConverter(
      image.width, image.height, {.format = AV_PIX_FMT_RGB24, .range = AVCOL_RANGE_JPEG},
      {.format = AV_PIX_FMT_YUV444P, .matrix = AVCOL_SPC_BT470BG, .range = AVCOL_RANGE_JPEG})
      .convert(*rgb, *frame);
  frame->pts = 0;
  frame->quality = encoder->global_quality;
  frame->color_range = AVCOL_RANGE_JPEG;
  check(avcodec_send_frame(encoder.get(), frame.get()), Kind::internal, doing);
  const PacketPtr packet = make_packet();
  check(avcodec_receive_packet(encoder.get(), packet.get()), Kind::internal, doing);
  return {packet->data, packet->data + packet->size};
}

}  // namespace latentreel::ffmpeg
