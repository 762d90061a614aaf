#include "ffmpeg/song.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ffmpeg/song_decoder.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

// A tag of the file or, as in Ogg, of the stream.
std::string tag(const SongDecoder& song, const char* name) {
  for (AVDictionary* tags : {song.container()->metadata, song.stream()->metadata}) {
    if (const auto* entry = av_dict_get(tags, name, nullptr, 0)) return entry->value;
  }
  return {};
}

// libavformat's MP4 takes FLAC only as an experiment, and no PCM; its MOV takes no Opus or FLAC.
constexpr std::array<std::string_view, 7> kMp4 = {"aac", "alac", "mp3",   "opus",
                                                  "ac3", "eac3", "vorbis"};
constexpr std::array<std::string_view, 13> kMov = {
    "aac",       "alac",      "mp3",       "ac3",       "pcm_s16le", "pcm_s16be", "pcm_s24le",
    "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le"};
constexpr std::array<std::string_view, 16> kMkv = {
    "aac", "alac",    "mp3",    "opus",      "vorbis",    "flac",      "ac3",       "eac3",
    "tta", "wavpack", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"};

}  // namespace

SongInfo probe_song(const std::filesystem::path& file) {
  SongDecoder song(file);
  const FramePtr frame = make_frame();
  while (song.next(frame.get())) {
  }
  SongInfo info;
  info.codec = avcodec_get_name(song.stream()->codecpar->codec_id);
  info.sample_rate = song.measure().rate;
  info.channels = song.measure().channels;
  info.samples = song.measure().samples;
  info.title = tag(song, "title");
  info.artist = tag(song, "artist");
  info.warnings = song.warnings();
  return info;
}

bool can_copy_song(const std::string& song_codec, VideoCodec film_codec) {
  const auto holds = [&](const auto& list) {
    return std::find(list.begin(), list.end(), song_codec) != list.end();
  };
  const std::string_view container = file_extension(film_codec);
  if (container == ".mp4") return holds(kMp4);
  return container == ".mov" ? holds(kMov) : holds(kMkv);
}

MonoSamples read_song_mono(const std::filesystem::path& file) {
  SongDecoder song(file);
  const FramePtr frame = make_frame();
  ResamplerPtr converter;
  MonoSamples mono;
  AVChannelLayout one = AV_CHANNEL_LAYOUT_MONO;
  while (song.next(frame.get())) {
    if (!converter) {
      AVChannelLayout from = {};
      if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&from, frame->ch_layout.nb_channels);
      } else {
        check(av_channel_layout_copy(&from, &frame->ch_layout), Kind::internal, song.doing());
      }
      SwrContext* made = nullptr;
      check(swr_alloc_set_opts2(&made, &one, AV_SAMPLE_FMT_FLT, frame->sample_rate, &from,
                                static_cast<AVSampleFormat>(frame->format), frame->sample_rate, 0,
                                nullptr),
            Kind::internal, song.doing());
      converter.reset(made);
      check(swr_init(converter.get()), Kind::invalid, song.doing());
      mono.sample_rate = frame->sample_rate;
    }
    const std::size_t before = mono.samples.size();
    mono.samples.resize(before + static_cast<std::size_t>(frame->nb_samples));
    auto* to = reinterpret_cast<std::uint8_t*>(mono.samples.data() + before);
    check(swr_convert(converter.get(), &to, frame->nb_samples,
                      const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples),
          Kind::internal, song.doing());
  }
  return mono;
}

}  // namespace latentreel::ffmpeg
