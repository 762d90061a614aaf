#include "ffmpeg/video_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "ffmpeg/codec_table.h"
#include "ffmpeg/color.h"
#include "ffmpeg/resizer.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

// The speeds at which the encoders search. They are part of what makes two runs equal, so they are
// constants and not choices.
constexpr const char* kX264Preset = "slow";
constexpr const char* kX265Preset = "medium";
constexpr int kSvtAv1Preset = 6;
constexpr int kX264BFrames = 2;
constexpr int kX265FrameThreads = 2;  // changes bits, unlike the size of x265's pool
constexpr int kFfv1Slices = 4;        // libav would choose by the thread count

// x265 3.5 reads memory that it never wrote where a picture is a single row or column of its
// 64-pixel blocks; two runs then differ. Smaller blocks keep small pictures clear of that.
int x265_block(const VideoSettings& settings) {
  return std::min(output_width(settings), output_height(settings)) < 128 ? 32 : 64;
}

// x264 164's AVX-512 code reads memory that it never wrote where a picture is less than eight of
// its 16-pixel blocks wide; two runs then differ. Without it encoding is as fast.
constexpr const char* kX264Instructions = "asm=AVX2";

// See VideoSettings::quality.
double x264_crf(double quality) {
  return std::max(quality, 1.0);
}  // 0 would be another profile
double x265_crf(double quality) {
  return std::min(quality + 4, 51.0);
}
int svtav1_crf(double quality) {
  return std::clamp(static_cast<int>(std::lround(1.2 * quality + 4)), 1, 63);
}

// Keyframes stand at every multiple of the group length and nowhere else, and no group looks into
// another: so segments of whole groups join without a trace.
void set_options(const VideoSettings& settings, AVCodecContext& encoder, Options& options) {
  const double quality = settings.quality.value_or(kDefaultQuality);
  const int gop = settings.gop;
  switch (settings.codec) {
    case VideoCodec::h264:
      encoder.max_b_frames = kX264BFrames;
      options.set("preset", kX264Preset);
      options.set("profile", "high");
      options.set("crf", fmt::format("{:.3f}", x264_crf(quality)));
      options.set("sc_threshold", 0);
      options.set("forced-idr", 1);
      if ((av_get_cpu_flags() & AV_CPU_FLAG_AVX512) != 0)
        options.set("x264-params", kX264Instructions);
      break;
    case VideoCodec::hevc:
      options.set("preset", kX265Preset);
      options.set("crf", fmt::format("{:.3f}", x265_crf(quality)));
      options.set("forced-idr", 1);
      options.set(
          "x265-params",
          fmt::format("log-level=none:info=0:open-gop=0:scenecut=0:keyint={0}:"
                      "min-keyint={0}:pools={1}:frame-threads={2}:lookahead-slices=0:ctu={3}",
                      gop, settings.threads, kX265FrameThreads, x265_block(settings)));
      break;
    case VideoCodec::av1:
      options.set("preset", kSvtAv1Preset);
      options.set("crf", svtav1_crf(quality));
      break;
    case VideoCodec::prores:
      options.set("profile", "hq");
      options.set("vendor", "apl0");
      encoder.field_order = AV_FIELD_PROGRESSIVE;
      break;
    case VideoCodec::ffv1:
      encoder.level = 3;
      encoder.slices = kFfv1Slices;
      options.set("slicecrc", 1);
      break;
  }
  const bool all_intra = settings.codec == VideoCodec::prores || settings.codec == VideoCodec::ffv1;
  encoder.gop_size = all_intra ? 1 : gop;
  if (!all_intra) encoder.keyint_min = gop;
}

CodecPtr open_encoder(const VideoSettings& settings, const CodecTraits& traits) {
  const std::string doing = fmt::format("starting the {} encoder", codec_name(settings.codec));
  const AVCodec* codec = avcodec_find_encoder_by_name(traits.encoder);
  if (codec == nullptr) {
    throw MediaError(Kind::internal,
                     fmt::format("{}: the installed FFmpeg libraries lack {}; install "
                                 "Debian's, or choose another codec",
                                 doing, traits.encoder));
  }
  CodecPtr encoder(check_alloc(avcodec_alloc_context3(codec)));
  encoder->width = output_width(settings);
  encoder->height = output_height(settings);
  encoder->pix_fmt = traits.pixels;
  encoder->sample_aspect_ratio = {1, 1};
  encoder->time_base = {static_cast<int>(settings.fps.den), static_cast<int>(settings.fps.num)};
  encoder->framerate = {static_cast<int>(settings.fps.num), static_cast<int>(settings.fps.den)};
  encoder->color_range = traits.range;
  encoder->colorspace = traits.matrix;
  encoder->color_primaries = AVCOL_PRI_BT709;
  encoder->color_trc = AVCOL_TRC_BT709;
  encoder->chroma_sample_location = traits.chroma;
  encoder->thread_count = settings.threads;
  encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP | AV_CODEC_FLAG_BITEXACT;
  Options options;
  set_options(settings, *encoder, options);
  check(avcodec_open2(encoder.get(), codec, options.address()), Kind::internal, doing);
  options.require_used(doing);
  return encoder;
}

}  // namespace

struct VideoEncoder::Impl {
  VideoSettings settings;
  const CodecTraits& traits;
  CodecPtr encoder;
  VideoFormat format;
  FramePtr rgb;
  FramePtr frame;
  ColorConverter converter;
  PacketPtr packet = make_packet();
  std::int64_t frames_in = 0;
  std::int64_t packets_out = 0;
  bool open = true;

  explicit Impl(const VideoSettings& wanted)
      : settings(wanted),
        traits(traits_of(wanted.codec)),
        encoder(open_encoder(wanted, traits)),
        rgb(make_frame(encoder->width, encoder->height, traits.rgb)),
        frame(make_frame(encoder->width, encoder->height, traits.pixels)),
        converter(encoder->width, encoder->height,
                  {traits.rgb, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, AVCHROMA_LOC_UNSPECIFIED},
                  {traits.pixels, traits.matrix, traits.range, traits.chroma}) {
    format.codec = wanted.codec;
    format.width = encoder->width;
    format.height = encoder->height;
    format.fps = wanted.fps;
    format.delay = traits.delay;
    if (encoder->extradata_size > 0) {
      format.extradata.assign(encoder->extradata, encoder->extradata + encoder->extradata_size);
    }
  }

  // SVT-AV1 is closed only once it has given the end of its stream: it would wait for that forever.
  ~Impl() {
    if (!open || settings.codec != VideoCodec::av1) return;
    if (frames_in == 0 && av_frame_make_writable(frame.get()) >= 0) {
      frame->pts = 0;
      avcodec_send_frame(encoder.get(), frame.get());  // without any there is no end either
    }
    if (avcodec_send_frame(encoder.get(), nullptr) < 0) return;
    while (avcodec_receive_packet(encoder.get(), packet.get()) >= 0) av_packet_unref(packet.get());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string doing() const {
    return fmt::format("encoding frame {} as {}", frames_in, codec_name(settings.codec));
  }

  // `pixels` becomes the delivered picture in `rgb`.
  template <class Sample>
  void take(std::span<const Sample> pixels) {
    const std::size_t expected =
        static_cast<std::size_t>(settings.width) * static_cast<std::size_t>(settings.height) * 3;
    if (pixels.size() != expected) {
      throw MediaError(Kind::internal,
                       fmt::format("{}: it has {} values, {}x{} pixels need {}", doing(),
                                   pixels.size(), settings.width, settings.height, expected));
    }
    if ((sizeof(Sample) == 1) != (bit_depth(settings.codec) == 8)) {
      throw MediaError(Kind::internal,
                       fmt::format("{}: it needs frames of {} bits a value", doing(),
                                   bit_depth(settings.codec) == 8 ? 8 : 16));
    }
    const std::size_t row = static_cast<std::size_t>(format.width) * 3 * sizeof(Sample);
    if (format.width == settings.width && format.height == settings.height) {
      copy_in(pixels.data(), row, *rgb);
    } else {
      static_assert(std::is_same_v<Sample, std::uint8_t> || std::is_same_v<Sample, std::uint16_t>);
      const Resizer<Sample>& resizer = resizer_for<Sample>();
      copy_in(resizer(pixels).data(), row, *rgb);
    }
  }

  template <class Sample>
  const Resizer<Sample>& resizer_for() {
    auto& resizer = std::get<std::unique_ptr<Resizer<Sample>>>(resizers);
    if (!resizer) {
      resizer = std::make_unique<Resizer<Sample>>(settings.width, settings.height, format.width,
                                                  format.height);
    }
    return *resizer;
  }

  template <class Sample>
  std::vector<VideoPacket> encode(std::span<const Sample> pixels) {
    if (!open) throw MediaError(Kind::internal, doing() + ": the encoder is finished");
    take(pixels);
    // The encoder may still hold the last frame, for it looks ahead.
    check(av_frame_make_writable(frame.get()), Kind::internal, doing());
    converter.convert(*rgb, *frame);
    frame->pts = frames_in;
    frame->color_range = traits.range;
    frame->colorspace = traits.matrix;
    frame->color_primaries = AVCOL_PRI_BT709;
    frame->color_trc = AVCOL_TRC_BT709;
    frame->chroma_location = traits.chroma;
    check(avcodec_send_frame(encoder.get(), frame.get()), Kind::internal, doing());
    ++frames_in;
    return drain();
  }

  std::vector<VideoPacket> drain() {
    std::vector<VideoPacket> packets;
    for (;;) {
      const int got = avcodec_receive_packet(encoder.get(), packet.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return packets;
      check(got, Kind::internal, doing());
      const PacketScope scope(packet.get());
      VideoPacket out;
      out.data.assign(packet->data, packet->data + packet->size);
      out.pts = packet->pts;
      // Counted here: x264 shortens its own decoding times where a run ends within its delay, and
      // then a segment would not join.
      out.dts = packets_out - format.delay;
      out.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
      if (out.data.empty() || out.pts < 0 || out.pts >= frames_in || out.dts > out.pts) {
        throw MediaError(Kind::internal, fmt::format("{}: packet {} has the time of frame {}",
                                                     doing(), packets_out, out.pts));
      }
      ++packets_out;
      packets.push_back(std::move(out));
    }
  }

  std::vector<VideoPacket> finish() {
    if (!open) throw MediaError(Kind::internal, doing() + ": the encoder is finished already");
    open = false;
    check(avcodec_send_frame(encoder.get(), nullptr), Kind::internal, doing());
    auto packets = drain();
    if (packets_out != frames_in) {
      throw MediaError(Kind::internal,
                       fmt::format("{}: {} frames went in, {} came out", "finishing the encoder",
                                   frames_in, packets_out));
    }
    return packets;
  }

  std::tuple<std::unique_ptr<Resizer<std::uint8_t>>, std::unique_ptr<Resizer<std::uint16_t>>>
      resizers;
};

std::string encoder_version() {
  return av_version_info();
}

VideoEncoder::VideoEncoder(const VideoSettings& settings) {
  check_settings(settings);
  silence_libav();
  impl_ = std::make_unique<Impl>(settings);
}

VideoEncoder::~VideoEncoder() = default;
VideoEncoder::VideoEncoder(VideoEncoder&&) noexcept = default;
VideoEncoder& VideoEncoder::operator=(VideoEncoder&&) noexcept = default;

const VideoFormat& VideoEncoder::format() const {
  return impl_->format;
}

std::vector<VideoPacket> VideoEncoder::encode(std::span<const std::uint8_t> rgb) {
  return impl_->encode(rgb);
}

std::vector<VideoPacket> VideoEncoder::encode(std::span<const std::uint16_t> rgb) {
  return impl_->encode(rgb);
}

std::vector<VideoPacket> VideoEncoder::finish() {
  return impl_->finish();
}

}  // namespace latentreel::ffmpeg
