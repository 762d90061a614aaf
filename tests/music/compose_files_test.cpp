#include "src/music/compose_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "ffmpeg/error.h"
#include "scenes/manifest.h"
#include "scenes/scene_error.h"
#include "scenes/scene_reader.h"
#include "src/music/lyrics.h"
#include "tests/temporary_folder.h"

namespace latentreel::music {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string little_endian(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

// A WAV file of silence: 8 bits, mono, 8000 Hz.
std::string silence(std::uint32_t seconds) {
  const std::string samples(8000 * seconds, '\x80');
  const std::string format = little_endian(1, 2) + little_endian(1, 2) + little_endian(8000, 4) +
                             little_endian(8000, 4) + little_endian(1, 2) + little_endian(8, 2);
  const auto size = static_cast<std::uint32_t>(samples.size());
  return "RIFF" + little_endian(size + 36, 4) + "WAVEfmt " + little_endian(16, 4) + format +
         "data" + little_endian(size, 4) + samples;
}

class ComposeFilesTest : public testing::Test {
 protected:
  // Writes what was composed, and reads the scene `index` as a render would.
  scenes::Scene written_scene(const std::vector<ComposedFile>& files, std::size_t index) const {
    for (const auto& file : files) {
      folder_.write(fs::relative(file.file, folder_.path()).string(), file.text);
    }
    return scenes::read_scene(files.at(index).file, {}, read_subtitle_lines);
  }

  std::string error_of(const ComposeRequest& request) const {
    try {
      compose_files(request);
    } catch (const scenes::SceneError& error) {
      return error.what();
    }
    return {};
  }

  TemporaryFolder folder_;
};

TEST_F(ComposeFilesTest, ComposesASongWithItsLyrics) {
  ComposeRequest request;
  request.song = folder_.write("Night drive.wav", silence(10));
  request.lyrics = folder_.write("words.lrc", "[00:01]one\n[00:04]two\n");
  const auto files = compose_files(request);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].file, folder_.path() / "Night drive.toml");
  const auto scene = written_scene(files, 0);
  EXPECT_EQ(scene.title, "Night drive");
  EXPECT_EQ(scene.music.file, request.song);
  EXPECT_EQ(scene.music.lyrics, request.lyrics);
  EXPECT_EQ(scene.keyframes.size(), 2U);
}

TEST_F(ComposeFilesTest, TakesTheSongsOwnTitle) {
  ComposeRequest request;
  request.song = LATENTREEL_SOURCE_DIR "/examples/metronome.m4a";
  request.output = folder_.path() / "film.toml";
  request.step = {.unit = scenes::ComposeStep::Unit::seconds, .count = {4, 1}};
  EXPECT_EQ(written_scene(compose_files(request), 0).title, "Metronome");
}

TEST_F(ComposeFilesTest, NamesFilesFromTheScenesFolder) {
  fs::create_directories(folder_.path() / "scenes");
  ComposeRequest request;
  request.song = folder_.write("song.wav", silence(10));
  request.beats = folder_.write("beats.txt", "0\n1\n");
  request.output = folder_.path() / "scenes" / "first.toml";
  request.step = scenes::parse_step("1 bar");
  const auto files = compose_files(request);
  EXPECT_THAT(files[0].text, HasSubstr("file = \"../song.wav\""));
  EXPECT_THAT(files[0].text, HasSubstr("beats = \"../beats.txt\""));
  EXPECT_EQ(written_scene(files, 0).keyframes.size(), 3U);
}

TEST_F(ComposeFilesTest, TakesTheBeatsThatAnalyzeWrote) {
  ComposeRequest request;
  request.song = folder_.write("songs/song.wav", silence(20));
  request.output = folder_.path() / "first.toml";
  const auto without = compose_files(request);
  EXPECT_TRUE(without[0].beats.empty());
  EXPECT_EQ(written_scene(without, 0).keyframes.size(), 3U);  // every 8 s
  const auto by_song = folder_.write("songs/song.beats.txt", "0\n1\n");
  const auto first = compose_files(request);
  EXPECT_EQ(first[0].beats, by_song);
  EXPECT_THAT(first[0].text, HasSubstr("beats = \"songs/song.beats.txt\""));
  EXPECT_EQ(written_scene(first, 0).keyframes.size(), 2U);  // every 4 bars
  const auto by_scene = folder_.write("song.beats.txt", "0\n0.5\n");
  EXPECT_EQ(compose_files(request)[0].beats, by_scene);
  request.options.bpm = {118, 1};
  const auto tempo = compose_files(request);
  EXPECT_TRUE(tempo[0].beats.empty());
  EXPECT_THAT(tempo[0].text, Not(HasSubstr("beats =")));
}

// A song without a steady beat has sections only.
TEST_F(ComposeFilesTest, TakesBeatsFilesWithoutATempo) {
  ComposeRequest request;
  request.song = folder_.write("song.wav", silence(20));
  const auto found = folder_.write("song.beats.txt", "0\t20\tsection A\n");
  const auto files = compose_files(request);
  const auto scene = written_scene(files, 0);
  EXPECT_EQ(scene.keyframes.size(), 3U);
  EXPECT_EQ(scene.music.sections, found);
  EXPECT_TRUE(scene.music.beats.empty());
}

TEST_F(ComposeFilesTest, LeavesOutLinesBehindTheSongsEnd) {
  ComposeRequest request;
  request.song = folder_.write("song.wav", silence(10));
  request.lyrics = folder_.write("words.lrc", "[00:01]one\n[00:09.98]two\n[01:04]three\n");
  const auto files = compose_files(request);
  EXPECT_EQ(files[0].lines_left_out, 2U);
  EXPECT_EQ(written_scene(files, 0).keyframes.size(), 1U);
  request.lyrics = folder_.write("others.lrc", "[01:04]three\n");
  EXPECT_THAT(error_of(request), HasSubstr("all lines of the lyrics come after the song's end"));
}

TEST_F(ComposeFilesTest, ComposesAnAlbum) {
  ComposeRequest request;
  request.song = folder_.path();
  folder_.write("b.wav", silence(20));
  folder_.write("a.WAV", silence(10));
  folder_.write("a.srt", "1\n00:00:01,000 --> 00:00:02,000\none\n");
  folder_.write("notes.txt", "not a song");
  const auto files = compose_files(request);
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(written_scene(files, 0).keyframes.size(), 1U);
  EXPECT_EQ(written_scene(files, 1).keyframes.size(), 3U);
  EXPECT_EQ(files[2].file, folder_.path() / "album.toml");
  const auto films = scenes::read_manifest(files[2].file);
  ASSERT_EQ(films.size(), 2U);
  EXPECT_EQ(films[0].scene, folder_.path() / "a.toml");
  EXPECT_EQ(films[1].output, "02-b.mp4");
}

TEST_F(ComposeFilesTest, SaysWhatIsWrong) {
  ComposeRequest request;
  request.song = folder_.path();
  EXPECT_THAT(error_of(request), HasSubstr("there are no songs in the folder"));
  folder_.write("a.wav", silence(1));
  folder_.write("a.mp3", "");
  EXPECT_THAT(error_of(request),
              HasSubstr("two songs would have the scene a.toml: a.mp3 and a.wav"));
  fs::remove(folder_.path() / "a.mp3");
  folder_.write("a.lrc", "no times\n");
  EXPECT_THAT(error_of(request), HasSubstr("a.lrc:1:1: a line without its time"));
  request.song = folder_.path() / "none.wav";
  EXPECT_THROW(compose_files(request), ffmpeg::MediaError);
}

}  // namespace
}  // namespace latentreel::music
