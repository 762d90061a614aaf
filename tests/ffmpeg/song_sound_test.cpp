// What a film's song sounds like where it is not the song's packets: its channels, codec and gain.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ffmpeg/film_check.h"
#include "ffmpeg/film_proof.h"
#include "ffmpeg/song.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

class SongSound : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  // Two seconds with another tone on each speaker.
  void write_surround(const std::string& name, const std::string& layout, int channels) {
    std::string tones;
    for (int i = 0; i < channels; ++i) {
      tones += fmt::format("{}0.2*sin(2*PI*{}*t)", i == 0 ? "" : "|", 200 + 130 * i);
    }
    ffmpeg_tool(folder_, fmt::format("-f lavfi -i \"aevalsrc='{}':c='{}':d=2:s=44100\" {}", tones,
                                     layout, name));
  }

  // The samples of each channel of a song or film, as the ffmpeg program decodes them.
  std::vector<std::vector<float>> channels_of(const std::string& name, std::size_t count) {
    ffmpeg_tool(folder_, "-i " + name + " -map 0:a -f f32le all.raw");
    const std::string bytes = read_text(file("all.raw"));
    std::vector<float> all(bytes.size() / sizeof(float));
    std::memcpy(all.data(), bytes.data(), all.size() * sizeof(float));
    EXPECT_EQ(all.size() % count, 0u);
    std::vector<std::vector<float>> channels(count);
    for (std::size_t i = 0; i < all.size(); ++i) channels[i % count].push_back(all[i]);
    return channels;
  }

  std::string layout_of(const std::string& name) {
    const std::string told = ffprobe_tool(
        folder_, "-select_streams a -show_entries stream=channel_layout -of csv=p=0 " + name);
    return told.substr(0, told.find('\n'));
  }

  FilmSummary film(SongPart song, VideoCodec codec = VideoCodec::h264, int frames = 48) {
    song.file = file(song.file);
    return make_film(file("film" + std::string(file_extension(codec))),
                     {.width = 64, .height = 64, .codec = codec, .song = song}, frames);
  }

  TemporaryFolder folder_;
};

float peak_of(const std::vector<float>& samples) {
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

float difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  float most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    most = std::max(most, std::abs(a[i] - b[i]));
  }
  return most;
}

struct Surround {
  const char* layout;
  std::vector<std::string> speakers;
  const char* stored;               // the set of speakers that ALAC has for it
  std::vector<std::string> places;  // which of the song's speakers each of the set plays; "": none
};

TEST_F(SongSound, EachChannelComesFromItsSpeaker) {
  const std::vector<Surround> rows = {
      {"5.1", {"FL", "FR", "FC", "LFE", "BL", "BR"}, "5.1", {"FL", "FR", "FC", "LFE", "BL", "BR"}},
      {"5.1(side)",
       {"FL", "FR", "FC", "LFE", "SL", "SR"},
       "5.1",
       {"FL", "FR", "FC", "LFE", "SL", "SR"}},
      {"6.1",
       {"FL", "FR", "FC", "LFE", "BC", "SL", "SR"},
       "6.1(back)",
       {"FL", "FR", "FC", "LFE", "SL", "SR", "BC"}},
      {"7.1(wide-side)",
       {"FL", "FR", "FC", "LFE", "FLC", "FRC", "SL", "SR"},
       "7.1(wide)",
       {"FL", "FR", "FC", "LFE", "SL", "SR", "FLC", "FRC"}},
      {"quad", {"FL", "FR", "BL", "BR"}, "5.0", {"FL", "FR", "", "BL", "BR"}},
      {"2.1", {"FL", "FR", "LFE"}, "5.1", {"FL", "FR", "", "LFE", "", ""}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.layout);
    write_surround("song.wav", row.layout, static_cast<int>(row.speakers.size()));
    const FilmSummary summary = film({.file = "song.wav"});
    EXPECT_EQ(summary.song->film_codec, "alac");
    EXPECT_TRUE(summary.song->exact);
    EXPECT_EQ(summary.song->speakers.empty(), std::string(row.layout) == "5.1");
    EXPECT_EQ(layout_of("film.mp4"), row.stored);
    const auto before = channels_of("song.wav", row.speakers.size());
    const auto after = channels_of("film.mp4", row.places.size());
    for (std::size_t i = 0; i < row.places.size(); ++i) {
      const auto speaker = std::find(row.speakers.begin(), row.speakers.end(), row.places[i]);
      if (speaker == row.speakers.end()) {
        EXPECT_EQ(peak_of(after[i]), 0) << i;
      } else {
        EXPECT_GT(peak_of(after[i]), 0.15) << *speaker;
        EXPECT_EQ(
            difference(before[static_cast<std::size_t>(speaker - row.speakers.begin())], after[i]),
            0)
            << *speaker;
      }
    }
  }
}

TEST_F(SongSound, WhatHasNoPlaceIsMixedIfAskedFor) {
  write_surround("song.wav", "7.1", 8);
  ffmpeg_tool(folder_, "-i song.wav song.flac");
  for (const char* name : {"song.wav", "song.flac"}) {
    for (const SongCodec codec : {SongCodec::automatic, SongCodec::alac, SongCodec::aac}) {
      const SongPart song{.file = file(name), .codec = codec};
      EXPECT_EQ(kind_thrown([&] { prove_song(song, VideoCodec::h264); }), Kind::invalid);
      const auto told = message_thrown([&] { prove_song(song, VideoCodec::h264); });
      EXPECT_NE(told.find("channels = \"stereo\" in [music]"), std::string::npos) << told;
      EXPECT_NE(told.find("(7.1)"), std::string::npos) << told;
    }
    EXPECT_TRUE(film({.file = name},
                     std::string(name) == "song.wav" ? VideoCodec::prores : VideoCodec::ffv1)
                    .song->copied);
    for (const SongCodec codec : {SongCodec::automatic, SongCodec::aac}) {
      const FilmSummary summary =
          film({.file = name, .codec = codec, .channels = SongChannels::stereo});
      EXPECT_TRUE(summary.song->mixed);
      EXPECT_NE(describe(*summary.song, ".mp4").find("mixed to stereo"), std::string::npos);
      EXPECT_EQ(layout_of("film.mp4"), "stereo");
    }
  }
}

TEST_F(SongSound, StereoIsWhatTheFfmpegProgramMixes) {
  const std::pair<const char*, int> rows[] = {{"5.1", 6},  {"5.1(side)", 6}, {"7.1", 8},
                                              {"quad", 4}, {"2.1", 3},       {"6.1", 7}};
  for (const auto& [layout, channels] : rows) {
    SCOPED_TRACE(layout);
    write_surround("song.wav", layout, channels);
    ffmpeg_tool(folder_, "-i song.wav -ac 2 stereo.wav");
    film({.file = "song.wav", .channels = SongChannels::stereo});
    const auto mixed = channels_of("film.mp4", 2);
    const auto expected = channels_of("stereo.wav", 2);
    for (const std::size_t side : {0, 1}) {
      EXPECT_GT(peak_of(mixed[side]), 0.1);
      EXPECT_LT(difference(mixed[side], expected[side]), 2.0 / 32768);
    }
  }
}

TEST_F(SongSound, OneChannelMixedToTwoIsAsLoudInEach) {
  write_surround("song.wav", "mono", 1);
  film({.file = "song.wav", .channels = SongChannels::stereo});
  const auto before = channels_of("song.wav", 1)[0];
  for (const auto& side : channels_of("film.mp4", 2)) EXPECT_EQ(difference(before, side), 0);
  // Two channels are stereo already.
  write_surround("two.wav", "stereo", 2);
  ffmpeg_tool(folder_, "-i two.wav two.mp3");
  EXPECT_TRUE(film({.file = "two.mp3", .channels = SongChannels::stereo}).song->copied);
}

// PCM in Matroska says how many channels there are, and no more.
TEST_F(SongSound, SpeakersAreNotLostInMatroska) {
  write_surround("quad.wav", "quad", 4);
  EXPECT_FALSE(film({.file = "quad.wav"}, VideoCodec::ffv1).song->copied);
  EXPECT_EQ(layout_of("film.mkv"), "5.0");
  write_surround("usual.wav", "5.1(side)", 6);
  EXPECT_TRUE(film({.file = "usual.wav"}, VideoCodec::ffv1).song->copied);
}

class ClickSong : public SongSound {
 protected:
  void SetUp() override {
    write_click_song(file("s.wav"), 4);
    ffmpeg_tool(folder_, "-i s.wav s.mp3");
    ffmpeg_tool(folder_, "-i s.wav -c:a aac s.m4a");
    ffmpeg_tool(folder_, "-i s.wav -c:a alac alac.m4a");
  }
};

TEST_F(ClickSong, ACopyIsACopyOrRefused) {
  EXPECT_TRUE(film({.file = "s.mp3", .codec = SongCodec::copy}).song->copied);
  EXPECT_TRUE(film({.file = "s.wav", .codec = SongCodec::copy}, VideoCodec::ffv1).song->copied);
  const auto refusal = [&](SongPart song, VideoCodec codec) {
    song.file = file(song.file);
    song.codec = SongCodec::copy;
    EXPECT_EQ(kind_thrown([&] { prove_song(song, codec); }), Kind::invalid);
    return message_thrown([&] { prove_song(song, codec); });
  };
  const std::pair<std::string, std::string> rows[] = {
      {refusal({.file = "s.wav"}, VideoCodec::h264), ".mp4 films cannot carry pcm_s16le"},
      {refusal({.file = "s.mp3", .from = {1, 2}}, VideoCodec::ffv1), "between packets"},
      {refusal({.file = "s.mp3", .gain = -3.0}, VideoCodec::h264), "by -3.0 dB"}};
  for (const auto& [told, reason] : rows) {
    EXPECT_NE(told.find(reason), std::string::npos) << told;
    EXPECT_NE(told.find("\"alac\" or \"aac\""), std::string::npos) << told;
  }
  write_surround("mono.wav", "mono", 1);
  EXPECT_NE(refusal({.file = "mono.wav", .channels = SongChannels::stereo}, VideoCodec::prores)
                .find("mixed"),
            std::string::npos);
}

TEST_F(ClickSong, ACodecIsTheOneThatWasAskedFor) {
  const FilmSummary lossless = film({.file = "s.mp3", .codec = SongCodec::alac});
  EXPECT_EQ(lossless.song->film_codec, "alac");
  EXPECT_EQ(inspect(file("film.mp4")).audio->codec, "alac");
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1}) {
    const FilmSummary lossy = film({.file = "s.wav", .codec = SongCodec::aac}, codec);
    EXPECT_EQ(lossy.song->film_codec, "aac");
    EXPECT_FALSE(lossy.song->exact);
    const std::string told = describe(*lossy.song, file_extension(codec));
    EXPECT_EQ(told, "stored as aac (pcm_s16le)");
    EXPECT_EQ(inspect(file("film" + std::string(file_extension(codec)))).audio->codec, "aac");
  }
  // Nothing is encoded that is of that codec already.
  EXPECT_TRUE(film({.file = "s.m4a", .codec = SongCodec::aac}).song->copied);
  EXPECT_TRUE(film({.file = "alac.m4a", .codec = SongCodec::alac}).song->copied);
  EXPECT_FALSE(film({.file = "s.m4a", .codec = SongCodec::aac, .gain = -1.0}).song->copied);
}

TEST_F(ClickSong, AacIsOfAHighBitRate) {
  ffmpeg_tool(folder_,
              "-f lavfi -i 'anoisesrc=d=4:a=0.3:seed=5[a];anoisesrc=d=4:a=0.3:seed=6[b];"
              "[a][b]amerge' -ar 44100 noise.wav");
  film({.file = "noise.wav", .codec = SongCodec::aac}, VideoCodec::h264, 96);
  const std::string told =
      ffprobe_tool(folder_, "-select_streams a -show_entries stream=bit_rate -of csv=p=0 film.mp4");
  EXPECT_NEAR(std::stod(told), 320e3, 20e3);
  EXPECT_EQ(layout_of("film.mp4"), "stereo");
}

TEST_F(ClickSong, AacIsExactAtBothEnds) {
  const auto before = read_song_mono(file("s.wav")).samples;
  for (const VideoCodec codec : {VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1}) {
    const std::string name = "film" + std::string(file_extension(codec));
    for (const Ratio from : {Ratio{0, 1}, Ratio{1, 2}, Ratio{701, 500}}) {
      for (const int frames : {1, 24, 50, 120}) {
        SCOPED_TRACE(fmt::format("{} from {} for {}", name, from.value(), frames));
        const FilmSummary summary =
            film({.file = "s.wav", .from = from, .codec = SongCodec::aac}, codec, frames);
        const double expected = std::min(frames / 24.0, 4 - from.value());
        EXPECT_NEAR(summary.song->film_seconds.value(), expected, 1e-4);
        auto sound = read_song_mono(file(name)).samples;
        if (codec == VideoCodec::ffv1) {
          // libav leaves it to the player not to play what lies before time 0.
          const std::string start = ffprobe_tool(
              folder_, "-select_streams a -show_entries stream=start_time -of csv=p=0 " + name);
          EXPECT_NEAR(std::stod(start), -1024.0 / 44100, 1e-3);
          sound.erase(sound.begin(), sound.begin() + 1024);
        }
        EXPECT_NEAR(static_cast<double>(sound.size()), expected * 44100, 1);
        const auto begin = static_cast<std::size_t>(std::llround(from.value() * 44100));
        float most = 0;
        const std::size_t count = std::min(sound.size(), before.size() - begin);
        for (std::size_t i = 0; i < count; ++i) {
          most = std::max(most, std::abs(sound[i] - before[begin + i]));
        }
        // One sample too early or late is 0.25 in a click.
        EXPECT_LT(most, 0.1);
      }
    }
  }
}

TEST_F(ClickSong, TheSameAacTwice) {
  film({.file = "s.wav", .codec = SongCodec::aac});
  const std::string once = read_text(file("film.mp4"));
  film({.file = "s.wav", .codec = SongCodec::aac});
  EXPECT_TRUE(once == read_text(file("film.mp4")));
}

TEST_F(ClickSong, AacHasNoPlaceForSomeRates) {
  ffmpeg_tool(folder_, "-i s.wav -ar 192000 high.wav");
  const SongPart song{.file = file("high.wav"), .codec = SongCodec::aac};
  const auto told = message_thrown([&] { prove_song(song, VideoCodec::h264); });
  EXPECT_NE(told.find("192000 Hz"), std::string::npos) << told;
  EXPECT_NE(told.find("48000 Hz"), std::string::npos) << told;
  EXPECT_EQ(film({.file = "high.wav"}).song->film_codec, "alac");
}

TEST_F(ClickSong, AGainChangesAllSamples) {
  const auto before = read_song_mono(file("s.wav")).samples;
  for (const double gain : {-6.0, 0.5}) {
    const FilmSummary summary = film({.file = "s.wav", .gain = gain}, VideoCodec::h264, 96);
    EXPECT_EQ(summary.song->film_codec, "alac");
    EXPECT_FALSE(summary.song->exact);
    auto expected = before;
    for (float& sample : expected) sample *= static_cast<float>(std::pow(10, gain / 20));
    EXPECT_LT(difference(read_song_mono(file("film.mp4")).samples, expected), 1e-6);
  }
  EXPECT_NE(describe(prove_song({.file = file("s.mp3"), .gain = -6.0}, VideoCodec::h264), ".mp4")
                .find("lowered by 6.0 dB"),
            std::string::npos);
  EXPECT_NE(describe(prove_song({.file = file("s.mp3"), .gain = 3.0}, VideoCodec::h264), ".mp4")
                .find("raised by 3.0 dB"),
            std::string::npos);
  const FilmSummary lossy = film({.file = "s.wav", .codec = SongCodec::aac, .gain = -6.0});
  EXPECT_EQ(lossy.song->film_codec, "aac");
  EXPECT_NEAR(peak_of(read_song_mono(file("film.mp4")).samples), peak_of(before) / 2, 0.05);
  // What is too loud is said, as it would be of the song.
  const SongSummary loud = prove_song({.file = file("s.wav"), .gain = 6.0}, VideoCodec::h264);
  EXPECT_GT(loud.clipped, 0);
  EXPECT_NEAR(loud.peak, 0.9 * std::pow(10, 0.3), 1e-3);
}

TEST_F(ClickSong, AnAutomaticGainLowersWhatIsTooLoud) {
  EXPECT_TRUE(film({.file = "s.mp3", .gain = std::nullopt}).song->copied);
  EXPECT_TRUE(film({.file = "s.wav", .gain = std::nullopt}).song->exact);
  ffmpeg_tool(folder_,
              "-f lavfi -i 'aevalsrc=1.5*sin(2*PI*100*t)*between(t\\,1\\,2):d=3' "
              "-c:a pcm_f32le loud.wav");
  const FilmSummary summary =
      film({.file = "loud.wav", .gain = std::nullopt}, VideoCodec::h264, 72);
  EXPECT_EQ(summary.song->clipped, 0);
  EXPECT_NEAR(summary.song->gain, -20 * std::log10(1.5) - 0.1, 1e-3);
  EXPECT_NEAR(peak_of(read_song_mono(file("film.mp4")).samples), std::pow(10, -0.1 / 20), 1e-4);
  // The peak that counts is the part's.
  const SongSummary quiet = prove_song(
      {.file = file("loud.wav"), .to = Ratio{1, 2}, .gain = std::nullopt}, VideoCodec::h264);
  EXPECT_EQ(quiet.gain, 0);
  // A film that begins behind the peak is of the same part.
  const SongSummary rest = prove_song(
      {.file = file("loud.wav"), .gain = std::nullopt, .skip = {5, 2}}, VideoCodec::h264);
  EXPECT_EQ(rest.gain, summary.song->gain);
  // And that of what is mixed.
  write_surround("song.wav", "quad", 4);
  EXPECT_EQ(
      prove_song({.file = file("song.wav"), .channels = SongChannels::stereo, .gain = std::nullopt},
                 VideoCodec::h264)
          .gain,
      0);
}

}  // namespace
}  // namespace latentreel::ffmpeg
