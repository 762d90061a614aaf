// Every kind of song that is read, in every kind of file that it comes in: a film's sound from any
// second on is what the whole song has there.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ffmpeg/film_check.h"
#include "ffmpeg/film_proof.h"
#include "ffmpeg/opus_packet.h"
#include "ffmpeg/song.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using Samples = std::vector<float>;

// Whether decoding from a packet in the middle gives the samples that decoding from the beginning
// does: Opus remembers for long, AC-3 makes up noise.
enum class Decoder { exact, lossless, near };

struct SongKind {
  const char* encoder;
  const char* extension;
  Decoder decoder = Decoder::exact;
  std::ptrdiff_t lead = 0;  // samples of the encoder's delay that the container does not hide
  bool late = false;        // the first packet is one second late

  friend void PrintTo(const SongKind& kind, std::ostream* out) {
    *out << kind.encoder << " in ." << kind.extension << (kind.late ? ", late" : "");
  }
};

std::string name_of(const testing::TestParamInfo<SongKind>& info) {
  const SongKind& kind = info.param;
  std::string name = fmt::format("{}_{}{}", kind.encoder, kind.extension, kind.late ? "_late" : "");
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class SongKinds : public testing::TestWithParam<SongKind> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    for (const int rate : {44100, 48000, 22050}) {
      ffmpeg_tool(*folder_, fmt::format("-f lavfi -i 'aevalsrc=0.3*sin(2*PI*(200+300*t)*t)+0.1*("
                                        "random(0)-0.5):d=2.56:s=44100' -ar {0} {0}.wav",
                                        rate));
    }
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  void SetUp() override {
    song_ = std::string("song.") + GetParam().extension;
    ffmpeg_tool(*folder_,
                fmt::format("{} -i 44100.wav -strict -2 {} {}",
                            GetParam().late ? "-itsoffset 1" : "", GetParam().encoder, song_));
    whole_ = read_song_mono(*folder_ / song_);
  }

  // Samples of a second that the part begins at, rounded as the room does.
  std::size_t place_of(Ratio from) const {
    const std::int64_t twice = 2 * from.num * whole_.sample_rate + from.den;
    return static_cast<std::size_t>(twice / (2 * from.den));
  }

  FilmSummary film_from(Ratio from, VideoCodec codec) {
    film_ = "film" + std::string(file_extension(codec));
    return make_film(*folder_ / film_,
                     {.width = 64, .height = 64, .codec = codec, .song = part_from(from)}, 30);
  }
  static SongPart part_from(Ratio from) { return {.file = *folder_ / song_, .from = from}; }

  static TemporaryFolder* folder_;
  static inline std::string song_, film_;
  MonoSamples whole_;
};

TemporaryFolder* SongKinds::folder_ = nullptr;

// The greatest difference between `a` from `at` on and `b`.
float difference_at(const Samples& a, std::ptrdiff_t at, const Samples& b) {
  float most = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const auto j = at + static_cast<std::ptrdiff_t>(i);
    if (j < 0) continue;
    if (j >= static_cast<std::ptrdiff_t>(a.size())) break;
    most = std::max(most, std::abs(a[static_cast<std::size_t>(j)] - b[i]));
  }
  return most;
}

// Where in `a`, around `at`, `b` is most like it, by its last 10,000 samples.
std::ptrdiff_t place_in(const Samples& a, std::ptrdiff_t at, const Samples& b,
                        std::ptrdiff_t reach) {
  double least = 1e9;
  std::ptrdiff_t place = at;
  for (std::ptrdiff_t lag = at - reach; lag <= at + reach; ++lag) {
    double sum = 0;
    for (std::size_t i = b.size() - 10000; i < b.size(); ++i) {
      const auto j = lag + static_cast<std::ptrdiff_t>(i);
      if (j < 0 || j >= static_cast<std::ptrdiff_t>(a.size())) continue;
      const double d = a[static_cast<std::size_t>(j)] - b[i];
      sum += d * d;
    }
    if (sum < least) {
      least = sum;
      place = lag;
    }
  }
  return place;
}

TEST_P(SongKinds, BeginsWhereTheFileSays) {
  const SongKind& kind = GetParam();
  const auto source = read_song_mono(*folder_ / fmt::format("{}.wav", whole_.sample_rate)).samples;
  const std::ptrdiff_t begin = kind.lead + (kind.late ? whole_.sample_rate : 0);
  // A time stamp in milliseconds, and where the file is late, the encoder's delay: it is hidden
  // only in front of time 0.
  const std::ptrdiff_t rounding = kind.late ? 400 : 0;
  EXPECT_NEAR(static_cast<double>(place_in(whole_.samples, begin, source, 1500)),
              static_cast<double>(begin), static_cast<double>(rounding));
  if (kind.decoder == Decoder::lossless) {
    EXPECT_EQ(whole_.samples.size(), source.size() + static_cast<std::size_t>(begin));
    EXPECT_EQ(difference_at(whole_.samples, begin, source), 0);
  }
}

TEST_P(SongKinds, APartSoundsAsItDoesInTheSong) {
  const SongKind& kind = GetParam();
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::ffv1}) {
    for (const Ratio from : {Ratio{0, 1}, Ratio{1, 200}, Ratio{203, 200}}) {
      SCOPED_TRACE(fmt::format("{} from {}", file_extension(codec), from.value()));
      const FilmSummary summary = film_from(from, codec);
      EXPECT_EQ(summary.song->copied, prove_song(part_from(from), codec).copied);
      const Samples part = read_song_mono(*folder_ / film_).samples;
      const auto begin = static_cast<std::ptrdiff_t>(place_of(from));
      const bool copied_lossy = summary.song->copied && kind.decoder != Decoder::lossless;
      // libav leaves it to the player not to play what lies before time 0 in Matroska. Silence is
      // as long as the film's clock says, which has milliseconds in Matroska.
      std::ptrdiff_t reach = 0;
      const bool matroska = codec == VideoCodec::ffv1;
      if (matroska && copied_lossy && from.num == 0) reach = 1200;
      if (kind.late && from.value() < 1 && reach == 0) reach = matroska ? 50 : 4;
      const auto place =
          reach == 0 && kind.decoder == Decoder::exact
              ? begin
              : place_in(whole_.samples, begin, part, std::max<std::ptrdiff_t>(reach, 50));
      EXPECT_LE(std::abs(place - begin), reach);
      if (!copied_lossy || kind.decoder == Decoder::exact) {
        EXPECT_LT(difference_at(whole_.samples, place, part), 1e-4);
      }
      const auto seconds = static_cast<std::ptrdiff_t>(1.25 * whole_.sample_rate);
      EXPECT_GE(static_cast<std::ptrdiff_t>(part.size()), seconds - 4);
    }
  }
}

// RFC 6716, section 3.1.
TEST(OpusPacket, SaysHowLongItIs) {
  const std::pair<std::vector<std::uint8_t>, std::optional<int>> rows[] = {
      {{0x00}, 480},   {{0x10}, 1920},    {{0x18}, 2880},       {{0x60}, 480},
      {{0x68}, 960},   {{0x80}, 120},     {{0xF8}, 960},        {{0xF9}, 1920},
      {{0xFA}, 1920},  {{0xFB, 3}, 2880}, {{0xFB, 0x83}, 2880}, {{0xFB, 6}, 5760},
      {{0xFB, 7}, {}}, {{0xFB, 0}, {}},   {{0xFB}, {}},         {{}, {}}};
  for (const auto& [bytes, samples] : rows) {
    EXPECT_EQ(opus_samples(bytes.data(), bytes.size()), samples) << testing::PrintToString(bytes);
  }
}

constexpr const char* kVorbis = "-c:a libvorbis";
constexpr const char* kOtherVorbis = "-c:a vorbis -ac 2";
constexpr const char* kOpus = "-c:a libopus";
constexpr const char* kAac = "-c:a aac -aac_pns 0";
constexpr const char* kMp3 = "-c:a libmp3lame";
constexpr const char* kSmallMp3 = "-c:a libmp3lame -ar 22050 -q:a 9";
constexpr const char* kFlac = "-c:a flac";
constexpr const char* kAlac = "-c:a alac";
constexpr const char* kPcm = "-c:a pcm_s16le";
constexpr const char* kBigPcm = "-c:a pcm_s16be";
constexpr const char* kAc3 = "-c:a ac3";
constexpr const char* kEac3 = "-c:a eac3";
constexpr const char* kMp2 = "-c:a mp2";

INSTANTIATE_TEST_SUITE_P(
    Lossy, SongKinds,
    testing::Values(
        SongKind{kVorbis, "ogg"}, SongKind{kVorbis, "mka"}, SongKind{kVorbis, "webm"},
        SongKind{kVorbis, "mp4"}, SongKind{kOtherVorbis, "ogg"}, SongKind{kOtherVorbis, "mka"},
        SongKind{kOpus, "opus", Decoder::near}, SongKind{kOpus, "mka", Decoder::near},
        SongKind{kOpus, "webm", Decoder::near}, SongKind{kOpus, "mp4", Decoder::near},
        SongKind{kAac, "aac", Decoder::exact, 1024}, SongKind{kAac, "m4a"}, SongKind{kAac, "mov"},
        SongKind{kAac, "mka", Decoder::exact, 1024}, SongKind{kMp3, "mp3"},
        SongKind{kMp3, "mka", Decoder::exact, 1105}, SongKind{kMp3, "mp4"}, SongKind{kMp3, "mov"},
        SongKind{kMp3, "wav", Decoder::exact, 1105}, SongKind{kSmallMp3, "mp3"},
        SongKind{kSmallMp3, "mka", Decoder::exact, 1105}, SongKind{kSmallMp3, "mp4"},
        SongKind{kAc3, "ac3", Decoder::near, 256}, SongKind{kAc3, "mka", Decoder::near, 256},
        SongKind{kAc3, "mp4", Decoder::near}, SongKind{kEac3, "eac3", Decoder::near, 256},
        SongKind{kEac3, "mka", Decoder::near, 256}, SongKind{kEac3, "mp4", Decoder::near},
        SongKind{kMp2, "mp2", Decoder::exact, 481}, SongKind{kMp2, "mka", Decoder::exact, 481},
        SongKind{kMp2, "mp4"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Lossless, SongKinds,
    testing::Values(
        SongKind{kFlac, "flac", Decoder::lossless}, SongKind{kFlac, "oga", Decoder::lossless},
        SongKind{kFlac, "mka", Decoder::lossless}, SongKind{kFlac, "mp4", Decoder::lossless},
        SongKind{kFlac, "caf", Decoder::lossless}, SongKind{kAlac, "m4a", Decoder::lossless},
        SongKind{kAlac, "mka", Decoder::lossless}, SongKind{kAlac, "mov", Decoder::lossless},
        SongKind{kAlac, "caf", Decoder::lossless}, SongKind{kPcm, "wav", Decoder::lossless},
        SongKind{kPcm, "w64", Decoder::lossless}, SongKind{kPcm, "mka", Decoder::lossless},
        SongKind{kPcm, "mov", Decoder::lossless}, SongKind{kBigPcm, "aiff", Decoder::lossless},
        SongKind{kBigPcm, "au", Decoder::lossless}, SongKind{kBigPcm, "caf", Decoder::lossless},
        SongKind{"-c:a pcm_f32le", "wav", Decoder::lossless},
        SongKind{"-c:a wavpack", "wv", Decoder::lossless},
        SongKind{"-c:a wavpack", "mka", Decoder::lossless},
        SongKind{"-c:a tta", "tta", Decoder::lossless},
        SongKind{"-c:a tta", "mka", Decoder::lossless}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Late, SongKinds,
                         testing::Values(SongKind{kVorbis, "mka", Decoder::exact, 0, true},
                                         SongKind{kVorbis, "mp4", Decoder::exact, 0, true},
                                         SongKind{kOpus, "mka", Decoder::near, 0, true},
                                         SongKind{kOpus, "mp4", Decoder::near, 0, true},
                                         SongKind{kAac, "m4a", Decoder::exact, 0, true},
                                         SongKind{kAac, "mka", Decoder::exact, 0, true},
                                         SongKind{kMp3, "mp4", Decoder::exact, 0, true},
                                         SongKind{kMp3, "mka", Decoder::exact, 0, true},
                                         SongKind{kAc3, "mp4", Decoder::near, 0, true},
                                         SongKind{kFlac, "mka", Decoder::lossless, 0, true},
                                         SongKind{kAlac, "m4a", Decoder::lossless, 0, true},
                                         SongKind{kAlac, "mka", Decoder::lossless, 0, true},
                                         SongKind{kPcm, "mov", Decoder::lossless, 0, true},
                                         SongKind{kPcm, "mka", Decoder::lossless, 0, true}),
                         name_of);

}  // namespace
}  // namespace latentreel::ffmpeg
