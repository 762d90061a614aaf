#include "ffmpeg/film_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "ffmpeg/caption_stream.h"
#include "ffmpeg/color.h"
#include "ffmpeg/input_file.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr const char* kFilmFormats = "mov,matroska";
constexpr const char* kFilmCodecs =
    "h264,hevc,libdav1d,av1,prores,ffv1,aac,mp3float,mp3,flac,alac,opus,vorbis,ac3,eac3,wavpack,"
    "tta,mov_text,subrip,srt,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_"
    "f64le";

constexpr int kMaxErrors = 1000;  // a decoder that only fails must not be asked for ever

struct Film {
  std::string doing;
  InputFile input;
  AVStream* video = nullptr;
  AVStream* audio = nullptr;     // null: none
  AVStream* captions = nullptr;  // null: none

  explicit Film(const std::filesystem::path& file)
      : doing("reading the film " + quoted(file.string())),
        input(file, doing, kFilmFormats, kFilmCodecs) {
    const int v = av_find_best_stream(input.context(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    const int a = av_find_best_stream(input.context(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    const int c = av_find_best_stream(input.context(), AVMEDIA_TYPE_SUBTITLE, -1, -1, nullptr, 0);
    if (v < 0) throw MediaError(Kind::invalid, doing + ": there is no picture in it");
    video = input.context()->streams[v];
    if (a >= 0) audio = input.context()->streams[a];
    if (c >= 0) captions = input.context()->streams[c];
    input.keep_only({v, a, c});
  }

  std::string tag(const char* name) const {
    const auto* entry = av_dict_get(input.context()->metadata, name, nullptr, 0);
    return entry == nullptr ? std::string() : entry->value;
  }
};

// Decodes packets as they come and hands on every whole frame.
class FrameDecoder {
 public:
  FrameDecoder(const Film& film, int threads) : doing_(film.doing) {
    const AVCodec* codec = avcodec_find_decoder(film.video->codecpar->codec_id);
    if (codec == nullptr) throw MediaError(Kind::invalid, doing_ + ": its codec cannot be read");
    decoder_.reset(check_alloc(avcodec_alloc_context3(codec)));
    check(avcodec_parameters_to_context(decoder_.get(), film.video->codecpar), Kind::internal,
          doing_);
    decoder_->pkt_timebase = film.video->time_base;
    decoder_->thread_count = threads;
    decoder_->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    check(avcodec_open2(decoder_.get(), codec, nullptr), Kind::invalid, doing_);
  }

  // `packet` null: the end. Damaged packets give no frame.
  template <class Use>
  void decode(const AVPacket* packet, Use use) {
    const int sent = avcodec_send_packet(decoder_.get(), packet);
    if (sent < 0 && sent != AVERROR_INVALIDDATA) check(sent, Kind::invalid, doing_);
    for (;;) {
      const int got = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return;
      if (got < 0) {
        if (++errors_ > kMaxErrors) check(got, Kind::invalid, doing_);
        continue;
      }
      if (frame_->decode_error_flags == 0 && !(frame_->flags & AV_FRAME_FLAG_CORRUPT)) use(*frame_);
    }
  }

 private:
  std::string doing_;
  CodecPtr decoder_;
  FramePtr frame_ = make_frame();
  int errors_ = 0;
};

Ratio to_ratio(std::int64_t time, AVRational base) {
  int num = 0, den = 1;
  if (av_reduce(&num, &den, time * base.num, base.den, INT32_MAX)) return {num, den};
  return {time * base.num, base.den};
}

std::string name_or_empty(const char* name) {
  return name == nullptr ? "" : name;
}

void describe_tracks(const Film& film, FilmTracks& tracks) {
  const AVFormatContext& context = *film.input.context();
  for (unsigned i = 0; i < context.nb_chapters; ++i) {
    const AVChapter& chapter = *context.chapters[i];
    const auto* title = av_dict_get(chapter.metadata, "title", nullptr, 0);
    tracks.chapters.push_back({to_ratio(chapter.start, chapter.time_base),
                               to_ratio(chapter.end, chapter.time_base),
                               name_or_empty(title == nullptr ? nullptr : title->value)});
  }
  if (film.captions == nullptr) return;
  const auto* language = av_dict_get(film.captions->metadata, "language", nullptr, 0);
  if (language != nullptr && std::string_view(language->value) != "und") {
    tracks.language = language->value;
  }
}

void add_caption(const AVStream& stream, const AVPacket& packet, FilmTracks& tracks) {
  auto text = caption_text(packet, stream.codecpar->codec_id);
  if (text.empty() || packet.pts == AV_NOPTS_VALUE) return;
  tracks.captions.push_back({to_ratio(packet.pts, stream.time_base),
                             to_ratio(packet.pts + packet.duration, stream.time_base),
                             std::move(text)});
}

void describe(const Film& film, FilmInfo& info) {
  const AVCodecParameters& video = *film.video->codecpar;
  const AVFormatContext& context = *film.input.context();
  const std::string_view format = context.iformat->name;
  const auto* brand = av_dict_get(context.metadata, "major_brand", nullptr, 0);
  const bool quicktime = brand != nullptr && std::string_view(brand->value).starts_with("qt");
  info.container = format.starts_with("matroska") ? "mkv" : quicktime ? "mov" : "mp4";
  info.codec = avcodec_get_name(video.codec_id);
  info.pixel_format = name_or_empty(av_get_pix_fmt_name(static_cast<AVPixelFormat>(video.format)));
  info.color_range = name_or_empty(av_color_range_name(video.color_range));
  info.color_space = name_or_empty(av_color_space_name(video.color_space));
  info.color_primaries = name_or_empty(av_color_primaries_name(video.color_primaries));
  info.color_transfer = name_or_empty(av_color_transfer_name(video.color_trc));
  info.width = video.width;
  info.height = video.height;
  info.fps = {film.video->avg_frame_rate.num, film.video->avg_frame_rate.den};
  info.title = film.tag("title");
  info.artist = film.tag("artist");
  describe_tracks(film, info.tracks);
  if (film.audio != nullptr) {
    FilmAudio audio;
    audio.codec = avcodec_get_name(film.audio->codecpar->codec_id);
    audio.sample_rate = film.audio->codecpar->sample_rate;
    audio.channels = film.audio->codecpar->ch_layout.nb_channels;
    audio.digest = kEmptyDigest;
    info.audio = audio;
  }
}

// Follows the time stamps of one stream.
struct Span {
  std::int64_t first = INT64_MAX;
  std::int64_t end = INT64_MIN;

  void add(const AVPacket& packet) {
    if (packet.pts == AV_NOPTS_VALUE) return;
    first = std::min(first, packet.pts);
    end = std::max(end, packet.pts + packet.duration);
  }
  bool empty() const { return first > end; }
};

// Matroska knows no duration for some codecs' packets, but notes when a stream ends:
// "00:00:04.167".
std::int64_t noted_end(const AVStream& stream) {
  const auto* entry = av_dict_get(stream.metadata, "DURATION", nullptr, 0);
  int hours = 0, minutes = 0;
  double seconds = 0;
  if (entry == nullptr || std::sscanf(entry->value, "%d:%d:%lf", &hours, &minutes, &seconds) != 3) {
    return INT64_MIN;
  }
  return std::llround((hours * 3600 + minutes * 60 + seconds) / av_q2d(stream.time_base));
}

// When a stream ends whose last packet came without a duration, as from an MP4 file in which it
// begins late.
std::int64_t end_of(const AVStream& stream, std::int64_t first) {
  const std::int64_t noted = noted_end(stream);
  if (noted != INT64_MIN || stream.duration == AV_NOPTS_VALUE) return noted;
  return first + stream.duration;
}

// Whether the stamps are those of frames 0, 1, 2, ... at that rate, but for the base's rounding.
bool covers_each_frame(std::vector<std::int64_t> stamps, AVRational base, Ratio fps) {
  if (fps.num < 1 || fps.den < 1) return false;
  std::sort(stamps.begin(), stamps.end());
  const AVRational frame_time = {static_cast<int>(fps.den), static_cast<int>(fps.num)};
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    const auto expected = av_rescale_q(static_cast<std::int64_t>(i), frame_time, base);
    const std::int64_t rounding = av_cmp_q(base, {1, 1000}) == 0 ? 1 : 0;
    if (std::abs(stamps[i] - expected) > rounding) return false;
  }
  return true;
}

}  // namespace

std::uint64_t extend_digest(std::uint64_t digest, const std::uint8_t* data, std::size_t size) {
  // FNV-1a: against faults, not against people.
  for (std::size_t i = 0; i < size; ++i) digest = (digest ^ data[i]) * 1099511628211ull;
  return digest;
}

FilmInfo inspect(const std::filesystem::path& file, Decode decode, int threads, const Look& look) {
  Film film(file);
  FilmInfo info;
  describe(film, info);
  std::optional<FrameDecoder> decoder;
  if (decode == Decode::yes) {
    decoder.emplace(film, threads);
    info.decoded = 0;
  }
  const auto count = [&](const AVFrame& frame) {
    if (frame.width == info.width && frame.height == info.height) ++info.decoded;
  };
  Span video, audio;
  std::vector<std::int64_t> stamps;
  const PacketPtr packet = make_packet();
  while (film.input.read(packet.get())) {
    const PacketScope scope(packet.get());
    if (look) look();
    if (packet->stream_index == film.video->index) {
      ++info.frames;
      if (packet->flags & AV_PKT_FLAG_KEY) ++info.keyframes;
      video.add(*packet);
      stamps.push_back(packet->pts);
      if (decoder) decoder->decode(packet.get(), count);
    } else if (film.captions != nullptr && packet->stream_index == film.captions->index) {
      add_caption(*film.captions, *packet, info.tracks);
    } else if (info.audio) {
      audio.add(*packet);
      if (packet->duration == 0) audio.end = std::max(audio.end, end_of(*film.audio, audio.first));
      ++info.audio->packets;
      info.audio->digest =
          extend_digest(info.audio->digest, packet->data, static_cast<std::size_t>(packet->size));
    }
  }
  if (decoder) decoder->decode(nullptr, count);
  if (!video.empty()) {
    info.start = to_ratio(video.first, film.video->time_base);
    info.seconds = to_ratio(video.end - video.first, film.video->time_base);
  }
  info.each_frame_once = covers_each_frame(std::move(stamps), film.video->time_base, info.fps);
  if (info.audio && !audio.empty()) {
    const AVRational unit = {1, std::max(1, info.audio->sample_rate)};
    // What lies before 0 warms the decoder up and is not heard.
    info.audio->start =
        av_rescale_q(std::max<std::int64_t>(0, audio.first), film.audio->time_base, unit);
    info.audio->samples = av_rescale_q(audio.end, film.audio->time_base, unit) - info.audio->start;
  }
  return info;
}

void read_frames(const std::filesystem::path& file,
                 const std::function<void(std::int64_t frame, const Image& image)>& use) {
  Film film(file);
  film.input.keep_only({film.video->index});
  FrameDecoder decoder(film, 2);
  std::optional<ColorConverter> converter;
  FramePtr rgb;
  Image image;
  std::int64_t number = 0;
  const auto hand_on = [&](const AVFrame& frame) {
    const PixelMeaning from = meaning_of(frame, AVCOL_SPC_BT709);
    if (!converter || !converter->fits(frame.width, frame.height, from)) {
      PixelMeaning to;
      to.format = AV_PIX_FMT_RGB24;
      to.range = AVCOL_RANGE_JPEG;
      converter.emplace(frame.width, frame.height, from, to);
      rgb = make_frame(frame.width, frame.height, AV_PIX_FMT_RGB24);
      image = {frame.width, frame.height, {}};
      image.rgb.resize(static_cast<std::size_t>(frame.width) *
                       static_cast<std::size_t>(frame.height) * 3);
    }
    converter->convert(frame, *rgb);
    copy_out(*rgb, static_cast<std::size_t>(frame.width) * 3, image.rgb.data());
    use(number++, image);
  };
  const PacketPtr packet = make_packet();
  while (film.input.read(packet.get())) {
    const PacketScope scope(packet.get());
    decoder.decode(packet.get(), hand_on);
  }
  decoder.decode(nullptr, hand_on);
}

std::string read_embedded_scene(const std::filesystem::path& file) {
  return Film(file).tag("comment");
}

}  // namespace latentreel::ffmpeg
