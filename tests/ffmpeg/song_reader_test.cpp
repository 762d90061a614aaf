#include "ffmpeg/song_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "ffmpeg/song.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

std::vector<float> read_all(const std::filesystem::path& file, int rate, std::size_t block) {
  SongReader reader(file, rate);
  std::vector<float> samples, part(block);
  for (std::size_t got = block; got == block;) {
    got = reader.read(part);
    samples.insert(samples.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(got));
  }
  EXPECT_EQ(reader.read(part), 0u);
  return samples;
}

TEST(SongReader, HandsOutTheWholeSongInBlocksOfAnySize) {
  const TemporaryFolder folder;
  write_click_song(folder / "song.wav", 2.5);
  const auto whole = read_song_mono(folder / "song.wav");
  EXPECT_EQ(whole.sample_rate, 44100);
  ASSERT_EQ(whole.samples.size(), 110250u);
  for (const std::size_t block : {1u, 441u, 4096u, 200000u}) {
    EXPECT_EQ(read_all(folder / "song.wav", 0, block), whole.samples) << block;
  }
  // At a rate that is the song's own nothing changes either.
  EXPECT_EQ(read_all(folder / "song.wav", 44100, 1000), whole.samples);
}

TEST(SongReader, KeepsTimesAtAnotherRate) {
  const TemporaryFolder folder;
  for (const int rate : {8000, 22050, 48000, 96000}) {
    write_click_song(folder / "song.wav", 4, rate);
    const auto samples = read_all(folder / "song.wav", 44100, 441);
    EXPECT_NEAR(static_cast<double>(samples.size()), 4 * 44100, 2) << rate;
    const auto clicks = find_clicks(samples, 44100);
    ASSERT_EQ(clicks.size(), 4u) << rate;
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(static_cast<double>(clicks[i]), static_cast<double>(i) * 44100, 12) << rate;
    }
  }
}

TEST(SongReader, SumsChannelsWithoutGoingBeyondFullScale) {
  const TemporaryFolder folder;
  ffmpeg_tool(folder,
              "-f lavfi -i 'aevalsrc=0.99*sin(2*PI*100*t)|0.99*sin(2*PI*100*t):d=1' "
              "-c:a pcm_f32le song.wav");
  const auto samples = read_all(folder / "song.wav", 44100, 1000);
  const float most = *std::max_element(samples.begin(), samples.end());
  EXPECT_NEAR(most, 0.99, 1e-3);
}

TEST(SongReader, TakesWhatIsNoNumberForSilence) {
  const TemporaryFolder folder;
  ffmpeg_tool(folder, "-f lavfi -i 'aevalsrc=0.5*sin(2*PI*100*t):d=1' -c:a pcm_f32le song.wav");
  std::string bytes = read_text(folder / "song.wav");
  bytes.replace(bytes.size() - 4, 4, std::string("\x00\x00\xC0\x7F", 4));
  write_text(folder / "song.wav", bytes);
  const auto samples = read_all(folder / "song.wav", 0, 1000);
  EXPECT_EQ(samples.back(), 0);
  for (const float sample : samples) ASSERT_TRUE(std::isfinite(sample));
}

TEST(SongReader, SaysWhatIsNoSong) {
  const TemporaryFolder folder;
  write_text(folder / "song.wav", "no song");
  EXPECT_EQ(kind_thrown([&] { SongReader reader(folder / "song.wav"); }),
            MediaError::Kind::invalid);
  EXPECT_EQ(kind_thrown([&] { SongReader reader(folder / "none.wav"); }),
            MediaError::Kind::missing);
}

}  // namespace
}  // namespace latentreel::ffmpeg
