#include "src/plan/renderer.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "ffmpeg/film_check.h"
#include "scenes/preview.h"
#include "scenes/scene_error.h"
#include "src/files/error.h"
#include "src/frames/caption.h"
#include "src/frames/frame_decoder.h"
#include "src/frames/frame_sink.h"
#include "src/frames/frame_stream.h"
#include "src/frames/grid.h"
#include "src/run/error.h"
#include "src/store/store.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using testing::job_for;
using testing::RecordedProgress;
using testing::small_scene;

class Renders : public ::testing::Test {
 protected:
  RenderJob stored(RenderJob job) const {
    job.store = folder_ / "store";
    return job;
  }
  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(Renders, AFilmWithExactlyTheFramesAskedFor) {
  RecordedProgress record;
  const auto file = folder_ / "film.mp4";
  const auto summary = render_film(job_for(small_scene()), file, record, record.stop);
  EXPECT_EQ(summary.film.frames, 9);  // 1 s at 8 fps and the last keyframe's own frame
  const auto film = ffmpeg::inspect(file);
  EXPECT_EQ(film.decoded, 9);
  EXPECT_EQ(film.width, 64);
  EXPECT_EQ(film.height, 64);
  EXPECT_EQ(record.iterations.size(), 6u);
  EXPECT_EQ(record.frames, 9);
  EXPECT_EQ(record.tasks.front(), "key:0 started");
  EXPECT_EQ(record.tasks.back(), "film finished");
  EXPECT_TRUE(record.warnings.empty());
}

TEST_F(Renders, WarnsOfWordsThatTheClipWasNeverTaught) {
  RecordedProgress record, again;
  const auto job = stored(job_for(small_scene(), {{"keyframe.1.prompt", "a zebra and a red gnu"}}));
  render_film(job, folder_ / "a.mp4", record, record.stop);
  ASSERT_EQ(record.warnings.size(), 1u);
  EXPECT_NE(record.warnings[0].find("\"a zebra and a red gnu\""), std::string::npos);
  EXPECT_NE(record.warnings[0].find("does not know: zebra, gnu."), std::string::npos);
  render_film(job, folder_ / "b.mp4", again, again.stop);
  EXPECT_TRUE(again.warnings.empty());  // it was said when the keyframe was made
}

TEST_F(Renders, TheSameFilmTwice) {
  RecordedProgress record;
  render_film(job_for(small_scene()), folder_ / "a.mp4", record, record.stop);
  render_film(job_for(small_scene()), folder_ / "b.mp4", record, record.stop);
  EXPECT_EQ(bytes_of(folder_ / "a.mp4"), bytes_of(folder_ / "b.mp4"));
}

TEST_F(Renders, AFilmWithTheSectionsAndLyricsOfItsSong) {
  RecordedProgress record, again, other;
  const auto sections = temporary_.write("sections.txt", "10\t10.5\tverse\n10.5\t12\tchorus\n");
  const auto lyrics = temporary_.write("song.lrc", "[la:en]\n[00:10.25]one\n[00:10.75]two\n");
  const auto job = stored(job_for(small_scene(), {{"artist", "A band"},
                                                  {"music.sections", sections.string()},
                                                  {"music.lyrics", lyrics.string()}}));
  auto part = job;
  part.scene.music.from = scenes::RationalTime(10, 1);
  render_film(part, folder_ / "a.mp4", record, record.stop);
  const auto film = ffmpeg::inspect(folder_ / "a.mp4");
  EXPECT_EQ(film.artist, "A band");
  EXPECT_EQ(film.tracks,
            (ffmpeg::FilmTracks{.chapters = {{{0, 1}, {1, 2}, "verse"}, {{1, 2}, {9, 8}, "chorus"}},
                                .captions = {{{1, 4}, {3, 4}, "one"}, {{3, 4}, {9, 8}, "two"}},
                                .language = "eng"}));
  // What is kept is joined to the same film, and to another one where the tracks are others.
  fs::remove(folder_ / "a.mp4");
  render_film(part, folder_ / "b.mp4", again, again.stop);
  EXPECT_TRUE(again.iterations.empty());
  EXPECT_EQ(again.tasks.back(), "film finished");
  const auto first = bytes_of(folder_ / "b.mp4");
  part.scene.music.subtitles = false;
  render_film(part, folder_ / "b.mp4", other, other.stop);
  EXPECT_TRUE(other.iterations.empty());
  EXPECT_NE(bytes_of(folder_ / "b.mp4"), first);
  EXPECT_TRUE(ffmpeg::inspect(folder_ / "b.mp4").tracks.captions.empty());
}

// More keyframes than jobs and fewer, some from the one before, two alike; several chunks of
// cutouts; paces; more segments than one.
std::string scene_for_jobs() {
  std::string scene = testing::kSmall;
  scene += R"([interpolate]
pacing = "even"
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
cutouts = 40
[[keyframe]]
at = 1
prompt = "a yellow star on a blue background"
[[keyframe]]
at = 2
prompt = "a green cactus"
start = "previous"
[[keyframe]]
at = 3
prompt = "a yellow star on a blue background"
[[keyframe]]
at = 6
prompt = "a white moon"
)";
  return scene;
}

TEST_F(Renders, TheSameFilmWithAnyNumberOfJobs) {
  std::string one;
  for (const int jobs : {1, 2, 5}) {
    RecordedProgress record;
    auto job = job_for(scene_for_jobs());
    job.jobs = jobs;
    const auto file = folder_ / (std::to_string(jobs) + ".mp4");
    render_film(job, file, record, record.stop);
    EXPECT_TRUE(record.warnings.empty());
    EXPECT_EQ(record.iterations.size(), 12u);  // the two that are alike are made once
    EXPECT_EQ(record.frames, 49);
    if (one.empty()) one = bytes_of(file);
    EXPECT_EQ(bytes_of(file), one) << jobs << " jobs";
  }
}

TEST_F(Renders, AStoppedRunOfSeveralJobsContinuesToTheSameFilm) {
  RecordedProgress whole;
  const auto scene = scene_for_jobs();
  render_film(job_for(scene), folder_ / "whole.mp4", whole, whole.stop);
  for (const int stop_at : {1, 4, 9}) {
    const auto store = folder_ / std::to_string(stop_at);
    RecordedProgress stopped, rest;
    auto job = job_for(scene);
    job.store = store;
    job.jobs = 3;
    stopped.stop_at = stop_at;
    EXPECT_THROW(render_film(job, folder_ / "film.mp4", stopped, stopped.stop), Stopped);
    job.jobs = 2;
    render_film(job, folder_ / "film.mp4", rest, rest.stop);
    EXPECT_EQ(stopped.iterations.size() + rest.iterations.size(), 12u);  // none is lost
    EXPECT_EQ(bytes_of(folder_ / "whole.mp4"), bytes_of(folder_ / "film.mp4"));
    fs::remove(folder_ / "film.mp4");
  }
}

TEST_F(Renders, AKeyframeThatFailsEndsTheOthersAndLosesNothingOfThem) {
  RecordedProgress record;
  auto job = stored(job_for(scene_for_jobs()));
  job.jobs = 3;
  record.stop_at = 3;
  record.at_once = true;  // an exception of one job
  EXPECT_THROW(render_film(job, folder_ / "film.mp4", record, record.stop), Stopped);
  const auto before = record.iterations.size();
  RecordedProgress rest;
  render_film(job, folder_ / "film.mp4", rest, rest.stop);
  EXPECT_LE(before + rest.iterations.size(), 13u);  // the one that threw is made again
}

TEST_F(Renders, ReusesFinishedKeyframesAndOnlyThose) {
  RecordedProgress first, second, edited;
  render_film(stored(job_for(small_scene())), folder_ / "a.mp4", first, first.stop);
  render_film(stored(job_for(small_scene())), folder_ / "b.mp4", second, second.stop);
  EXPECT_TRUE(second.iterations.empty());
  EXPECT_EQ(second.tasks.front(), "key:0 reused");
  EXPECT_EQ(bytes_of(folder_ / "a.mp4"), bytes_of(folder_ / "b.mp4"));
  render_film(stored(job_for(small_scene(), {{"keyframe.1.prompt", "a green cactus"},
                                             {"keyframe.1.at", "2"},
                                             {"video.fps", "6"}})),
              folder_ / "c.mp4", edited, edited.stop);
  EXPECT_EQ(edited.iterations.size(), 3u);  // one keyframe of two
  EXPECT_EQ(edited.tasks.front(), "key:0 reused");
}

TEST_F(Renders, StartingFromThePreviousFollowsItsChange) {
  const std::vector<scenes::Override> chain = {{"keyframe.1.start", "previous"}};
  auto changed = chain;
  changed.push_back({"keyframe.0.prompt", "a green cactus"});
  RecordedProgress first, second;
  render_film(stored(job_for(small_scene(), chain)), folder_ / "a.mp4", first, first.stop);
  render_film(stored(job_for(small_scene(), changed)), folder_ / "b.mp4", second, second.stop);
  EXPECT_EQ(second.iterations.size(), 6u);
}

TEST_F(Renders, AStoppedRunContinuesToTheSameFilm) {
  RecordedProgress whole, stopped, rest;
  render_film(job_for(small_scene()), folder_ / "whole.mp4", whole, whole.stop);
  stopped.stop_at = 2;
  EXPECT_THROW(
      render_film(stored(job_for(small_scene())), folder_ / "film.mp4", stopped, stopped.stop),
      Stopped);
  EXPECT_FALSE(fs::exists(folder_ / "film.mp4"));
  render_film(stored(job_for(small_scene())), folder_ / "film.mp4", rest, rest.stop);
  EXPECT_EQ(rest.iterations.size(), 4u);
  EXPECT_EQ(bytes_of(folder_ / "whole.mp4"), bytes_of(folder_ / "film.mp4"));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path().string().find(".part"), std::string::npos) << entry.path();
  }
}

// Joining a long film and reading it back takes a while: each packet is a moment to stop.
TEST_F(Renders, AStopIsObeyedAtEveryMomentOfJoiningAndLosesNothing) {
  RecordedProgress first;
  render_film(stored(job_for(small_scene())), folder_ / "whole.mp4", first, first.stop);
  const auto whole = bytes_of(folder_ / "whole.mp4");
  const auto file = folder_ / "film.mp4";
  // Asks for a stop at one look of those after the film was started; returns how many there were.
  const auto join = [&](int stop_at) {
    RecordedProgress record;
    int looks = 0;
    record.stop.set_watch([&] {
      const bool joining = !record.tasks.empty() && record.tasks.back() == "film started";
      if (joining && ++looks == stop_at) record.stop.request(15);
    });
    const auto render = [&] {
      render_film(stored(job_for(small_scene())), file, record, record.stop);
    };
    if (stop_at == 0) {
      render();
    } else {
      EXPECT_THROW(render(), Stopped) << stop_at;
    }
    EXPECT_TRUE(record.iterations.empty());
    EXPECT_THAT(record.tasks, ::testing::Contains("seg:0 reused"));
    return looks;
  };
  const int looks = join(0);
  EXPECT_GT(looks, 9 + 2);  // each frame that is read back, writing, and before and after
  for (int at = 1; at <= looks; ++at) {
    std::ofstream(file) << "an older film";
    join(at);
    EXPECT_EQ(bytes_of(file), "an older film");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 3);  // both films, the store
  }
  join(0);
  EXPECT_TRUE(bytes_of(file) == whole);
}

TEST_F(Renders, DamagedStoreEntriesAreMadeAgainAndSaid) {
  RecordedProgress first, second;
  render_film(stored(job_for(small_scene())), folder_ / "a.mp4", first, first.stop);
  int damaged = 0;
  for (const auto& entry : Store::entries(folder_ / "store")) {
    if (entry.kind == "digest" || entry.kind == "film") continue;
    std::fstream file(entry.file, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(entry.bytes / 2));
    file.put('?');
    ++damaged;
  }
  EXPECT_EQ(damaged, 4);  // two keyframes, a pace, a segment
  render_film(stored(job_for(small_scene())), folder_ / "b.mp4", second, second.stop);
  EXPECT_EQ(second.iterations.size(), 6u);
  EXPECT_EQ(second.warnings.size(), 4u);
  EXPECT_EQ(bytes_of(folder_ / "a.mp4"), bytes_of(folder_ / "b.mp4"));
}

TEST_F(Renders, AFilmThatIsThereIsLeftAsItIs) {
  RecordedProgress first, second, third;
  const auto file = folder_ / "a.mp4";
  render_film(stored(job_for(small_scene())), file, first, first.stop);
  const auto before = fs::last_write_time(file);
  render_film(stored(job_for(small_scene())), file, second, second.stop);
  EXPECT_EQ(fs::last_write_time(file), before);
  EXPECT_EQ(second.tasks.back(), "film reused");
  const auto whole = bytes_of(file);
  std::fstream(file, std::ios::binary | std::ios::in | std::ios::out).put('?');
  render_film(stored(job_for(small_scene())), file, third, third.stop);
  EXPECT_EQ(third.tasks.back(), "film finished");
  EXPECT_EQ(bytes_of(file), whole);
}

TEST_F(Renders, ForceMakesEverythingAnewToTheSameFilm) {
  RecordedProgress first, second;
  render_film(stored(job_for(small_scene())), folder_ / "a.mp4", first, first.stop);
  auto job = stored(job_for(small_scene()));
  job.reuse = Reuse::no;
  render_film(job, folder_ / "a.mp4", second, second.stop);
  EXPECT_EQ(second.iterations.size(), 6u);
  EXPECT_THAT(second.tasks, ::testing::Not(::testing::Contains(::testing::HasSubstr("reused"))));
}

TEST_F(Renders, ACodecChangeOptimizesNothing) {
  RecordedProgress first, second;
  render_film(stored(job_for(small_scene())), folder_ / "a.mp4", first, first.stop);
  render_film(stored(job_for(small_scene(), {{"video.codec", "ffv1"}})), folder_ / "a.mkv", second,
              second.stop);
  EXPECT_TRUE(second.iterations.empty());
  EXPECT_THAT(second.tasks, ::testing::Contains("pace:0 reused"));
}

// The k-th frame of a film of several segments is the k-th that was decoded, in every codec.
TEST_F(Renders, SegmentsJoinToTheFramesInOrderInEveryCodec) {
  for (const std::string codec : {"h264", "hevc", "av1", "prores", "ffv1"}) {
    RecordedProgress record;
    const auto job = job_for(small_scene(), {{"video.codec", codec}, {"keyframe.1.at", "5"}});
    const auto file = folder_ / ("film" + std::string(film_extension(job.scene.video.codec)));
    const auto summary = render_film(job, file, record, record.stop);
    EXPECT_EQ(summary.film.frames, 41) << codec;
    EXPECT_THAT(record.tasks, ::testing::Contains("seg:2 finished"));
    const auto film = ffmpeg::inspect(file);
    EXPECT_EQ(film.decoded, 41) << codec;
    EXPECT_TRUE(film.each_frame_once) << codec;
    EXPECT_EQ(film.keyframes >= 3, true) << codec;
  }
}

TEST_F(Renders, AnOutputThatCannotBeMadeFailsBeforeAnyIteration) {
  temporary_.write("nowhere", "a file where a folder is wanted");
  RecordedProgress record;
  EXPECT_THROW(
      render_film(job_for(small_scene()), folder_ / "nowhere" / "film.mp4", record, record.stop),
      files::FileError);
  EXPECT_TRUE(record.iterations.empty());
}

// The VQGAN of these tests makes pictures in steps of 8.
TEST_F(Renders, AFilmHasTheSizeAskedForWhateverTheCells) {
  RecordedProgress record;
  render_film(job_for(small_scene(), {{"video.size", "70x58"}}), folder_ / "film.mp4", record,
              record.stop);
  EXPECT_TRUE(record.warnings.empty());
  const auto film = ffmpeg::inspect(folder_ / "film.mp4");
  EXPECT_EQ(film.width, 70);
  EXPECT_EQ(film.height, 58);
}

TEST(Grid, CoversTheSizeAskedFor) {
  using Cells = std::pair<int64_t, int64_t>;
  models::VqganConfig vqgan;
  vqgan.multipliers = {1, 1, 2, 2, 4, 4};  // six levels: a cell is 32 pixels wide
  const auto grid_for = [&](int width, int height) {
    const auto grid = grid_of({.width = width, .height = height}, vqgan);
    return Cells(grid.width, grid.height);
  };
  EXPECT_EQ(grid_for(64, 96), Cells(2, 3));
  EXPECT_EQ(grid_for(65, 95), Cells(3, 3));
  EXPECT_EQ(grid_for(1, 32), Cells(1, 1));
}

TEST(Grid, ShowsTheMiddleOfAPicture) {
  const auto picture = at::arange(6 * 5).view({1, 1, 6, 5});
  EXPECT_TRUE(at::equal(middle_of(picture, {6, 5}), picture));
  EXPECT_TRUE(at::equal(middle_of(picture, {2, 3})[0][0],
                        at::tensor({11, 12, 13, 16, 17, 18}, at::kLong).view({2, 3})));
  EXPECT_TRUE(
      at::equal(middle_of(picture, {1, 2})[0][0], at::tensor({11, 12}, at::kLong).view({1, 2})));
}

// What is exported is what is encoded: a lossless film decodes to the very PNGs.
TEST_F(Renders, PicturesAreTheFilmsOwnPixels) {
  const std::vector<scenes::Override> lossless = {{"video.codec", "ffv1"}};
  RecordedProgress record;
  render_film(job_for(small_scene(), lossless), folder_ / "film.mkv", record, record.stop);
  render_pictures(job_for(small_scene(), lossless), folder_, {2, 6}, record, record.stop);
  std::set<int64_t> compared;
  ffmpeg::read_frames(folder_ / "film.mkv", [&](int64_t number, const ffmpeg::Image& image) {
    const auto file = PictureSink::name_of(folder_, number);
    if (!fs::exists(file)) return;
    EXPECT_EQ(ffmpeg::read_picture(file), image) << number;
    compared.insert(number);
  });
  EXPECT_EQ(compared, (std::set<int64_t>{2, 3, 4, 5}));
}

TEST_F(Renders, SomeFramesOfAFilmAreTheWholeFilmsOwn) {
  const auto scene =
      small_scene() + "[[keyframe]]\nat = 4\nprompt = \"a green cactus\"\n";  // 33 frames
  auto job = stored(job_for(scene, {{"video.codec", "ffv1"}}));
  job.range = scenes::FrameRange{3, 7};
  RecordedProgress part, whole;
  const auto summary = render_film(job, folder_ / "part.mkv", part, part.stop);
  EXPECT_EQ(summary.film.frames, 4);
  EXPECT_EQ(part.iterations.size(), 6u) << "two keyframes of three";
  EXPECT_EQ(part.frames, 4);
  EXPECT_EQ(summary.reused, 0);
  job.range.reset();
  EXPECT_EQ(render_film(job, folder_ / "whole.mkv", whole, whole.stop).reused, 2);
  EXPECT_EQ(whole.iterations.size(), 3u);
  std::vector<ffmpeg::Image> frames, expected;
  ffmpeg::read_frames(folder_ / "part.mkv",
                      [&](int64_t, const ffmpeg::Image& image) { frames.push_back(image); });
  ffmpeg::read_frames(folder_ / "whole.mkv", [&](int64_t number, const ffmpeg::Image& image) {
    if (number >= 3 && number < 7) expected.push_back(image);
  });
  ASSERT_EQ(frames.size(), 4u);
  for (size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(frames[i], expected[i]) << i;
}

// Segments that lie within the range are shared, whichever film is made first.
TEST_F(Renders, AWholeFilmReusesTheSegmentsOfItsRange) {
  auto job = stored(job_for(small_scene() + "[[keyframe]]\nat = 4\nprompt = \"a green cactus\"\n"));
  job.range = scenes::FrameRange{16, 32};
  RecordedProgress part, whole;
  render_film(job, folder_ / "part.mp4", part, part.stop);
  job.range.reset();
  render_film(job, folder_ / "whole.mp4", whole, whole.stop);
  EXPECT_THAT(whole.tasks, ::testing::Contains("seg:1 reused"));
  EXPECT_THAT(whole.tasks, ::testing::Contains("seg:0 finished"));
}

TEST_F(Renders, CaptionsAreWrittenOnTheDecodedFrames) {
  auto job = job_for(small_scene(), {{"music.bpm", "120"}});
  RecordedProgress record;
  render_pictures(job, folder_ / "plain", {0, 9}, record, record.stop);
  job.scene.captions = true;
  render_pictures(job, folder_ / "said", {0, 9}, record, record.stop);
  const scenes::FrameScript script(timeline_of(job), job.scene);
  for (int frame = 0; frame < 9; ++frame) {
    auto expected = ffmpeg::read_picture(PictureSink::name_of(folder_ / "plain", frame));
    EXPECT_EQ(script.at(frame).caption.flash, frame % 4 == 0 ? 1 : frame % 4 == 1 ? 0.5 : 0);
    draw_caption(expected.rgb, 64, 64, script.at(frame).caption);
    EXPECT_EQ(ffmpeg::read_picture(PictureSink::name_of(folder_ / "said", frame)), expected)
        << frame;
  }
}

TEST_F(Renders, APreviewHasTheFramesOfTheFilmAndItsWholeScene) {
  auto job = job_for(small_scene(), {{"video.size", "256x128"}, {"optimize.iterations", "20"}});
  const auto whole = job.scene;
  job.scene = scenes::preview_of(whole);
  job.scene_text = "the whole scene";
  RecordedProgress record;
  render_film(job, folder_ / "film.mp4", record, record.stop);
  const auto film = ffmpeg::inspect(folder_ / "film.mp4");
  EXPECT_EQ(film.decoded, 9);
  EXPECT_EQ(film.width, 128);
  EXPECT_EQ(film.height, 64);
  EXPECT_EQ(record.iterations.size(), 4u);
  EXPECT_EQ(video_settings(job).scene_text, "the whole scene");
}

TEST_F(Renders, EvenPacingEvensTheVisibleChange) {
  const auto spread = [&](const std::string& pacing) {
    auto job = job_for(small_scene(), {{"interpolate.pacing", pacing},
                                       {"interpolate.easing", "linear"},
                                       {"video.codec", "ffv1"},
                                       {"video.fps", "24"}});
    RecordedProgress record;
    const auto file = folder_ / (pacing + ".mkv");
    render_film(job, file, record, record.stop);
    std::vector<double> change;
    ffmpeg::Image before;
    ffmpeg::read_frames(file, [&](int64_t number, const ffmpeg::Image& image) {
      double sum = 0;
      if (number > 0) {
        for (size_t i = 0; i < image.rgb.size(); ++i) sum += std::abs(image.rgb[i] - before.rgb[i]);
        change.push_back(sum);
      }
      before = image;
    });
    double mean = 0, variance = 0;
    for (const double c : change) mean += c / static_cast<double>(change.size());
    for (const double c : change) variance += (c - mean) * (c - mean);
    return std::sqrt(variance / static_cast<double>(change.size())) / mean;
  };
  EXPECT_LT(spread("even"), 0.75 * spread("clock"));
}

// --- Streaming -----------------------------------------------------------------------------------

class FailingSink : public FrameSink {
 public:
  explicit FailingSink(int64_t at) : at_(at) {}
  void write(const Frame& frame) override {
    if (frame.number == at_) throw std::runtime_error("disk full");
    ++written;
  }
  void finish() override {}
  void abandon() noexcept override {}
  int64_t written = 0;

 private:
  int64_t at_;
};

TEST(FrameStream, WritersErrorEndsTheStream) {
  const auto scene = job_for(small_scene()).scene;
  const scenes::FrameScript script(scenes::Timeline(scene), scene);
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::automatic);
  const auto codes = at::zeros({1, 8, 8}, at::kLong);
  const DecodedFrames source(
      script, LatentPath({Latent(vqgan.embed_codes(codes)), Latent(vqgan.embed_codes(codes + 9))}),
      FrameDecoder(vqgan, {64, 64}, 8));
  FailingSink sink(3);
  NoProgress quiet;
  const StopToken never;
  EXPECT_THROW(
      stream_frames({.source = source, .ranges = {{0, 9}}, .only = {0, 9}}, sink, quiet, never),
      std::runtime_error);
  EXPECT_EQ(sink.written, 3);
  // The same with several that decode.
  Jobs jobs(3);
  FailingSink other(3);
  EXPECT_THROW(stream_frames({.source = source, .ranges = {{0, 9}}, .only = {0, 9}, .jobs = &jobs},
                             other, quiet, never),
               std::runtime_error);
  EXPECT_EQ(other.written, 3);
}

TEST(FrameDecoder, NeverGivesABlackFrameForNotANumber) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::automatic);
  const FrameDecoder decoder(vqgan, {64, 64}, 8);
  auto z = vqgan.embed_codes(at::zeros({1, 8, 8}, at::kLong)).clone();
  z[0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(decoder.decode(z, 7), RenderError);
}

TEST(Grade, ChangesWhatItSays) {
  const auto picture = at::tensor({0.2F, 0.4F, 0.6F}).view({3, 1, 1});
  const auto close = [&](const scenes::Grade& grade, float red, float green, float blue) {
    return at::allclose(graded(picture, grade).flatten(), at::tensor({red, green, blue}));
  };
  EXPECT_TRUE(close({}, 0.2F, 0.4F, 0.6F));
  EXPECT_TRUE(close({.brightness = 2}, 0.4F, 0.8F, 1.0F));
  EXPECT_TRUE(close({.contrast = 0}, 0.5F, 0.5F, 0.5F));
  EXPECT_TRUE(close({.contrast = 2}, 0.0F, 0.3F, 0.7F));
  const float luma = 0.2126F * 0.2F + 0.7152F * 0.4F + 0.0722F * 0.6F;
  EXPECT_TRUE(close({.saturation = 0}, luma, luma, luma));
}

TEST(Grade, IsThatOfItsOwnFrame) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::automatic);
  const auto z = vqgan.embed_codes((at::arange(128, at::kLong) * 7).view({2, 8, 8}));
  const FrameDecoder decoder(vqgan, {64, 64}, 8);
  const auto plain = decoder.decode(z, 0);
  const std::vector<Look> looks = {{}, {.grade = {.brightness = 0}}};
  const auto graded = decoder.decode(z, 0, looks);
  EXPECT_EQ(graded[0].rgb8, plain[0].rgb8);
  EXPECT_EQ(graded[1].rgb8, std::vector<std::uint8_t>(graded[1].rgb8.size(), 0));
}

TEST(Camera, LooksAtThePictureOfItsOwnFrame) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::automatic);
  const auto z = vqgan.embed_codes((at::arange(128, at::kLong) * 7).view({2, 8, 8}));
  const FrameDecoder decoder(vqgan, {64, 64}, 8, PictureSize{128, 96});
  const auto plain = decoder.decode(z, 0);
  const scenes::Camera beside{.x = 1, .edge = scenes::Edge::black};
  const auto moved = decoder.decode(z, 0, std::vector<Look>{{}, {.camera = beside}});
  EXPECT_EQ(moved[0].rgb8, plain[0].rgb8);
  EXPECT_EQ(moved[1].rgb8, std::vector<std::uint8_t>(plain[1].rgb8.size(), 0));
  // At the film's size, also where it stands.
  const Look resized{.camera = {.resized = true}};
  const auto larger = decoder.decode(z, 0, std::vector<Look>{resized, resized});
  EXPECT_EQ(larger[1].width, 96);
  EXPECT_EQ(larger[1].height, 128);
  EXPECT_EQ(larger[1].rgb8.size(), 96u * 128 * 3);
}

TEST(FrameDecoder, RoundsToEightAndSixteenBits) {
  ModelPack models(testing::tiny_files(), testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::automatic);
  const auto z = vqgan.embed_codes((at::arange(64, at::kLong) * 7).view({1, 8, 8}));
  const auto eight = FrameDecoder(vqgan, {64, 64}, 8).decode(z, 0)[0];
  const auto sixteen = FrameDecoder(vqgan, {64, 64}, 10).decode(z, 0)[0];
  const auto picture = FrameDecoder(vqgan, {64, 64}, 8).picture(z);
  ASSERT_EQ(eight.rgb8.size(), 64u * 64 * 3);
  ASSERT_EQ(sixteen.rgb16.size(), 64u * 64 * 3);
  for (int y = 0; y < 64; y += 5) {
    for (int x = 0; x < 64; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double value = picture[0][c][y][x].item<double>();
        const auto at = static_cast<size_t>((y * 64 + x) * 3 + c);
        EXPECT_NEAR(eight.rgb8[at], value * 255, 0.501);
        EXPECT_NEAR(sixteen.rgb16[at], value * 65535, 0.51);
      }
    }
  }
}

}  // namespace
}  // namespace latentreel::render
