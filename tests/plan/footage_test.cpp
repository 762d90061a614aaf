// Films that repaint footage: examples/meadow.mp4, six seconds in which things move.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "src/optimize/footage_frames.h"
#include "src/optimize/holding.h"
#include "src/plan/render_session.h"
#include "src/plan/renderer.h"
#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::job_for;
using testing::RecordedProgress;

constexpr const char* kMeadow = LATENTREEL_SOURCE_DIR "/examples/meadow.mp4";

std::string footage_scene(const std::string& source, const std::string& feedback) {
  return std::string(testing::kSmall) + "[source]\nvideo = \"" + kMeadow + "\"\n" + source +
         "\n[feedback]\n" + feedback +
         "\n[[keyframe]]\nprompt = \"a red hot air balloon in a sunset\"\n";
}

class FootageFilms : public ::testing::Test {
 protected:
  // With the bundled pair, whose pictures are like the clip's.
  RenderJob job(const std::string& scene, std::vector<scenes::Override> more = {}) const {
    more.insert(more.begin(), {{"video.size", "96x64"}, {"optimize.cutouts", "2"}});
    auto made = job_for(scene, more);
    made.models = testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny");
    return made;
  }

  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  struct Made {
    std::vector<at::Tensor> latents;
    std::vector<ChainRecord::Losses> losses;
    std::vector<std::string> tasks, warnings;
  };
  Made made(const RenderJob& job) const {
    RecordedProgress record;
    RenderSession session(job, record, record.stop);
    session.runner().film(folder_ / "film.mp4");
    fs::remove(folder_ / "film.mp4");
    Made made{.latents = {}, .losses = {}, .tasks = record.tasks, .warnings = record.warnings};
    for (std::size_t i = 0; i < session.plan().chains.size(); ++i) {
      const auto part = session.runner().chain(static_cast<int>(i)).value();
      made.latents.insert(made.latents.end(), part.latents.begin(), part.latents.end());
      made.losses.insert(made.losses.end(), part.losses.begin(), part.losses.end());
    }
    return made;
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(FootageFilms, NeedNoKeyframesPicture) {
  const auto film =
      made(job(footage_scene("", "iterations = 1"), {{"video.fps", "2"}, {"video.duration", "3"}}));
  EXPECT_THAT(film.tasks,
              ElementsAre("chain:0 started", "chain:0 finished", "chain:1 started",
                          "chain:1 finished", "seg:0 started", "seg:0 finished", "seg:1 started",
                          "seg:1 finished", "film started", "film finished"));
}

// Without prompts and the frame before, a frame is what the clip shows at its time.
TEST_F(FootageFilms, ShowTheClipByTime) {
  const auto film = made(job(footage_scene("blend = 0\nfrom = \"1s\"", "iterations = 0"),
                             {{"video.fps", "2"}, {"video.duration", "3"}}));
  ModelPack models(testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny"),
                   testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::automatic);
  NoProgress quiet;
  FootageFrames clip({.video = kMeadow, .from = {}}, {.height = 64, .width = 96}, quiet);
  for (int frame = 0; frame < 6; ++frame) {
    const auto shown = picture_of(vqgan, film.latents[static_cast<std::size_t>(frame)]);
    const auto away = [&](int halves) {
      return (shown - clip.at({halves, 2})).abs().mean().item<double>();
    };
    EXPECT_LT(away(2 + frame), away(2 + frame - 1)) << frame;
    EXPECT_LT(away(2 + frame), away(2 + frame + 1)) << frame;
    EXPECT_LT(away(2 + frame), 0.03) << frame;
  }
}

TEST_F(FootageFilms, AreLongerThanTheClip) {
  const std::vector<scenes::Override> longer = {{"video.fps", "1"}, {"video.duration", "9"}};
  const auto stands = made(job(footage_scene("blend = 0", "iterations = 0"), longer)).latents;
  EXPECT_TRUE(at::equal(stands[7], stands[6])) << "its last frame";
  EXPECT_FALSE(at::equal(stands[6], stands[5]));
  const auto again =
      made(job(footage_scene("blend = 0\nloop = true", "iterations = 0"), longer)).latents;
  EXPECT_TRUE(at::equal(again[7], again[1]));
  EXPECT_TRUE(at::equal(again[5], stands[5]));
}

TEST_F(FootageFilms, ContinueToTheSameFilm) {
  const auto scene = footage_scene("", "iterations = 2");
  const std::vector<scenes::Override> few = {{"video.fps", "2"}, {"video.duration", "3"}};
  RecordedProgress whole;
  render_film(job(scene, few), folder_ / "whole.mp4", whole, whole.stop);
  for (const int stop_at : {3, 9}) {
    RecordedProgress stopped, rest;
    auto work = job(scene, few);
    work.store = folder_ / std::to_string(stop_at);
    stopped.stop_at_chained = stop_at;
    EXPECT_THROW(render_film(work, folder_ / "film.mp4", stopped, stopped.stop), Stopped);
    render_film(work, folder_ / "film.mp4", rest, rest.stop);
    EXPECT_TRUE(bytes_of(folder_ / "film.mp4") == bytes_of(folder_ / "whole.mp4")) << stop_at;
    fs::remove(folder_ / "film.mp4");
  }
}

// Frames that are painted one by one need more and larger steps to change as much, and each changes
// in its own way.
TEST_F(FootageFilms, FlickerLessWithTheFrameBefore) {
  struct Came {
    double flicker = 0;
    double changed = 0;  // from the clip, in the last frame
  };
  ModelPack models(testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny"),
                   testing::test_machine());
  NoProgress quiet;
  FootageFrames clip({.video = kMeadow, .from = {}}, {.height = 64, .width = 96}, quiet);
  const auto painted = [&](const std::string& source, const std::string& feedback) {
    const auto film =
        made(job(footage_scene(source, feedback), {{"optimize.recipe", "picture-book"},
                                                   {"optimize.augment", "[]"},
                                                   {"optimize.cutouts", "6"},
                                                   {"video.fps", "12"},
                                                   {"video.duration", "1"}}));
    Came came;
    for (std::size_t i = 1; i < film.losses.size(); ++i) {
      came.flicker += film.losses[i].flicker / static_cast<double>(film.losses.size() - 1);
    }
    const auto last = picture_of(models.vqgan(scenes::Precision::automatic), film.latents.back());
    came.changed = (last - clip.at({11, 12})).abs().mean().item<double>();
    return came;
  };
  const auto alone = painted("blend = 0", "iterations = 8\nlearning_rate = 0.15");
  const auto beside = painted("", "iterations = 4"), small = painted("blend = 0", "iterations = 4");
  EXPECT_GT(beside.changed, 0.8 * alone.changed);
  EXPECT_LT(beside.flicker, alone.flicker / 2);
  EXPECT_LT(small.changed, 0.8 * beside.changed) << "small steps alone change little";
}

// From any frame on, as after a stop: a clip is read from one end to the other, each frame once.
TEST_F(FootageFilms, ReadEachFrameOfTheClipOnce) {
  NoProgress quiet;
  const scenes::SourceOptions source{.video = kMeadow, .from = {}};
  FootageFrames clip(source, {.height = 64, .width = 96}, quiet);
  for (int frame = 20; frame < 30; ++frame) {
    const scenes::RationalTime before(frame - 1, 12), now(frame, 12);
    const auto picture = clip.at(now);
    clip.carried(picture, before, now);
    clip.carried(clip.at(before), before, now);
  }
  EXPECT_EQ(clip.reads(), 11);
}

// What decides a frame is in the name of its part: another clip, place, mixture, or prompt.
TEST_F(FootageFilms, AreNamedByAllThatDecidesThem) {
  const auto other = folder_ / "other.mp4";
  fs::copy_file(kMeadow, other);
  std::ofstream(other, std::ios::binary | std::ios::app) << "more";
  const auto output = [&](std::vector<scenes::Override> more) {
    more.push_back({"video.duration", "1"});
    RecordedProgress record;
    const auto work = job(footage_scene("", "iterations = 1"), more);
    RenderSession session(work, record, record.stop);
    return session.plan().chains.front().output;
  };
  std::set<std::string> outputs;
  for (const auto& more :
       std::vector<std::vector<scenes::Override>>{{},
                                                  {{"source.video", other.string()}},
                                                  {{"source.from", "0.5"}},
                                                  {{"source.loop", "true"}},
                                                  {{"source.blend", "0.4"}},
                                                  {{"feedback.hold", "0.5"}},
                                                  {{"video.fps", "9"}},
                                                  {{"keyframe.0.prompt", "a green cactus"}},
                                                  {{"optimize.seed", "4"}}}) {
    EXPECT_TRUE(outputs.insert(output(more)).second) << outputs.size();
  }
  // How a keyframe's own picture would be made is no matter: none is.
  EXPECT_EQ(output({{"optimize.iterations", "7"}}), output({}));
}

// Beside one another and task by task, with a cut.
TEST_F(FootageFilms, AreTheSameWhoeverMakesThem) {
  const auto scene = footage_scene("", "iterations = 1") +
                     "[[keyframe]]\nat = 1.5\ncut = true\nprompt = \"a green cactus\"\n";
  const std::vector<scenes::Override> few = {{"video.fps", "2"}, {"video.duration", "3"}};
  auto one = job(scene, few), several = job(scene, few), tasks = job(scene, few);
  several.jobs = 3;
  tasks.store = folder_ / "tasks";
  RecordedProgress record;
  render_film(one, folder_ / "one.mp4", record, record.stop);
  render_film(several, folder_ / "several.mp4", record, record.stop);
  std::vector<std::string> done;
  for (bool all = false; !all;) {
    RenderSession session(tasks, record, record.stop, Keep::must);
    all = true;
    for (const auto* task : session.plan().tasks()) {
      if (std::count(done.begin(), done.end(), task->name()) > 0) continue;
      session.runner().task(*task, folder_ / "tasks.mp4");
      done.push_back(task->name());
      all = false;
      break;  // the next one in a session of its own
    }
  }
  EXPECT_THAT(done, Contains("chain:2"));
  EXPECT_TRUE(bytes_of(folder_ / "several.mp4") == bytes_of(folder_ / "one.mp4"));
  EXPECT_TRUE(bytes_of(folder_ / "tasks.mp4") == bytes_of(folder_ / "one.mp4"));
}

TEST_F(FootageFilms, AnExportHasTheFlow) {
  RecordedProgress record;
  const auto folder = folder_ / "frames";
  render_pictures(job(footage_scene("", "iterations = 1"), {{"video.duration", "2"}}), folder,
                  {0, 3}, record, record.stop, DebugRequest{});
  EXPECT_TRUE(fs::exists(folder / "debug/begun/frame-000000.png"));
  EXPECT_FALSE(fs::exists(folder / "debug/flow/frame-000000.png"));
  EXPECT_TRUE(fs::exists(folder / "debug/flow/frame-000002.png"));
}

}  // namespace
}  // namespace latentreel::render
