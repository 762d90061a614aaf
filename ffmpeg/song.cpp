#include "ffmpeg/song.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "ffmpeg/song_decoder.h"
#include "ffmpeg/song_reader.h"

namespace latentreel::ffmpeg {
namespace {

// A tag of the file or, as in Ogg, of the stream.
std::string tag(const SongDecoder& song, const char* name) {
  for (AVDictionary* tags : {song.container()->metadata, song.stream()->metadata}) {
    if (const auto* entry = av_dict_get(tags, name, nullptr, 0)) return entry->value;
  }
  return {};
}

// libavformat's MP4 takes FLAC only as an experiment, and no PCM; its MOV takes no Opus or FLAC. In
// Matroska it takes TTA to be as long as the film, and then cannot read its end.
constexpr std::array<std::string_view, 7> kMp4 = {"aac", "alac", "mp3",   "opus",
                                                  "ac3", "eac3", "vorbis"};
constexpr std::array<std::string_view, 13> kMov = {
    "aac",       "alac",      "mp3",       "ac3",       "pcm_s16le", "pcm_s16be", "pcm_s24le",
    "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le"};
constexpr std::array<std::string_view, 15> kMkv = {
    "aac",     "alac",   "mp3",       "opus",      "vorbis",    "flac",      "ac3",      "eac3",
    "wavpack", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"};

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
  constexpr std::size_t kBlock = 65536;
  SongReader song(file);
  MonoSamples mono;
  for (std::size_t got = kBlock; got == kBlock;) {
    const std::size_t before = mono.samples.size();
    mono.samples.resize(before + kBlock);
    got = song.read(std::span(mono.samples).subspan(before));
    mono.samples.resize(before + got);
  }
  mono.sample_rate = song.sample_rate();
  return mono;
}

}  // namespace latentreel::ffmpeg
