#include "ffmpeg/caption_stream.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "ffmpeg/codec_table.h"
#include "ffmpeg/video_packet.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr std::int64_t kLongestSample = INT_MAX;  // of MP4, in ticks
constexpr std::size_t kLengthBytes = 2;           // in front of a sample's text

std::int64_t ticks_at(Ratio seconds, std::int64_t ticks) {
  return av_rescale(seconds.num, ticks, seconds.den);
}

// Bytes of big-endian numbers.
class BigEndian {
 public:
  BigEndian& add(std::uint32_t value, int bytes) {
    while (bytes-- > 0) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * bytes)));
    return *this;
  }
  BigEndian& add(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// How MP4's texts look where a player does not know better (TextSampleEntry of TS 26.245): white,
// centred, at the bottom of the picture.
std::vector<std::uint8_t> text_style(const VideoFormat& format) {
  constexpr std::string_view kFont = "Sans-Serif";
  const auto font_size = static_cast<std::uint32_t>(std::clamp(format.height / 18, 8, 255));
  BigEndian style;
  style.add(0, 4).add(1, 1).add(0xFF, 1).add(0, 4);  // no flags; centre; bottom; no background
  style.add(0, 4);                                   // the text's box: top and left ...
  style.add(static_cast<std::uint32_t>(format.height), 2);
  style.add(static_cast<std::uint32_t>(format.width), 2);
  style.add(0, 4).add(1, 2).add(0, 1).add(font_size, 1).add(0xFFFFFFFF, 4);  // font 1, plain, white
  style.add(13 + static_cast<std::uint32_t>(kFont.size()), 4).add("ftab").add(1, 2);
  style.add(1, 2).add(static_cast<std::uint32_t>(kFont.size()), 1).add(kFont);
  return style.bytes();
}

void set_extradata(AVCodecParameters& parameters, const std::vector<std::uint8_t>& bytes) {
  parameters.extradata = static_cast<std::uint8_t*>(
      check_alloc(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE)));
  parameters.extradata_size = static_cast<int>(bytes.size());
  std::memcpy(parameters.extradata, bytes.data(), bytes.size());
}

}  // namespace

CaptionStream::CaptionStream(const FilmTracks& tracks, VideoCodec film, std::int64_t ticks)
    : matroska_(is_matroska(film)), ticks_(ticks), language_(tracks.language) {
  std::int64_t before = 0;
  for (const Caption& caption : tracks.captions) {
    const auto start = ticks_at(caption.start, ticks_);
    const auto end = ticks_at(caption.end, ticks_);
    if (!matroska_) add(before, start, {});  // see Note [Captions in MP4]
    add(start, end, caption.text);
    before = end;
  }
}

void CaptionStream::add(std::int64_t start, std::int64_t end, const std::string& text) {
  while (start < end) {
    const auto cut = std::min(end, start + kLongestSample);
    samples_.push_back({start, cut, text});
    start = cut;
  }
}

AVStream* CaptionStream::add_to(AVFormatContext& context, const VideoFormat& format,
                                const std::string& doing) const {
  AVStream* stream = check_alloc(avformat_new_stream(&context, nullptr));
  stream->time_base = {1, static_cast<int>(ticks_)};
  AVCodecParameters& parameters = *stream->codecpar;
  parameters.codec_type = AVMEDIA_TYPE_SUBTITLE;
  parameters.codec_id = matroska_ ? AV_CODEC_ID_SUBRIP : AV_CODEC_ID_MOV_TEXT;
  if (!matroska_) {
    parameters.codec_tag = MKTAG('t', 'x', '3', 'g');  // in MOV too, whose own text is no Unicode
    parameters.width = format.width;
    parameters.height = format.height;
    set_extradata(parameters, text_style(format));
  }
  if (!language_.empty()) {
    check(av_dict_set(&stream->metadata, "language", language_.c_str(), 0), Kind::internal, doing);
  }
  return stream;
}

PacketPtr CaptionStream::next(std::int64_t until) {
  if (sent_ == samples_.size() || samples_[sent_].start > until) return nullptr;
  const Sample& sample = samples_[sent_++];
  BigEndian bytes;
  if (!matroska_) bytes.add(static_cast<std::uint32_t>(sample.text.size()), kLengthBytes);
  bytes.add(sample.text);
  PacketPtr packet = make_packet();
  check(av_new_packet(packet.get(), static_cast<int>(bytes.bytes().size())), Kind::internal,
        "writing subtitles");
  std::memcpy(packet->data, bytes.bytes().data(), bytes.bytes().size());
  packet->pts = packet->dts = sample.start;
  packet->duration = sample.end - sample.start;
  packet->flags |= AV_PKT_FLAG_KEY;
  return packet;
}

std::string caption_text(const AVPacket& packet, AVCodecID codec) {
  const auto size = static_cast<std::size_t>(packet.size);
  std::string bytes(packet.data, packet.data + size);
  if (codec != AV_CODEC_ID_MOV_TEXT) return bytes;
  if (size < kLengthBytes) return {};
  const std::size_t length = packet.data[0] * 256U + packet.data[1];
  return bytes.substr(kLengthBytes, length);  // boxes of styles may follow
}

}  // namespace latentreel::ffmpeg
