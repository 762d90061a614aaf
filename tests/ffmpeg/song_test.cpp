#include "ffmpeg/song.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <sstream>
#include <tuple>

#include "ffmpeg/film_check.h"
#include "ffmpeg/film_proof.h"
#include "tests/ffmpeg/media.h"
#include "tests/parameter_name.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

// The same click song in every form that is read.
class Songs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    write_click_song(*folder_ / "s.wav", kSeconds);
    ffmpeg_tool(*folder_, "-i s.wav -c:a aac -metadata title='A Song' -metadata artist=Me s.m4a");
    ffmpeg_tool(*folder_, "-i s.wav -c:a aac s.aac");
    ffmpeg_tool(*folder_, "-i s.wav -c:a libmp3lame -metadata title='A Song' s.mp3");
    ffmpeg_tool(*folder_, "-i s.wav -c:a flac s.flac");
    ffmpeg_tool(*folder_, "-i s.wav -c:a alac alac.m4a");
    ffmpeg_tool(*folder_, "-i s.wav -c:a libopus s.opus");
    ffmpeg_tool(*folder_, "-i s.wav -c:a libvorbis s.ogg");
    ffmpeg_tool(*folder_, "-i s.wav -c:a pcm_s24le s24.wav");
    ffmpeg_tool(*folder_, "-i s.wav -c:a pcm_f32le f32.wav");
    ffmpeg_tool(*folder_, "-i s.wav -sample_fmt s32 -c:a flac s24.flac");
    ffmpeg_tool(*folder_, "-i s.wav -c:a pcm_s16be s.aiff");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static constexpr double kSeconds = 4;
  static TemporaryFolder* folder_;

  static std::filesystem::path song(const std::string& name) { return *folder_ / name; }

  static VideoSettings settings(VideoCodec codec, const std::string& name) {
    return {.width = 64, .height = 64, .codec = codec, .song = SongPart{song(name), {0, 1}, {}}};
  }

  // The hash of all packets' bytes, as the ffmpeg program sees them.
  static std::string packets_of(const std::string& name) {
    return ffmpeg_tool(*folder_, "-i '" + name + "' -map 0:a -c copy -f streamhash -hash md5 -");
  }

  static std::string samples_of(const std::string& name, const std::string& format) {
    return ffmpeg_tool(*folder_, "-i '" + name + "' -map 0:a -c pcm_" + format + " -f md5 -");
  }
};

TemporaryFolder* Songs::folder_ = nullptr;

TEST_F(Songs, LengthsAreExactInSamples) {
  const auto expected = static_cast<std::int64_t>(kSeconds * 44100);
  for (const char* name : {"s.wav", "s.flac", "alac.m4a", "s24.wav", "s.mp3", "s.ogg", "s.aiff"}) {
    const SongInfo info = probe_song(song(name));
    EXPECT_EQ(info.samples, expected) << name;
    EXPECT_EQ(info.sample_rate, 44100);
    EXPECT_EQ(info.channels, 2);
  }
  const SongInfo opus = probe_song(song("s.opus"));
  EXPECT_EQ(opus.samples, kSeconds * 48000);
  EXPECT_EQ(probe_song(song("s.m4a")).samples, expected);
  EXPECT_NEAR(probe_song(song("s.aac")).seconds().value(), kSeconds, 0.047);
}

TEST_F(Songs, TagsAndCodecs) {
  EXPECT_EQ(probe_song(song("s.m4a")).title, "A Song");
  EXPECT_EQ(probe_song(song("s.m4a")).artist, "Me");
  EXPECT_EQ(probe_song(song("s.mp3")).title, "A Song");
  EXPECT_EQ(probe_song(song("s.wav")).title, "");
  EXPECT_EQ(probe_song(song("s.m4a")).codec, "aac");
  EXPECT_EQ(probe_song(song("s24.wav")).codec, "pcm_s24le");
}

TEST_F(Songs, PacketsAreCopiedUnchangedIntoMp4) {
  for (const char* name : {"s.m4a", "s.mp3", "s.opus", "alac.m4a"}) {
    SCOPED_TRACE(name);
    const FilmSummary summary = make_film(song("film.mp4"), settings(VideoCodec::h264, name), 125);
    EXPECT_TRUE(summary.song->copied);
    EXPECT_EQ(summary.song->source_codec, summary.song->film_codec);
    EXPECT_EQ(packets_of("film.mp4"), packets_of(name));
  }
}

TEST_F(Songs, PacketsAreCopiedUnchangedIntoMovAndMkv) {
  for (const char* name : {"s.m4a", "s.mp3", "alac.m4a", "s.wav", "s24.wav"}) {
    SCOPED_TRACE(name);
    make_film(song("film.mov"), settings(VideoCodec::prores, name), 125);
    EXPECT_EQ(packets_of("film.mov"), packets_of(name));
  }
  for (const char* name : {"s.m4a", "s.mp3", "s.opus", "s.ogg", "s.flac", "alac.m4a", "s.wav"}) {
    SCOPED_TRACE(name);
    const FilmSummary summary = make_film(song("film.mkv"), settings(VideoCodec::ffv1, name), 125);
    EXPECT_TRUE(summary.song->copied);
    EXPECT_EQ(packets_of("film.mkv"), packets_of(name));
  }
}

TEST_F(Songs, WhatMp4CannotCarryIsStoredWithoutLoss) {
  const struct {
    const char* name;
    const char* format;
  } rows[] = {{"s.wav", "s16le"},
              {"s.flac", "s16le"},
              {"s24.wav", "s24le"},
              {"s24.flac", "s24le"},
              {"f32.wav", "s24le"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const FilmSummary summary =
        make_film(song("film.mp4"), settings(VideoCodec::h264, row.name), 125);
    EXPECT_FALSE(summary.song->copied);
    EXPECT_EQ(summary.song->film_codec, "alac");
    EXPECT_EQ(inspect(song("film.mp4")).audio->codec, "alac");
    EXPECT_EQ(samples_of("film.mp4", row.format), samples_of(row.name, row.format));
  }
}

TEST_F(Songs, RawAacLosesItsHeadersOnly) {
  const FilmSummary summary = make_film(song("film.mp4"), settings(VideoCodec::h264, "s.aac"), 125);
  EXPECT_TRUE(summary.song->copied);
  EXPECT_EQ(samples_of("film.mp4", "s16le"), samples_of("s.aac", "s16le"));
}

TEST_F(Songs, ASongLongerThanTheFilmEndsWithIt) {
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1}) {
    for (const char* name : {"s.wav", "s.m4a", "s.mp3", "s.flac", "s.opus", "alac.m4a", "s.ogg"}) {
      for (const Ratio fps : {Ratio{24, 1}, Ratio{24000, 1001}, Ratio{60, 1}}) {
        SCOPED_TRACE(fmt::format("{} {} {}/{}", codec_name(codec), name, fps.num, fps.den));
        VideoSettings wanted = settings(codec, name);
        wanted.fps = fps;
        const std::string file = "film" + std::string(file_extension(codec));
        const FilmSummary summary = make_film(song(file), wanted, 50);
        const FilmInfo film = inspect(song(file));
        const double seconds = 50 / fps.value();
        EXPECT_NEAR(summary.song->film_seconds.value(), seconds, 1e-4);
        EXPECT_NEAR(summary.song->part_seconds.value(), kSeconds, 0.05);
        EXPECT_LT(std::abs(film.audio->seconds().value() - film.seconds.value()), 1 / fps.value());
        if (codec != VideoCodec::ffv1) {
          EXPECT_NEAR(film.audio->seconds().value(), seconds, 1e-4);
        }
      }
    }
  }
}

TEST_F(Songs, AMatroskaFilmMayEndAnywhereInAFlacSong) {
  for (int frames = 51; frames < 60; ++frames) {
    SCOPED_TRACE(frames);
    ASSERT_NO_THROW(make_film(song("film.mkv"), settings(VideoCodec::ffv1, "s.flac"), frames));
  }
}

TEST_F(Songs, ASongShorterThanTheFilmIsFollowedBySilence) {
  const FilmSummary summary =
      make_film(song("film.mp4"), settings(VideoCodec::h264, "s.flac"), 240);
  EXPECT_EQ(summary.seconds, (Ratio{240, 24}));
  EXPECT_EQ(summary.song->film_seconds.value(), kSeconds);
  const FilmInfo film = inspect(song("film.mp4"));
  EXPECT_EQ(film.seconds, (Ratio{10, 1}));
  EXPECT_EQ(film.audio->samples, kSeconds * 44100);
}

struct Cut {
  VideoCodec codec;
  const char* song;

  friend void PrintTo(const Cut& cut, std::ostream* out) {
    *out << cut.song << " in " << codec_name(cut.codec);
  }
};

class Sync : public Songs, public testing::WithParamInterface<Cut> {};

TEST_P(Sync, ClicksSoundAtTheirFrames) {
  const Cut& cut = GetParam();
  const std::string file = "film" + std::string(file_extension(cut.codec));
  // In steps that are no multiple of any packet.
  for (const Ratio from : {Ratio{0, 1}, Ratio{1, 2}, Ratio{2, 3}, Ratio{701, 500}}) {
    SCOPED_TRACE(fmt::format("{} from {}/{}", cut.song, from.num, from.den));
    VideoSettings wanted = settings(cut.codec, cut.song);
    wanted.song->from = from;
    make_film(song(file), wanted, 50);
    // The sound as a player places it on the film's clock, and as one channel of floats.
    const std::string start = ffprobe_tool(
        *folder_, "-select_streams a -show_entries stream=start_time -of csv=p=0 " + file);
    ffmpeg_tool(*folder_, "-i " + file + " -map 0:a -ac 1 -c:a pcm_f32le clicks.wav");
    const MonoSamples sound = read_song_mono(song("clicks.wav"));
    const auto clicks = find_clicks(sound.samples, sound.sample_rate);
    const double raw_aac =
        std::string(cut.song) == "s.aac" ? 1024.0 / 44100 : 0;  // as it sounds alone
    double expected = std::ceil(from.value()) - from.value();
    ASSERT_GE(clicks.size(), 1u);
    for (const auto click : clicks) {
      const double at = std::stod(start) + static_cast<double>(click) / sound.sample_rate;
      EXPECT_NEAR(at, expected + raw_aac, 0.5 / 24);
      if (cut.codec != VideoCodec::ffv1 && std::string(cut.song) != "s.ogg") {
        EXPECT_NEAR(at, expected + raw_aac, 0.001);
      }
      expected += 1;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    , Sync,
    testing::Values(Cut{VideoCodec::h264, "s.wav"}, Cut{VideoCodec::h264, "s.m4a"},
                    Cut{VideoCodec::h264, "s.mp3"}, Cut{VideoCodec::h264, "s.opus"},
                    Cut{VideoCodec::h264, "s.ogg"}, Cut{VideoCodec::h264, "alac.m4a"},
                    Cut{VideoCodec::h264, "s.aac"}, Cut{VideoCodec::prores, "s.wav"},
                    Cut{VideoCodec::prores, "s.m4a"}, Cut{VideoCodec::ffv1, "s.flac"},
                    Cut{VideoCodec::ffv1, "s.wav"}, Cut{VideoCodec::ffv1, "s.mp3"},
                    Cut{VideoCodec::ffv1, "s.m4a"}, Cut{VideoCodec::ffv1, "s.opus"}),
    printed_name<Cut>);

TEST_F(Songs, FlashAndClickMeet) {
  // A white frame at each click of a song that starts at 0.5 s; found again by the ffmpeg program.
  VideoSettings wanted = settings(VideoCodec::h264, "s.m4a");
  wanted.song->from = {1, 2};
  wanted.fps = {30000, 1001};
  VideoWriter writer = VideoWriter::open(song("film.mp4"), wanted);
  const int flash = 15;  // 0.5005 s
  for (int i = 0; i < 40; ++i) {
    writer.write(std::vector<std::uint8_t>(64 * 64 * 3, i == flash ? 255 : 16));
  }
  writer.finish();
  std::int64_t bright = -1;
  read_frames(song("film.mp4"), [&](std::int64_t frame, const Image& image) {
    if (image.rgb[0] > 128) bright = frame;
  });
  EXPECT_EQ(bright, flash);
  ffmpeg_tool(*folder_, "-i film.mp4 -map 0:a -ac 1 -c:a pcm_f32le clicks.wav");
  const MonoSamples sound = read_song_mono(song("clicks.wav"));
  const auto clicks = find_clicks(sound.samples, sound.sample_rate);
  ASSERT_EQ(clicks.size(), 1u);
  const double click = static_cast<double>(clicks[0]) / sound.sample_rate;
  EXPECT_LT(std::abs(click - bright * 1001 / 30000.0), 0.5 * 1001 / 30000);
}

TEST_F(Songs, APartEndsWhereItShould) {
  VideoSettings wanted = settings(VideoCodec::h264, "s.mp3");
  wanted.song->from = {1, 1};
  wanted.song->to = Ratio{5, 2};
  const FilmSummary summary = make_film(song("film.mp4"), wanted, 96);
  EXPECT_EQ(summary.song->part_seconds.value(), 1.5);
  EXPECT_EQ(summary.song->film_seconds.value(), 1.5);
  EXPECT_EQ(inspect(song("film.mp4")).audio->samples, 66150);
  wanted.song->from = {100, 1};
  wanted.song->to = {};
  const std::string message = message_thrown([&] { VideoWriter::open(song("film.mp4"), wanted); });
  EXPECT_NE(message.find("4.000 seconds long"), std::string::npos) << message;
}

TEST_F(Songs, SameSongSameBytes) {
  for (const char* name : {"s.wav", "s.mp3"}) {
    make_film(song("one.mp4"), settings(VideoCodec::h264, name), 48);
    make_film(song("two.mp4"), settings(VideoCodec::h264, name), 48);
    EXPECT_EQ(read_text(song("one.mp4")), read_text(song("two.mp4")));
  }
}

TEST_F(Songs, SoundAndPictureAreInterleaved) {
  make_film(song("film.mp4"), settings(VideoCodec::h264, "s.m4a"), 90);
  // In file order the two streams never run apart by more than the last few frames.
  const std::string told =
      ffprobe_tool(*folder_, "-show_entries packet=codec_type,dts_time,pos -of csv=p=0 film.mp4");
  std::map<std::int64_t, std::pair<bool, double>> packets;
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const auto comma = line.find(',', 6);
    packets[std::stoll(line.substr(comma + 1))] = {line.starts_with("video"),
                                                   std::stod(line.substr(6))};
  }
  EXPECT_GT(packets.size(), 200u);
  double video = 0, audio = 0;
  for (const auto& [position, packet] : packets) {
    (packet.first ? video : audio) = packet.second;
    EXPECT_LT(std::abs(video - audio), 0.3) << position;
  }
}

TEST_F(Songs, MonoForAnalysis) {
  const MonoSamples mono = read_song_mono(song("s.flac"));
  EXPECT_EQ(mono.sample_rate, 44100);
  EXPECT_EQ(mono.samples.size(), static_cast<std::size_t>(kSeconds * 44100));
  EXPECT_EQ(find_clicks(mono.samples, 44100), (std::vector<std::int64_t>{0, 44100, 88200, 132300}));
}

TEST_F(Songs, CoverPicturesAreIgnored) {
  write_png(song("cover.png"), Image{32, 32, moving_picture(32, 32, 0)});
  ffmpeg_tool(
      *folder_,
      "-i s.m4a -i cover.png -map 0 -map 1 -c copy -disposition:v attached_pic covered.m4a");
  ffmpeg_tool(*folder_, "-i s.mp3 -i cover.png -map 0 -map 1 -c copy -id3v2_version 3 covered.mp3");
  for (const char* name : {"covered.m4a", "covered.mp3"}) {
    EXPECT_NEAR(probe_song(song(name)).seconds().value(), kSeconds, 0.024);
    make_film(song("film.mp4"), settings(VideoCodec::h264, name), 48);
    EXPECT_EQ(inspect(song("film.mp4")).frames, 48);
  }
}

TEST_F(Songs, OurOwnFilmsAreSongsToo) {
  VideoSettings wanted = settings(VideoCodec::h264, "s.m4a");
  wanted.song->from = {1, 2};
  make_film(song("first.mp4"), wanted, 60);
  EXPECT_NEAR(probe_song(song("first.mp4")).seconds().value(), 2.5, 0.024);
  make_film(song("second.mp4"), settings(VideoCodec::h264, "first.mp4"), 60);
  ffmpeg_tool(*folder_, "-i second.mp4 -map 0:a -ac 1 -c:a pcm_f32le clicks.wav");
  const MonoSamples sound = read_song_mono(song("clicks.wav"));
  const auto clicks = find_clicks(sound.samples, 44100);
  ASSERT_GE(clicks.size(), 2u);
  EXPECT_EQ(clicks[0], 22050);
  EXPECT_EQ(clicks[1], 66150);
}

TEST_F(Songs, DamagedSongsAreFoundAtOnce) {
  const TemporaryFolder folder;
  write_text(folder / "empty.wav", "");
  write_text(folder / "text.mp3", "these are words, and no song at all\n");
  write_png(folder / "picture.mp3", Image{32, 32, moving_picture(32, 32, 0)});
  for (const char* name : {"empty.wav", "text.mp3", "picture.mp3"}) {
    EXPECT_EQ(kind_thrown([&] { probe_song(folder / name); }), Kind::invalid) << name;
  }
  for (const char* name : {"s.wav", "s.flac", "s.m4a", "s.mp3"}) {
    const std::string whole = read_text(song(name));
    for (const double part : {0.02, 0.3, 0.6, 0.9}) {
      write_text(
          folder / "cut",
          whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
      EXPECT_EQ(kind_thrown([&] { probe_song(folder / "cut"); }), Kind::invalid)
          << name << " " << part;
    }
  }
  std::string flipped = read_text(song("s.flac"));
  flipped[flipped.size() / 2] ^= 0x10;
  write_text(folder / "flipped.flac", flipped);
  EXPECT_EQ(kind_thrown([&] { probe_song(folder / "flipped.flac"); }), Kind::invalid);
  EXPECT_EQ(kind_thrown([&] { probe_song(folder / "none.mp3"); }), Kind::missing);
  EXPECT_EQ(kind_thrown([&] { probe_song(folder.path()); }), Kind::invalid);
  EXPECT_EQ(kind_thrown([&] { probe_song("/dev/zero"); }), Kind::invalid);
}

// Of these bytes libav's AAC decoder says "invalid data", "not implemented" and a number without a
// name. None is a mistake of this program.
TEST_F(Songs, DamageIsDamageWhateverADecoderCallsIt) {
  const TemporaryFolder folder;
  const std::string whole = read_text(song("s.m4a"));
  const std::size_t sound = whole.find("mdat") + 4;
  const auto size = static_cast<unsigned char>(whole[sound - 6]) << 8 |
                    static_cast<unsigned char>(whole[sound - 5]);
  ASSERT_GT(size, 2000);
  for (const char filler : {'\x55', '\xbf', '\xff'}) {
    std::string bad = whole;
    bad.replace(sound + 1000, static_cast<std::size_t>(size) - 1008,
                static_cast<std::size_t>(size) - 1008, filler);
    write_text(folder / "bad", bad);
    EXPECT_EQ(kind_thrown([&] { probe_song(folder / "bad"); }), Kind::invalid)
        << static_cast<int>(filler);
  }
}

// A file's bytes with the number at `at` replaced.
std::string with_number(std::string bytes, std::size_t at, std::uint32_t number, bool big_endian) {
  for (int i = 0; i < 4; ++i) {
    bytes[at + static_cast<std::size_t>(i)] =
        static_cast<char>(number >> 8 * (big_endian ? 3 - i : i));
  }
  return bytes;
}

TEST_F(Songs, WavsOutOfAPipePlayToTheirEnd) {
  const TemporaryFolder folder;
  const std::string whole = read_text(song("s.wav"));
  const auto with_sizes = [&](std::uint32_t riff, std::uint32_t data) {
    return with_number(with_number(whole, 4, riff, false), 40, data, false);
  };
  const struct {
    const char* writer;
    std::uint32_t riff, data;
  } rows[] = {{"nothing", 0, 0},
              {"nothing but the header", 36, 0},
              {"ffmpeg", 0xFFFFFFFF, 0xFFFFFFFF},
              {"wrapped around", 35, 0xFFFFFFFF},
              {"espeak-ng", 0x7FFFF024, 0x7FFFF000},
              {"lame", 0x80000023, 0x7FFFFFFF},
              {"the largest RIFF", 0x7FFFFFFF, 0x7FFFFFDB},
              {"whole frames of it", 0x80000020, 0x7FFFFFFC},
              {"256 bytes less than that", 0x7FFFFF24, 0x7FFFFF00},
              {"a longer header", 0x7FFFFFFF, 0x7FFFFFB5},
              {"half of the header", 0x7FFFF000, 0x7FFFEFF0},
              {"arecord", 0x80000024, 0x80000000},
              {"256 bytes less than all", 0xFFFFFF24, 0xFFFFFF00}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.writer);
    write_text(folder / "piped.wav", with_sizes(row.riff, row.data));
    EXPECT_EQ(probe_song(folder / "piped.wav").samples, kSeconds * 44100);
    VideoSettings wanted = settings(VideoCodec::prores, "s.wav");
    wanted.song->file = folder / "piped.wav";
    EXPECT_EQ(make_film(song("film.mov"), wanted, 125).song->film_seconds.value(), kSeconds);
  }
  // Sizes that a file can have are believed.
  const struct {
    std::uint32_t riff, data;
  } cut[] = {{36 + 1411200, 1411200},  {0x7FFF0024, 0x7FFF0000}, {0x70000024, 0x70000000},
             {0x90000024, 0x90000000}, {0xFFFE0024, 0xFFFE0000}, {0xFFFFFFFF, 1411200}};
  for (const auto& row : cut) {
    SCOPED_TRACE(row.data);
    write_text(folder / "cut.wav", with_sizes(row.riff, row.data));
    EXPECT_EQ(kind_thrown([&] { probe_song(folder / "cut.wav"); }), Kind::invalid);
  }
}

TEST_F(Songs, ATagThatClaimsToBeLargerThanItsFileHidesNoSound) {
  const TemporaryFolder folder;
  write_text(folder / "tag.mp3", with_number(read_text(song("s.mp3")), 6, 0x7F7F7F7F, true));
  EXPECT_EQ(probe_song(folder / "tag.mp3").samples, probe_song(song("s.mp3")).samples);
}

TEST_F(Songs, OtherSizesOutOfAPipePlayToTheirEndToo) {
  const TemporaryFolder folder;
  const struct {
    const char* name;
    const char* how;
  } rows[] = {{"rf64.wav", "-rf64 always -f wav"},
              {"s.w64", "-f w64"},
              {"s.aiff", "-f aiff"},
              {"s.aifc", "-c:a pcm_s16le -f aiff"},
              {"s.caf", "-f caf"},
              {"s.flac", "-f flac"},
              {"s.au", "-f au"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    ffmpeg_tool(*folder_,
                fmt::format("-i s.wav {} - > '{}'", row.how, (folder / row.name).string()));
    EXPECT_EQ(probe_song(folder / row.name).samples, kSeconds * 44100);
    EXPECT_EQ(read_song_mono(folder / row.name).samples, read_song_mono(song("s.wav")).samples);
  }
  // sox: as many frames as fit in 0x7F000000 bytes.
  std::string aiff = read_text(song("s.aiff"));
  aiff = with_number(aiff, aiff.find("COMM") + 10, 0x7F000000 / 4, true);
  aiff = with_number(aiff, aiff.find("SSND") + 4, 0x7F000000 + 8, true);
  write_text(folder / "sox.aiff", with_number(aiff, 4, 0x7F00002E, true));
  EXPECT_EQ(probe_song(folder / "sox.aiff").samples, kSeconds * 44100);
  // What was written to a file and cut is not taken for that.
  for (const char* how : {"-rf64 always cut.wav", "cut.w64", "cut.aiff", "cut.caf", "cut.au"}) {
    ffmpeg_tool(*folder_, fmt::format("-i s.wav {}", how));
    const std::string name = std::string(how).substr(std::string(how).rfind("cut"));
    const std::string whole = read_text(song(name));
    write_text(folder / name, whole.substr(0, whole.size() * 2 / 3));
    EXPECT_EQ(kind_thrown([&] { probe_song(folder / name); }), Kind::invalid) << name;
  }
}

TEST_F(Songs, WhatAMuxerRefusesIsStoredAsAlac) {
  for (const int rate : {8000, 11025, 12000, 16000}) {
    SCOPED_TRACE(rate);
    ffmpeg_tool(*folder_, fmt::format("-i s.wav -ar {} -ac 1 -c:a libmp3lame low.mp3", rate));
    for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1}) {
      const VideoSettings wanted = settings(codec, "low.mp3");
      const SongSummary proved = prove_song(*wanted.song, codec);
      const auto film = song("film" + std::string(file_extension(codec)));
      const FilmSummary summary = make_film(film, wanted, 125);
      EXPECT_EQ(summary.song->copied, proved.copied);
      EXPECT_EQ(summary.song->copied, rate >= 16000 || codec != VideoCodec::h264);
      EXPECT_NEAR(inspect(film).audio->seconds().value(), kSeconds,
                  codec == VideoCodec::ffv1 ? 1.0 / 24 : 0.001);
    }
  }
}

TEST_F(Songs, SongsInARowAreHeardWhole) {
  ffmpeg_tool(*folder_, "-i s.wav -c:a libvorbis -q:a 7 other.ogg");
  ffmpeg_tool(*folder_, "-i s.wav -c:a flac -f ogg s.oga");
  const std::pair<const char*, const char*> rows[] = {
      {"s.ogg", "other.ogg"}, {"s.opus", "s.opus"}, {"s.oga", "s.oga"}, {"s.mp3", "s.mp3"}};
  for (const auto& [first, second] : rows) {
    SCOPED_TRACE(first);
    write_text(song("row.ogg"), read_text(song(first)) + read_text(song(second)));
    std::vector<float> both = read_song_mono(song(first)).samples;
    const std::vector<float> more = read_song_mono(song(second)).samples;
    const std::size_t seam = both.size();
    both.insert(both.end(), more.begin(), more.end());
    const std::vector<float> row = read_song_mono(song("row.ogg")).samples;
    if (std::string(first) != "s.mp3") {
      ASSERT_EQ(row.size(), both.size());
      // Beside the seam, where a decoder may still settle.
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i >= seam && i < seam + 4096) continue;
        ASSERT_NEAR(row[i], both[i], 1e-4) << i;
      }
    }
    for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::ffv1}) {
      const VideoSettings wanted = settings(codec, "row.ogg");
      const SongSummary proved = prove_song(*wanted.song, codec);
      const auto film = song("film" + std::string(file_extension(codec)));
      const FilmSummary summary = make_film(film, wanted, 200);
      EXPECT_EQ(summary.song->copied, proved.copied);
      // Appended MP3 files have the encoder's padding between them.
      EXPECT_NEAR(summary.song->film_seconds.value(), 2 * kSeconds, 0.08);
    }
  }
}

// Each link's headers come as packets, which are no damage however many they are.
TEST_F(Songs, LinksOfFlacAreHeardWhole) {
  ffmpeg_tool(*folder_, "-t 1 -i s.wav -c:a flac -f ogg short.oga");
  const std::string once = read_text(song("short.oga"));
  write_text(song("row.ogg"), once + once + once + once);
  const auto expected = read_song_mono(song("short.oga")).samples;
  const auto row = read_song_mono(song("row.ogg")).samples;
  ASSERT_EQ(row.size(), 4 * expected.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    ASSERT_EQ(row[i], expected[i % expected.size()]) << i;
  }
}

// The frames of an MP3 file, without what stands before and behind them.
std::vector<std::string> mp3_frames(const std::string& file) {
  std::vector<std::string> frames;
  std::size_t at = file.find("\xFF\xFB");
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(file[i]); };
  while (at + 4 < file.size() && byte(at) == 0xFF && byte(at + 1) == 0xFB) {
    constexpr int kRates[] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0};
    const int size = 144000 * kRates[byte(at + 2) >> 4] / 44100 + (byte(at + 2) >> 1 & 1);
    frames.push_back(file.substr(at, static_cast<std::size_t>(size)));
    at += static_cast<std::size_t>(size);
  }
  return frames;
}

TEST_F(Songs, ATrimmedMp3IsUsedWithAWarning) {
  const std::string whole = read_text(song("s.mp3"));
  const auto frames = mp3_frames(whole);
  ASSERT_GT(frames.size(), 140u);
  const std::string head = whole.substr(0, whole.find(frames[0])) + frames[0];  // tags and Xing
  const auto with = [&](std::size_t from, std::size_t to, const std::string& end) {
    std::string text = head;
    for (std::size_t i = from; i < to; ++i) text += frames[i];
    write_text(song("trimmed.mp3"), text + end);
  };
  const std::string tag = "TAG" + std::string(125, ' ');
  const std::tuple<std::size_t, std::size_t, std::string> rows[] = {
      {1, 80, ""}, {60, frames.size(), ""}, {40, 100, ""}, {1, 80, tag}};
  for (const auto& [from, to, end] : rows) {
    SCOPED_TRACE(fmt::format("{} to {}", from, to));
    with(from, to, end);
    const SongInfo info = probe_song(song("trimmed.mp3"));
    EXPECT_NEAR(info.seconds().value(), static_cast<double>(to - from) * 1152 / 44100, 0.06);
    ASSERT_EQ(info.warnings.size(), 1u);
    EXPECT_NE(info.warnings[0].find("4.0"), std::string::npos) << info.warnings[0];
    EXPECT_NE(info.warnings[0].find(fmt::format("{:.2f}", info.seconds().value())),
              std::string::npos)
        << info.warnings[0];
    EXPECT_FALSE(make_film(song("film.mp4"), settings(VideoCodec::h264, "trimmed.mp3"), 24)
                     .song->film_seconds.num == 0);
  }
  with(1, 80, frames[80].substr(0, 200));  // broken off
  EXPECT_EQ(kind_thrown([&] { probe_song(song("trimmed.mp3")); }), Kind::invalid);
  EXPECT_TRUE(probe_song(song("s.mp3")).warnings.empty());
}

TEST_F(Songs, SilenceBeforeTheFirstPacketIsKept) {
  ffmpeg_tool(*folder_, "-itsoffset 1 -i s.mp3 -c copy late.mp4");
  ffmpeg_tool(*folder_, "-itsoffset 1 -i s.flac -c copy late.mkv");
  ffmpeg_tool(*folder_, "-itsoffset 1 -i s.wav -c copy late.mov");
  for (const char* name : {"late.mp4", "late.mkv", "late.mov"}) {
    SCOPED_TRACE(name);
    const MonoSamples sound = read_song_mono(song(name));
    EXPECT_NEAR(static_cast<double>(sound.samples.size()), 5 * 44100, 1300);
    const auto clicks = find_clicks(sound.samples, 44100);
    ASSERT_EQ(clicks.size(), 4u);
    EXPECT_NEAR(static_cast<double>(clicks[0]), 44100, 1300);
    for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1}) {
      for (const Ratio from : {Ratio{0, 1}, Ratio{1, 2}, Ratio{3, 2}}) {
        SCOPED_TRACE(fmt::format("{} from {}", codec_name(codec), from.value()));
        VideoSettings wanted = settings(codec, name);
        wanted.song->from = from;
        const std::string film = "film" + std::string(file_extension(codec));
        ASSERT_NO_THROW(make_film(song(film), wanted, 72));
        ffmpeg_tool(*folder_, "-i " + film + " -map 0:a -af aresample=async=1:first_pts=0 -c:a " +
                                  "pcm_f32le heard.wav");
        const MonoSamples heard = read_song_mono(song("heard.wav"));
        const auto found = find_clicks(heard.samples, 44100);
        ASSERT_GE(found.size(), 1u);
        const auto first = from.value() < 1 ? clicks[0] : clicks[1];
        EXPECT_NEAR(static_cast<double>(found[0]),
                    static_cast<double>(first) - from.value() * 44100, 60);
      }
    }
  }
}

TEST_F(Songs, APartSoundsAsItDoesInTheSong) {
  ffmpeg_tool(*folder_, "-f lavfi -i 'anoisesrc=d=4:a=0.3:seed=5' -ar 44100 noise.wav");
  ffmpeg_tool(*folder_, "-i noise.wav -c:a libmp3lame -b:a 32k n32.mp3");
  ffmpeg_tool(*folder_, "-i noise.wav -ac 2 -c:a libmp3lame -b:a 128k n128.mp3");
  ffmpeg_tool(*folder_, "-i noise.wav -ar 24000 -c:a libmp3lame -b:a 8k n8.mp3");
  ffmpeg_tool(*folder_, "-i noise.wav -c:a libvorbis n.ogg");
  ffmpeg_tool(*folder_, "-i noise.wav -c:a aac -aac_pns 0 n.m4a");
  for (const char* name : {"n32.mp3", "n128.mp3", "n8.mp3", "n.ogg", "n.m4a"}) {
    for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::ffv1}) {
      for (const Ratio from : {Ratio{203, 100}, Ratio{1, 3}, Ratio{1234, 1000}}) {
        SCOPED_TRACE(fmt::format("{} {} from {}", name, codec_name(codec), from.value()));
        const MonoSamples whole = read_song_mono(song(name));
        VideoSettings wanted = settings(codec, name);
        wanted.song->from = from;
        const std::string film = "film" + std::string(file_extension(codec));
        make_film(song(film), wanted, 30);
        const MonoSamples part = read_song_mono(song(film));
        const auto begin = static_cast<std::size_t>(std::llround(from.value() * whole.sample_rate));
        ASSERT_GT(part.samples.size(), 20000u);
        float most = 0;
        for (std::size_t i = 0; i < 20000; ++i) {
          most = std::max(most, std::abs(part.samples[i] - whole.samples[begin + i]));
        }
        EXPECT_LT(most, 1e-4);
      }
    }
  }
}

// A film of the middle of another has the song's samples that the whole film has there.
TEST_F(Songs, AFilmThatBeginsLaterSoundsAsTheWholeOneDoesThere) {
  ffmpeg_tool(*folder_, "-f lavfi -i 'anoisesrc=d=4:a=0.3:seed=7' -ar 44100 later.wav");
  ffmpeg_tool(*folder_, "-i later.wav -c:a libmp3lame -b:a 128k later.mp3");
  ffmpeg_tool(*folder_, "-i later.wav -c:a aac -aac_pns 0 later.m4a");
  ffmpeg_tool(*folder_, "-i later.wav later.flac");
  for (const char* name : {"later.wav", "later.mp3", "later.m4a", "later.flac"}) {
    for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::ffv1}) {
      for (const std::int64_t frame : {1, 17, 30}) {
        SCOPED_TRACE(fmt::format("{} {} from frame {}", name, codec_name(codec), frame));
        VideoSettings wanted = settings(codec, name);
        wanted.song->from = {1, 3};
        const std::string extension(file_extension(codec));
        make_film(song("whole" + extension), wanted, 60);
        wanted.song->skip = {frame, 24};
        const FilmSummary summary = make_film(song("rest" + extension), wanted, 20);
        const MonoSamples whole = read_song_mono(song("whole" + extension));
        const MonoSamples rest = read_song_mono(song("rest" + extension));
        EXPECT_EQ(summary.song->film_seconds.value(), 20 / 24.0);
        const auto skipped = static_cast<std::size_t>(std::llround(frame / 24.0 * 44100));
        ASSERT_GT(rest.samples.size(), 36000u);
        float most = 0;
        for (std::size_t i = 0; i < 36000; ++i) {
          most = std::max(most, std::abs(rest.samples[i] - whole.samples[skipped + i]));
        }
        EXPECT_LT(most, 1e-4);
      }
    }
  }
  // Packets are copied from the one that sounds there on.
  VideoSettings copied = settings(VideoCodec::h264, "later.m4a");
  copied.song->skip = {17, 24};
  EXPECT_TRUE(make_film(song("rest.mp4"), copied, 20).song->copied);
  copied.song->to = Ratio{2, 3};
  EXPECT_EQ(kind_thrown([&] { VideoWriter::open(song("rest.mp4"), copied); }), Kind::usage);
}

TEST_F(Songs, LossIsCalledLoss) {
  const SongPart flac{song("s.flac"), {0, 1}, {}};
  EXPECT_TRUE(prove_song(flac, VideoCodec::h264).exact);
  EXPECT_NE(describe(prove_song(flac, VideoCodec::h264), ".mp4").find("without loss"),
            std::string::npos);
  EXPECT_NE(describe(prove_song(flac, VideoCodec::h264), ".mp4").find("browsers"),
            std::string::npos);
  EXPECT_EQ(describe(prove_song(flac, VideoCodec::ffv1), ".mkv"), "copied unchanged");
  EXPECT_TRUE(prove_song({song("f32.wav"), {0, 1}, {}}, VideoCodec::h264).exact);
  // A tone of which the tops lie above full scale, and one that needs more than 24 bits.
  ffmpeg_tool(*folder_, "-f lavfi -i 'aevalsrc=1.5*sin(2*PI*100*t):d=1' -c:a pcm_f32le loud.wav");
  ffmpeg_tool(*folder_, "-f lavfi -i 'aevalsrc=0.01*sin(2*PI*100*t):d=1' -c:a pcm_f64le fine.wav");
  ffmpeg_tool(*folder_, "-i fine.wav -c:a pcm_s32le wide.wav");
  const SongSummary loud = prove_song({song("loud.wav"), {0, 1}, {}}, VideoCodec::h264);
  EXPECT_FALSE(loud.exact);
  EXPECT_NEAR(loud.peak, 1.5, 1e-4);
  EXPECT_NEAR(static_cast<double>(loud.clipped), 44100 * 0.5354, 300);  // acos(2 / 3) / (pi / 2)
  const std::string told = describe(loud, ".mp4");
  EXPECT_EQ(told.find("without loss"), std::string::npos) << told;
  EXPECT_NE(told.find(fmt::format("{} samples", loud.clipped)), std::string::npos) << told;
  EXPECT_NE(told.find("+3.5 dB"), std::string::npos) << told;
  EXPECT_NE(told.find("gain = -3.6"), std::string::npos) << told;
  for (const char* name : {"fine.wav", "wide.wav"}) {
    const SongSummary fine = prove_song({song(name), {0, 1}, {}}, VideoCodec::h264);
    EXPECT_FALSE(fine.exact) << name;
    EXPECT_EQ(fine.clipped, 0) << name;
  }
  // Samples that are no numbers have no decibels.
  std::string wrong = read_text(song("f32.wav"));
  wrong.replace(wrong.size() - 4, 4, std::string("\x00\x00\xC0\x7F", 4));
  write_text(song("wrong.wav"), wrong);
  const SongSummary nan = prove_song({song("wrong.wav"), {0, 1}, {}}, VideoCodec::h264);
  EXPECT_EQ(nan.clipped, 1);
  EXPECT_NE(describe(nan, ".mp4").find("no finite numbers"), std::string::npos);
  // Only what the film uses counts.
  EXPECT_EQ(prove_song({song("loud.wav"), {0, 1}, Ratio{1, 2000}}, VideoCodec::h264).clipped, 0);
}

TEST_F(Songs, FlippedBytesNeverCrash) {
  const TemporaryFolder folder;
  for (const char* name : {"s.flac", "s.m4a", "s.mp3", "s.ogg", "s.opus", "s.wav"}) {
    const std::string whole = read_text(song(name));
    for (std::size_t i = 0; i < 24; ++i) {
      std::string bad = whole;
      bad[i < 12 ? i * 9 : i * 104729 % bad.size()] ^= static_cast<char>(1 + 37 * i % 255);
      write_text(folder / "bad", bad);
      try {
        probe_song(folder / "bad");
      } catch (const MediaError& error) {
        EXPECT_EQ(error.kind(), Kind::invalid) << error.what();
      }
    }
  }
}

TEST_F(Songs, NamesAreNamesAndListsAreNoSongs) {
  const TemporaryFolder folder;
  const std::string real = song("s.wav").string();
  for (const std::string& name :
       {"concat:" + real + "|" + real, "file:" + real, "subfile,,start,0,end,0,,:" + real,
        std::string("http://localhost:1/a.mp3"), "cache:" + real}) {
    EXPECT_EQ(kind_thrown([&] { probe_song(name); }), Kind::missing) << name;
  }
  write_text(folder / "list.wav",
             "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:4,\n" + real + "\n#EXT-X-ENDLIST\n");
  write_text(folder / "list.mp3", "ffconcat version 1.0\nfile '" + real + "'\n");
  write_text(
      folder / "list.flac",
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n");
  for (const char* name : {"list.wav", "list.mp3", "list.flac"}) {
    EXPECT_EQ(kind_thrown([&] { probe_song(folder / name); }), Kind::invalid) << name;
  }
}

TEST_F(Songs, WhatCanBeCopied) {
  EXPECT_TRUE(can_copy_song("aac", VideoCodec::h264));
  EXPECT_TRUE(can_copy_song("opus", VideoCodec::av1));
  EXPECT_FALSE(can_copy_song("flac", VideoCodec::h264));
  EXPECT_FALSE(can_copy_song("pcm_s16le", VideoCodec::hevc));
  EXPECT_TRUE(can_copy_song("pcm_s16le", VideoCodec::prores));
  EXPECT_FALSE(can_copy_song("opus", VideoCodec::prores));
  EXPECT_TRUE(can_copy_song("flac", VideoCodec::ffv1));
}

TEST_F(Songs, OddChannelsAndRates) {
  ffmpeg_tool(*folder_, "-i s.wav -ac 1 -ar 8000 mono.wav");
  ffmpeg_tool(*folder_, "-i s.wav -ac 6 -ar 96000 -c:a pcm_s24le surround.wav");
  for (const char* name : {"mono.wav", "surround.wav"}) {
    make_film(song("film.mp4"), settings(VideoCodec::h264, name), 125);
    EXPECT_EQ(samples_of("film.mp4", "s24le"), samples_of(name, "s24le")) << name;
  }
}

}  // namespace
}  // namespace latentreel::ffmpeg
