// What is left behind when writing fails: the old film, whole, and nothing else.

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include "ffmpeg/film_check.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

VideoSettings settings(VideoCodec codec) {
  return {.width = 96, .height = 64, .codec = codec, .gop = 12};
}

// Files may not grow beyond so many bytes while this lives, as on a full disk.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_ = {};
  sighandler_t handler_ = SIG_DFL;
};

class FullDisk : public testing::TestWithParam<VideoCodec> {};

TEST_P(FullDisk, AtAnyByteLeavesTheOldFilm) {
  const TemporaryFolder folder;
  write_click_song(folder / "song.wav", 1);
  const std::string name = "film" + std::string(file_extension(GetParam()));
  VideoSettings wanted = settings(GetParam());
  wanted.song = SongPart{folder / "song.wav", {0, 1}, {}};
  wanted.scene_text = std::string(3000, 's');
  make_film(folder / name, wanted, 6);
  const auto bytes = std::filesystem::file_size(folder / name);
  write_text(folder / name, "the old film");
  int failures = 0;
  for (int step = 0; step < 40; ++step) {
    const auto limit = bytes * static_cast<std::uintmax_t>(step) / 40;
    SCOPED_TRACE(fmt::format("limit {} of {}", limit, bytes));
    int error = 0;
    try {
      const FileLimit full(limit);
      make_film(folder / name, wanted, 6);
    } catch (const MediaError& failure) {
      EXPECT_EQ(failure.kind(), Kind::write_failed) << failure.what();
      EXPECT_NE(std::string(failure.what()).find("free some space"), std::string::npos);
      error = failure.system_error();
      ++failures;
    }
    EXPECT_EQ(error, EFBIG);
    EXPECT_EQ(folder.names(), (std::vector<std::string>{name, "song.wav"}));
    EXPECT_EQ(read_text(folder / name), "the old film");
  }
  EXPECT_EQ(failures, 40);
}

TEST(FullDisk, LastBytesOfASmallFilm) {
  // The last writes are the index, which MP4 moves to the front: each single byte must be missed.
  const TemporaryFolder folder;
  const VideoSettings wanted = settings(VideoCodec::h264);
  make_film(folder / "film.mp4", wanted, 1);
  const auto bytes = std::filesystem::file_size(folder / "film.mp4");
  write_text(folder / "film.mp4", "the old film");
  for (std::uintmax_t missing = 1; missing < 60; ++missing) {
    const FileLimit full(bytes - missing);
    EXPECT_EQ(kind_thrown([&] { make_film(folder / "film.mp4", wanted, 1); }), Kind::write_failed);
  }
  EXPECT_EQ(read_text(folder / "film.mp4"), "the old film");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"film.mp4"});
  const FileLimit enough(bytes);
  EXPECT_NO_THROW(make_film(folder / "film.mp4", wanted, 1));
}

INSTANTIATE_TEST_SUITE_P(VideoWriter, FullDisk,
                         testing::Values(VideoCodec::h264, VideoCodec::prores, VideoCodec::ffv1),
                         [](const auto& tested) { return std::string(codec_name(tested.param)); });

TEST(Films, LongAndOddNames) {
  const TemporaryFolder folder;
  for (const std::string& name : {std::string(251, 'n') + ".mp4",
                                  std::string("a|b:c %03d 'q' – ü.mp4"), std::string("-o.mp4")}) {
    make_film(folder / name, settings(VideoCodec::h264), 2);
    EXPECT_EQ(inspect(folder / name).frames, 2);
    std::filesystem::remove(folder / name);
  }
}

TEST(Films, AKilledRunLeavesTheOldFilm) {
  const TemporaryFolder folder;
  make_film(folder / "film.mp4", settings(VideoCodec::h264), 5);
  for (int delay_ms = 0; delay_ms < 300; delay_ms += 30) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        for (;;) make_film(folder / "film.mp4", settings(VideoCodec::h264), 5);
      } catch (...) {
      }
      ::_exit(1);
    }
    ::usleep(static_cast<useconds_t>(delay_ms) * 1000);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const FilmInfo film = inspect(folder / "film.mp4");
    EXPECT_EQ(film.decoded, 5);
  }
  make_film(folder / "film.mp4", settings(VideoCodec::h264), 5);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"film.mp4"});
}

}  // namespace
}  // namespace latentreel::ffmpeg
