#include "ffmpeg/subtitles.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "ffmpeg/input_file.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr const char* kSubtitleFormats = "srt,ass,webvtt";
constexpr const char* kSubtitleCodecs = "subrip,srt,ass,ssa,webvtt";
constexpr std::int64_t kMaxSubtitleBytes = 4 * 1024 * 1024;
constexpr int kFieldsBeforeText = 8;  // of a dialogue line as libav's decoders write it

// What a decoder makes of a packet.
struct DecodedSubtitle {
  AVSubtitle value{};

  DecodedSubtitle() = default;
  ~DecodedSubtitle() { avsubtitle_free(&value); }
  DecodedSubtitle(const DecodedSubtitle&) = delete;
  DecodedSubtitle& operator=(const DecodedSubtitle&) = delete;
};

// Collects letters with one blank where there are blanks, line ends or other controls.
class PlainText {
 public:
  void add(char c) {
    if (static_cast<unsigned char>(c) > ' ' && c != '\x7F') {
      if (blank_ && !text_.empty()) text_ += ' ';
      text_ += c;
      blank_ = false;
    } else {
      blank_ = true;
    }
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  bool blank_ = false;
};

// Whether a drawing begins with these tags: {\p1} and above; {\p0} ends it.
bool draws(std::string_view tags, bool before) {
  for (auto at = tags.find("\\p"); at != tags.npos; at = tags.find("\\p", at + 2)) {
    const char digit = at + 2 < tags.size() ? tags[at + 2] : ' ';
    if (digit >= '0' && digit <= '9') before = digit != '0';
  }
  return before;
}

// The text of a dialogue line: without {tags}, and \N, \n and \h as blanks.
std::string plain_text(std::string_view dialogue) {
  for (int i = 0; i < kFieldsBeforeText; ++i) {
    const auto comma = dialogue.find(',');
    if (comma == dialogue.npos) return {};
    dialogue.remove_prefix(comma + 1);
  }
  PlainText plain;
  bool drawing = false;
  for (std::size_t i = 0; i < dialogue.size(); ++i) {
    const auto close = dialogue[i] == '{' ? dialogue.find('}', i) : dialogue.npos;
    const bool escape = dialogue[i] == '\\' && i + 1 < dialogue.size() &&
                        std::string_view("Nnh").find(dialogue[i + 1]) != std::string_view::npos;
    if (close != dialogue.npos) {
      drawing = draws(dialogue.substr(i, close - i), drawing);
      i = close;
    } else if (escape) {
      plain.add(' ');
      ++i;
    } else if (!drawing) {
      plain.add(dialogue[i]);
    }
  }
  return std::move(plain).text();
}

CodecPtr open_decoder(const AVStream& stream, const AVCodec* decoder, const std::string& doing) {
  CodecPtr codec(check_alloc(avcodec_alloc_context3(decoder)));
  check(avcodec_parameters_to_context(codec.get(), stream.codecpar), Kind::internal, doing);
  codec->pkt_timebase = stream.time_base;
  codec->thread_count = 1;
  check(avcodec_open2(codec.get(), decoder, nullptr), Kind::invalid, doing);
  return codec;
}

std::string text_of(AVCodecContext* decoder, AVPacket* packet, const std::string& doing) {
  DecodedSubtitle subtitle;
  int complete = 0;
  const int got = avcodec_decode_subtitle2(decoder, &subtitle.value, &complete, packet);
  if (got < 0) {
    throw MediaError(Kind::invalid,
                     fmt::format("{}: {}; save the file as UTF-8", doing, av_text(got)));
  }
  std::string text;
  for (unsigned i = 0; complete != 0 && i < subtitle.value.num_rects; ++i) {
    const char* dialogue = subtitle.value.rects[i]->ass;
    const std::string more = dialogue == nullptr ? "" : plain_text(dialogue);
    if (!more.empty()) text += (text.empty() ? "" : " ") + more;
  }
  return text;
}

Ratio seconds(std::int64_t stamp, AVRational unit) {
  return {stamp * unit.num, unit.den};
}

}  // namespace

std::vector<Subtitle> read_subtitles(const std::filesystem::path& file) {
  const std::string doing = "reading the subtitles " + quoted(file.string());
  if (PlainFile(file, doing).size() > kMaxSubtitleBytes) {
    throw MediaError(Kind::invalid, doing + ": they are larger than 4 MB");
  }
  InputFile input(file, doing, kSubtitleFormats, kSubtitleCodecs);
  const AVCodec* found = nullptr;
  const int index = av_find_best_stream(input.context(), AVMEDIA_TYPE_SUBTITLE, -1, -1, &found, 0);
  if (index < 0) throw MediaError(Kind::invalid, doing + ": there are none in it");
  input.keep_only({index});
  const AVStream& stream = *input.context()->streams[index];
  const CodecPtr decoder = open_decoder(stream, found, doing);

  std::vector<Subtitle> subtitles;
  const PacketPtr packet = make_packet();
  while (input.read(packet.get())) {
    const PacketScope scope(packet.get());
    auto text = text_of(decoder.get(), packet.get(), doing);
    if (text.empty() || packet->pts == AV_NOPTS_VALUE) continue;
    Subtitle subtitle{.start = seconds(packet->pts, stream.time_base), .end = {}, .text = text};
    if (packet->duration > 0) {
      subtitle.end = seconds(packet->pts + packet->duration, stream.time_base);
    }
    subtitles.push_back(std::move(subtitle));
    if (subtitles.size() > kMaxSubtitles) {
      throw MediaError(Kind::invalid, fmt::format("{}: more than {} lines", doing, kMaxSubtitles));
    }
  }
  std::stable_sort(subtitles.begin(), subtitles.end(), [](const Subtitle& a, const Subtitle& b) {
    return a.start.value() < b.start.value();
  });
  return subtitles;
}

}  // namespace latentreel::ffmpeg
