#include "tests/ffmpeg/clip_writer.h"

#include <array>
#include <cstring>

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr int kBlocks = 4;
constexpr int kMark = 0b1101;  // the last row: no other row and no column may be taken for it
constexpr int kNumbers = 1 << (kBlocks * (kBlocks - 1));

CodecPtr open_encoder(const TestClip& clip, const AVOutputFormat& format) {
  const AVCodec* codec = avcodec_find_encoder_by_name(clip.encoder.c_str());
  CodecPtr encoder(check_alloc(avcodec_alloc_context3(check_alloc(codec))));
  encoder->width = clip.width;
  encoder->height = clip.height;
  encoder->time_base = clip.tick;
  encoder->framerate = clip.rate;
  encoder->pix_fmt = clip.pixels.format;
  encoder->colorspace = clip.pixels.matrix;
  encoder->color_range = clip.pixels.range;
  encoder->chroma_sample_location = clip.pixels.chroma;
  encoder->color_trc = clip.transfer;
  encoder->color_primaries = clip.primaries;
  encoder->sample_aspect_ratio = clip.pixel_shape;
  encoder->field_order = clip.fields;
  if (clip.fields != AV_FIELD_PROGRESSIVE) encoder->flags |= AV_CODEC_FLAG_INTERLACED_DCT;
  encoder->gop_size = clip.gop;
  encoder->max_b_frames = clip.b_frames;
  encoder->thread_count = 1;
  if ((format.flags & AVFMT_GLOBALHEADER) != 0) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  AVDictionary* options = nullptr;
  check(av_dict_parse_string(&options, clip.tuning.c_str(), "=", ",", 0), Kind::internal, "tuning");
  const int opened = avcodec_open2(encoder.get(), codec, &options);
  av_dict_free(&options);
  check(opened, Kind::internal, "opening " + clip.encoder);
  return encoder;
}

void add_dolby_vision(AVStream& stream, int compatible_with) {
  AVDOVIDecoderConfigurationRecord record{};
  record.dv_version_major = 1;
  record.dv_profile = compatible_with == 0 ? 5 : 8;
  record.dv_level = 1;
  record.rpu_present_flag = record.bl_present_flag = 1;
  record.dv_bl_signal_compatibility_id = static_cast<std::uint8_t>(compatible_with);
  std::memcpy(av_stream_new_side_data(&stream, AV_PKT_DATA_DOVI_CONF, sizeof record), &record,
              sizeof record);
}

// Owns the file of a muxer as well.
struct OpenFile {
  explicit OpenFile(const std::filesystem::path& file) {
    AVFormatContext* made = nullptr;
    check(avformat_alloc_output_context2(&made, nullptr, nullptr, file.c_str()), Kind::internal,
          "opening a muxer");
    context.reset(made);
    check(avio_open(&context->pb, file.c_str(), AVIO_FLAG_WRITE), Kind::internal, "opening a file");
  }
  ~OpenFile() { avio_closep(&context->pb); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  MuxerPtr context;
};

class ClipWriter {
 public:
  ClipWriter(const std::filesystem::path& file, const TestClip& clip)
      : clip_(clip),
        file_(file),
        encoder_(open_encoder(clip, *file_.context->oformat)),
        stream_(check_alloc(avformat_new_stream(file_.context.get(), nullptr))),
        converter_(clip.width, clip.height, {AV_PIX_FMT_RGB24, AVCOL_SPC_RGB, AVCOL_RANGE_JPEG},
                   clip.pixels) {
    check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()), Kind::internal,
          "taking over");
    stream_->time_base = clip.tick;
    stream_->avg_frame_rate = clip.rate;
    stream_->sample_aspect_ratio = clip.pixel_shape;
    file_.context->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;
    if (!clip.display_matrix.empty()) {
      const std::size_t size = clip.display_matrix.size() * sizeof(std::int32_t);
      std::memcpy(av_stream_new_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, size),
                  clip.display_matrix.data(), size);
    }
    if (clip.dolby_vision >= 0) add_dolby_vision(*stream_, clip.dolby_vision);
    AVDictionary* options = nullptr;
    if (clip.tick.num == 1) av_dict_set_int(&options, "video_track_timescale", clip.tick.den, 0);
    const int written = avformat_write_header(file_.context.get(), &options);
    av_dict_free(&options);
    check(written, Kind::internal, "writing a header");
  }

  void write(int number) {
    const FramePtr rgb = make_frame(clip_.width, clip_.height, AV_PIX_FMT_RGB24);
    const auto picture = numbered_picture(clip_.width, clip_.height, number);
    copy_in(picture.data(), static_cast<std::size_t>(clip_.width) * 3, *rgb);
    const FramePtr frame = make_frame(clip_.width, clip_.height, clip_.pixels.format);
    converter_.convert(*rgb, *frame);
    frame->pts = clip_.stamps[static_cast<std::size_t>(number)];
    frame->interlaced_frame = clip_.fields != AV_FIELD_PROGRESSIVE;
    frame->sample_aspect_ratio = clip_.pixel_shape;
    encode(frame.get());
  }

  void finish() {
    encode(nullptr);
    check(av_write_trailer(file_.context.get()), Kind::internal, "ending a file");
  }

 private:
  void encode(const AVFrame* frame) {
    check(avcodec_send_frame(encoder_.get(), frame), Kind::internal, "encoding");
    const PacketPtr packet = make_packet();
    while (avcodec_receive_packet(encoder_.get(), packet.get()) >= 0) {
      av_packet_rescale_ts(packet.get(), clip_.tick, stream_->time_base);
      check(av_interleaved_write_frame(file_.context.get(), packet.get()), Kind::internal,
            "writing a packet");
    }
  }

  const TestClip& clip_;
  OpenFile file_;
  CodecPtr encoder_;
  AVStream* stream_;
  ColorConverter converter_;
};

// Whether the block is white; in the last row, the mark.
bool is_white(int number, int row, int column) {
  const int bits = row == kBlocks - 1 ? kMark : number >> (kBlocks * row);
  return (bits >> column & 1) != 0;
}

}  // namespace

std::vector<std::uint8_t> numbered_picture(int width, int height, int number) {
  std::vector<std::uint8_t> rgb;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool white = is_white(number, y * kBlocks / height, x * kBlocks / width);
      rgb.insert(rgb.end(), 3, white ? 255 : 0);
    }
  }
  return rgb;
}

int number_in(const Image& image) {
  int number = 0;
  for (int row = 0; row < kBlocks; ++row) {
    for (int column = 0; column < kBlocks; ++column) {
      const int x = (2 * column + 1) * image.width / (2 * kBlocks);
      const int y = (2 * row + 1) * image.height / (2 * kBlocks);
      const auto at = static_cast<std::size_t>(y * image.width + x) * 3;
      const bool white = image.rgb[at + 1] >= 128;
      if (row == kBlocks - 1 && white != is_white(0, row, column)) return -1;
      if (row < kBlocks - 1 && white) number |= 1 << (kBlocks * row + column);
    }
  }
  return number % kNumbers;
}

TestClip& TestClip::frames(int count) {
  return steps(count, 1);
}

TestClip& TestClip::steps(int count, int step) {
  for (int i = 0; i < count; ++i) stamps.push_back(std::int64_t{step} * i);
  return *this;
}

void write_clip(const std::filesystem::path& file, const TestClip& clip) {
  silence_libav();
  ClipWriter writer(file, clip);
  for (std::size_t i = 0; i < clip.stamps.size(); ++i) writer.write(static_cast<int>(i));
  writer.finish();
}

}  // namespace latentreel::ffmpeg
