// Every kind of song that is read, in every kind of file that it comes in: a film's sound from any
// second on is what the whole song has there.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ffmpeg/film_check.h"
#include "ffmpeg/film_proof.h"
#include "ffmpeg/song.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

struct Kindx {
  const char* how;
  std::vector<const char*> ends;
};
const std::vector<Kindx> kKinds = {
    {"-c:a libvorbis", {"ogg", "mka", "webm", "mp4"}},
    {"-c:a vorbis -ac 2 -strict -2", {"ogg", "mka"}},
    {"-c:a libopus", {"opus", "ogg", "mka", "webm", "mp4"}},
    {"-c:a flac", {"flac", "oga", "mka", "mp4", "caf"}},
    {"-c:a aac -aac_pns 0", {"aac", "m4a", "mov", "mka", "caf"}},
    {"-c:a libmp3lame", {"mp3", "mka", "mp4", "mov", "wav"}},
    {"-c:a libmp3lame -ar 22050 -q:a 9", {"mp3", "mka", "mp4", "mov"}},
    {"-c:a alac", {"m4a", "mka", "mov", "caf"}},
    {"-c:a pcm_s16le", {"wav", "w64", "caf", "mov", "mka"}},
    {"-c:a pcm_s16be", {"aiff", "caf", "mov"}},
    {"-c:a pcm_f32le", {"wav", "mka"}},
    {"-c:a ac3", {"ac3", "mka", "mp4", "mov"}},
    {"-c:a eac3", {"eac3", "mka", "mp4"}},
    {"-c:a mp2", {"mka", "mp4"}},
    {"-c:a wavpack", {"wv", "mka"}},
    {"-c:a tta", {"tta", "mka"}},
};

double corr(const std::vector<float>& a, const std::vector<float>& b, std::ptrdiff_t lag) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 8000; i < 40000; ++i) {
    const auto j = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(i) + lag);
    ab += a[i] * b[j];
    aa += a[i] * a[i];
    bb += b[j] * b[j];
  }
  return ab / std::sqrt(aa * bb + 1e-12);
}

TEST(SongKinds, Explore) {
  const TemporaryFolder folder;
  ffmpeg_tool(folder, "-f lavfi -i 'aevalsrc=0.3*sin(2*PI*(200+300*t)*t)+0.1*(random(0)-0.5):d=4:s=44100' noise.wav");
  ffmpeg_tool(folder, "-f lavfi -i 'aevalsrc=0.3*sin(2*PI*(200+300*t)*t)+0.1*(random(0)-0.5):d=4:s=44100' -af aresample=48000 noise48.wav");
  ffmpeg_tool(folder, "-f lavfi -i 'aevalsrc=0.3*sin(2*PI*(200+300*t)*t)+0.1*(random(0)-0.5):d=4:s=44100' -af aresample=22050 noise22.wav");
  for (const Kindx& kind : kKinds) {
    for (const char* end : kind.ends) {
      for (const char* late : {"", "-itsoffset 1 "}) {
      const std::string name = std::string("song.") + end;
      const bool l = *late != 0;
      const std::string e = end;
      if (l && e != "mka" && e != "webm" && e != "mp4" && e != "mov" && e != "m4a") continue;
      try {
        ffmpeg_tool(folder, fmt::format("{}-i noise.wav {} {}", late, kind.how, std::string(kind.how).find("flac")!=std::string::npos ? "-strict -2 "+name : name));
        const MonoSamples whole = read_song_mono(folder / name);
        const auto src = read_song_mono(folder / (whole.sample_rate == 48000 ? "noise48.wav" : whole.sample_rate == 22050 ? "noise22.wav" : "noise.wav"));
        int best = 0;
        double most = -2;
        for (int lag = -3000; lag <= 3000; lag += 1) {
          const double c = corr(src.samples, whole.samples, lag + (l ? whole.sample_rate : 0));
          if (c > most) most = c, best = lag;
        }
        fmt::print("{:34} {:5}{} {} whole {} of {} ({:+}), lag {} corr {:.4f}\n", kind.how, end, l ? " late" : "", whole.sample_rate, whole.samples.size(), src.samples.size() + (l ? whole.sample_rate : 0), static_cast<int>(whole.samples.size()) - static_cast<int>(src.samples.size()+ (l ? whole.sample_rate : 0)), best, most);
        for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::ffv1}) {
          std::string row;
          for (const Ratio from : {Ratio{0, 1}, Ratio{1, 200}, Ratio{1, 3}, Ratio{1234, 1000}, Ratio{203, 100}}) {
            try {
              const std::string film = "film" + std::string(file_extension(codec));
              const FilmSummary s = make_film(folder / film, {.width = 64, .height = 64, .codec = codec, .song = SongPart{folder / name, from, {}}}, 125);
              const auto proved = prove_song(SongPart{folder / name, from, {}}, codec);
              const MonoSamples part = read_song_mono(folder / film);
              const auto begin = static_cast<std::size_t>((2 * from.num * whole.sample_rate + from.den) / (2 * from.den));
              float m = 0, m2 = 0;
              const std::size_t n = std::min(part.samples.size(), whole.samples.size() - begin);
              for (std::size_t i = 0; i < n; ++i) {
                const float d = std::abs(part.samples[i] - whole.samples[begin + i]);
                (i < 4000 ? m : m2) = std::max(i < 4000 ? m : m2, d);
              }
              row += fmt::format(" {}{:.1g}/{:.1g}/{:+}{}", s.song->copied ? "c" : "e", m, m2, static_cast<int>(part.samples.size()) - static_cast<int>(std::min(whole.samples.size() - begin, static_cast<std::size_t>(std::llround(125 / 24.0 * whole.sample_rate)))), proved.copied != s.song->copied ? "DIFFERS" : "");
            } catch (const MediaError& error) {
              row += fmt::format(" [{}]", std::string(error.what()).substr(30, 110));
            }
          }
          fmt::print("     {} {}\n", codec_name(codec), row);
        }
      } catch (const MediaError& error) {
        fmt::print("{} {} {} {}\n", kind.how, end, late, error.what());
      }
      }
    }
  }
}

}  // namespace
}  // namespace latentreel::ffmpeg
