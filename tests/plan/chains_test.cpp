// Films whose frames grow out of one another.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "src/optimize/holding.h"
#include "src/plan/chain_frames.h"
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
using ::testing::Not;
using testing::RecordedProgress;

// 2 frames a second, so parts of 4 frames: 4.5 s are two whole ones and one of a single frame.
std::string chain_scene(const std::string& feedback = "iterations = 2",
                        const std::string& motion = "zoom = 1.3\nrotate = 10",
                        const std::string& second = "") {
  std::string scene = testing::kSmall;
  scene += "[motion]\n" + motion + "\n[feedback]\n" + feedback +
           "\n[[keyframe]]\nprompt = \"a red heart on a white background\"\n"
           "[[keyframe]]\nat = 3\n" +
           second + "\nprompt = \"a yellow star on a blue background\"\n";
  return scene;
}

class ChainFilms : public ::testing::Test {
 protected:
  RenderJob job(const std::string& scene, const std::string& store,
                std::vector<scenes::Override> more = {}) const {
    more.insert(more.begin(), {{"video.fps", "2"},
                               {"video.duration", "4.5"},
                               {"video.size", "32x32"},
                               {"optimize.cutouts", "2"}});
    auto made = job_for(scene, more);
    if (!store.empty()) made.store = folder_ / store;
    return made;
  }

  static std::string bytes_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string film(const RenderJob& job, RecordedProgress& record) const {
    render_film(job, folder_ / "film.mp4", record, record.stop);
    const auto bytes = bytes_of(folder_ / "film.mp4");
    fs::remove(folder_ / "film.mp4");
    return bytes;
  }
  std::string film(const RenderJob& job) const {
    RecordedProgress record;
    return film(job, record);
  }

  // What all frames show, and what is known of them.
  struct Made {
    std::vector<at::Tensor> latents;
    std::vector<ChainRecord> parts;
  };
  Made made(const RenderJob& job) const {
    RecordedProgress record;
    RenderSession session(job, record, record.stop);
    session.runner().film(folder_ / "latents.mp4");
    fs::remove(folder_ / "latents.mp4");
    Made made;
    for (std::size_t i = 0; i < session.plan().chains.size(); ++i) {
      made.parts.push_back(session.runner().chain(static_cast<int>(i)).value());
      for (const auto& z : made.parts.back().latents) made.latents.push_back(z);
    }
    return made;
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(ChainFilms, AreMadePartByPartAfterTheFirstKeyframeAlone) {
  RecordedProgress record;
  film(job(chain_scene(), ""), record);
  EXPECT_EQ(record.iterations.size(), 3u) << "of one keyframe";
  EXPECT_EQ(record.chained.size(), 2u * 8) << "of every frame but the first";
  EXPECT_THAT(
      record.tasks,
      ElementsAre("key:0 started", "key:0 finished", "chain:0 started", "chain:0 finished",
                  "chain:1 started", "chain:1 finished", "chain:2 started", "chain:2 finished",
                  "seg:0 started", "seg:0 finished", "seg:1 started", "seg:1 finished",
                  "seg:2 started", "seg:2 finished", "film started", "film finished"));
}

TEST_F(ChainFilms, AreTheSameWithAnyNumberOfJobsAndInAnyProcess) {
  const auto scene =
      chain_scene("iterations = 2\nlearning = \"carried\"", "zoom = 1.3", "cut = true");
  const auto one = film(job(scene, ""));
  auto several = job(scene, "");
  several.jobs = 4;
  EXPECT_TRUE(film(several) == one);
  // Task by task, as on other machines.
  const auto shared = job(scene, "tasks");
  std::vector<std::string> names;
  {
    RecordedProgress record;
    RenderSession session(shared, record, record.stop, Keep::must);
    for (const auto* task : session.plan().tasks()) names.push_back(task->name());
  }
  EXPECT_THAT(names, Contains("chain:3"));
  for (const auto& name : names) {
    RecordedProgress record;
    RenderSession session(shared, record, record.stop, Keep::must);
    for (const auto* task : session.plan().tasks()) {
      if (task->name() == name) session.runner().task(*task, folder_ / "tasks.mp4");
    }
  }
  EXPECT_TRUE(bytes_of(folder_ / "tasks.mp4") == one);
}

TEST_F(ChainFilms, APartNeedsTheOneBefore) {
  const auto shared = job(chain_scene(), "tasks");
  RecordedProgress record;
  RenderSession session(shared, record, record.stop, Keep::must);
  const auto& plan = session.plan();
  EXPECT_EQ(plan.chains[1].needs, std::vector{plan.chains[0].id});
  EXPECT_EQ(plan.segments[1].needs, std::vector{plan.chains[1].id});
  try {
    session.runner().task(plan.chains[1], {});
    FAIL();
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::try_again) << error.what();
    EXPECT_THAT(error.what(), ::testing::HasSubstr("chain:0"));
  }
}

TEST_F(ChainFilms, AStoppedRunContinuesToTheSameFilm) {
  const auto scene =
      chain_scene("iterations = 2\nlearning = \"carried\"\naverage = 3", "zoom = 1.3");
  const auto whole = film(job(scene, ""));
  for (const int stop_at : {1, 4, 6, 7, 13}) {
    RecordedProgress stopped, rest;
    stopped.stop_at_chained = stop_at;
    const auto store = std::to_string(stop_at);
    EXPECT_THROW(film(job(scene, store), stopped), Stopped);
    EXPECT_TRUE(film(job(scene, store), rest) == whole) << stop_at;
    // No frame that was finished is made again.
    EXPECT_LE(stopped.chained.size() + rest.chained.size(), 2u * 8 + 1) << stop_at;
  }
}

TEST_F(ChainFilms, AnEditMakesAgainOnlyWhatFollows) {
  auto scene = chain_scene("iterations = 1");
  RecordedProgress first, edited, graded;
  film(job(scene, "store"), first);
  // The prompt of 3 s fades in from the film's beginning on; a hold delays that.
  const scenes::Override hold{"keyframe.0.hold", "1.5"};
  film(job(scene, "store", {hold}), first);
  film(job(scene, "store", {hold, {"keyframe.1.prompt", "a green cactus"}}), edited);
  EXPECT_THAT(edited.tasks, Contains("key:0 reused"));
  EXPECT_THAT(edited.tasks, Contains("chain:0 reused"));
  EXPECT_THAT(edited.tasks, Contains("seg:0 reused"));
  EXPECT_THAT(edited.tasks, Contains("chain:1 started"));
  EXPECT_EQ(edited.chained.size(), 5u);
  // What is done to pictures afterwards makes none of them again.
  film(job(scene, "store", {hold, {"picture.brightness", "1.5"}}), graded);
  EXPECT_TRUE(graded.chained.empty());
  EXPECT_THAT(graded.tasks, Contains("seg:0 started"));
}

// The store may have been emptied of what is not in the film: then it is made again, to the same.
TEST_F(ChainFilms, WhatTheStoreLostIsMadeAgain) {
  const auto scene = chain_scene("iterations = 1");
  RecordedProgress first, rest;
  const auto whole = film(job(scene, "store"), first);
  fs::remove_all(folder_ / "store");
  fs::create_directories(folder_ / "store");
  {
    RecordedProgress record;
    const auto kept = job(scene, "store");
    RenderSession session(kept, record, record.stop);
    session.runner().film(folder_ / "film.mp4");
    fs::remove(folder_ / "film.mp4");
    for (const auto& task : session.plan().chains) session.runner().forget(task);
    session.runner().forget(session.plan().segments[1]);
  }
  EXPECT_TRUE(film(job(scene, "store"), rest) == whole);
  EXPECT_THAT(rest.tasks, Contains("seg:0 reused"));
  EXPECT_THAT(rest.tasks, Contains("chain:0 started")) << "chain:1 needs what it left";
  EXPECT_THAT(rest.tasks, Not(Contains("chain:2 started")));
}

TEST_F(ChainFilms, APartOfTheFilmShowsItsFrames) {
  const auto scene = chain_scene("iterations = 1");
  const auto whole = made(job(scene, ""));
  RecordedProgress record;
  auto part = job(scene, "");
  part.range = scenes::FrameRange{5, 7};
  RenderSession session(part, record, record.stop);
  session.runner().film(folder_ / "part.mp4");
  EXPECT_EQ(session.plan().frames.size(), 2);
  const auto again = session.runner().chain(1).value();
  EXPECT_TRUE(at::equal(again.latents[3], whole.latents[7]));
  EXPECT_THAT(record.tasks, Not(Contains("chain:2 started")));
}

TEST_F(ChainFilms, ThatNeitherMoveNorLearnStand) {
  const auto still = made(job(chain_scene("iterations = 0", "zoom = 1"), "store"));
  for (const auto& z : still.latents) EXPECT_TRUE(at::equal(z, still.latents[0]));
}

// A step of a frame is a step of an optimization that begins at the frame before.
TEST_F(ChainFilms, AFrameLearnsFromTheFrameBefore) {
  const auto record = made(job(chain_scene("iterations = 8", "zoom = 1"), ""));
  EXPECT_FALSE(at::equal(record.latents[1], record.latents[0]));
  const auto& losses = record.parts[0].losses;
  ASSERT_EQ(losses.size(), 4u);
  EXPECT_EQ(losses[0].first, 0);
  EXPECT_LT(losses[3].last, losses[1].first) << "the prompt is seen better and better";
}

TEST_F(ChainFilms, TheAverageIsOfTheLastFrames) {
  const std::string motion = "zoom = 1.2";
  const auto own = made(job(chain_scene("iterations = 1", motion), ""));
  const auto mean =
      made(job(chain_scene("iterations = 1\naverage = 3\naverage_weight = 0.5", motion), ""));
  EXPECT_TRUE(at::equal(mean.latents[0], own.latents[0]));
  for (std::size_t i = 2; i < own.latents.size(); ++i) {  // also across parts
    const auto expected =
        (own.latents[i] + own.latents[i - 1] * 0.5 + own.latents[i - 2] * 0.25) / 1.75;
    EXPECT_TRUE(at::allclose(mean.latents[i], expected, 1e-5, 1e-6)) << i;
  }
}

TEST_F(ChainFilms, LearningIsCarriedOnWhereAskedFor) {
  const auto fresh = made(job(chain_scene("iterations = 1", "zoom = 1"), ""));
  const auto carried =
      made(job(chain_scene("iterations = 1\nlearning = \"carried\"", "zoom = 1"), ""));
  EXPECT_FALSE(at::equal(fresh.parts[0].state.z, carried.parts[0].state.z));
  EXPECT_TRUE(fresh.parts[0].state.learned.empty());
  EXPECT_FALSE(carried.parts[0].state.learned.empty());
}

// As chain_scene, the first keyframe asking for this.
std::string weighed_scene(const std::string& prompts) {
  auto scene = chain_scene("iterations = 1", "zoom = 1.2");
  const std::string plain = "prompt = \"a red heart on a white background\"";
  return scene.replace(scene.find(plain), plain.size(), "prompts = [" + prompts + "]");
}

// Of three frames.
const std::vector<scenes::Override> kShort = {{"video.duration", "1.5"}, {"keyframe.1.at", "1"}};

TEST_F(ChainFilms, WeightsThatStayAreTheNumberThatTheyAre) {
  const auto with = [&](const std::string& weight) {
    return made(job(weighed_scene("\"a red heart\", { text = \"a white background\", weight = " +
                                  weight + " }"),
                    "", kShort));
  };
  const auto number = with("0.5"), words = with("\"0.5\""), falls = with("\"0.5 - t\"");
  EXPECT_TRUE(at::equal(number.latents.back(), words.latents.back()));
  EXPECT_TRUE(at::equal(number.latents[0], falls.latents[0])) << "the keyframe's picture";
  EXPECT_FALSE(at::equal(number.latents[1], falls.latents[1]));
}

TEST_F(ChainFilms, TheFramesAfterTheFirstWhoseWeightsChangedAreMadeAgain) {
  const auto scene = [](const std::string& last) {
    return weighed_scene("\"a red heart\", { text = \"fog\", weight = [[0, 1], [\"2s\", 0], " +
                         last + "] }");
  };
  RecordedProgress first, edited;
  film(job(scene("[\"2.5s\", 0]"), "store"), first);
  film(job(scene("[\"2.5s\", -1]"), "store"), edited);
  EXPECT_THAT(edited.tasks, Contains("key:0 reused"));
  EXPECT_THAT(edited.tasks, Contains("chain:0 reused")) << "frames 0 to 3, before 2 s";
  EXPECT_THAT(edited.tasks, Contains("chain:1 started"));
}

TEST_F(ChainFilms, WhereNothingWeighsAnythingAFrameIsWhatItBeganWith) {
  auto film =
      made(job(weighed_scene("{ text = \"a red heart\", weight = [[0, 1], [\"0.5s\", 0]] }"), "",
               {{"motion.zoom", "1"}, {"keyframe.0.hold", "2"}}));
  for (const int frame : {1, 2, 3}) {
    EXPECT_TRUE(at::equal(film.latents[frame], film.latents[0])) << frame;
    EXPECT_TRUE(std::isnan(film.parts[0].losses[static_cast<std::size_t>(frame)].first)) << frame;
  }
  EXPECT_FALSE(at::equal(film.latents[5], film.latents[4])) << "the second keyframe's prompt rules";
}

TEST_F(ChainFilms, TextsThatAreJoinedMayComeAndGo) {
  const auto with = [&](const std::string& weight) {
    auto more = kShort;
    more.push_back({"optimize.extra", "watercolor"});
    more.push_back({"optimize.extra_weight", weight});
    return made(job(weighed_scene("\"a red heart\""), "", more));
  };
  const auto always = with("0.5"), changing = with("\"0.5\"");
  const auto gone = with("\"t < 1 ? 0.5 : 0\"");
  EXPECT_TRUE(at::equal(always.latents.back(), changing.latents.back()));
  EXPECT_TRUE(at::equal(always.latents[1], gone.latents[1]));
  EXPECT_FALSE(at::equal(always.latents[2], gone.latents[2]));
}

// What was exported tells how a frame came to be: its beginning is the frame before, moved.
TEST_F(ChainFilms, AnExportSaysWhereEachFrameBegan) {
  const auto scene = chain_scene("iterations = 1\naverage = 2", "zoom = 1.5");
  RecordedProgress record;
  const auto folder = folder_ / "frames";
  render_pictures(job(scene, ""), folder, {3, 6}, record, record.stop, DebugRequest{});
  std::ifstream in(folder / "debug/chains.csv");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], ::testing::StartsWith("frame,part,number,from,to,amount,xx"));
  EXPECT_THAT(lines[1], ::testing::StartsWith("3,0,3,0,1,"));
  EXPECT_THAT(lines[1], ::testing::EndsWith(",1,1")) << "the weights of both keyframes' prompts";
  EXPECT_THAT(lines[2], ::testing::StartsWith("4,1,4,0,1,")) << "the next part";
  EXPECT_TRUE(fs::exists(folder / "debug/begun/frame-000003.png"));
  EXPECT_TRUE(fs::exists(folder / "debug/begun/frame-000004.png"));
  EXPECT_TRUE(fs::exists(folder / "debug/key-000/losses.csv")) << "with which the chain begins";
}

// What a report shows: the keyframe's picture, and how others moved.
TEST_F(ChainFilms, FramesTellHowTheyCameToBe) {
  const auto asked = job(chain_scene("iterations = 0", "zoom = 1.5"), "store");
  RecordedProgress record;
  RenderSession session(asked, record, record.stop);
  ChainFrames frames(session, record.stop);
  EXPECT_FALSE(frames.has(0));
  session.runner().make_chains({0});
  const auto first = frames.at(0);
  EXPECT_FALSE(first.begun.has_value());
  EXPECT_FALSE(first.motion.has_value());
  const auto later = frames.at(2);
  EXPECT_EQ(later.step.number, 2);
  ASSERT_TRUE(later.begun && later.motion);
  EXPECT_EQ(*later.begun, later.made) << "without iterations";
  EXPECT_NE(later.made, first.made);
  EXPECT_TRUE(frames.has(3));
  EXPECT_FALSE(frames.has(4)) << "of the next part";
  EXPECT_THROW(frames.at(4), RenderError);
}

// The store's folder is a file.
TEST_F(ChainFilms, MemoryHoldsLittleOfWhatTheStoreDoesNotTake) {
  const auto asked = job(chain_scene("iterations = 0"), "store");
  RecordedProgress record;
  RenderSession session(asked, record, record.stop);
  Store store(folder_ / "full", Reuse::yes, record);
  fs::remove_all(folder_ / "full");
  std::ofstream(folder_ / "full") << "no folder";
  const TaskContext context{session.job(), session.plan(), session.models(), store,
                            record,        record.stop,    session.jobs()};
  KeyTasks keys(context);
  ChainTasks enough(context, keys);
  enough.make({0, 1});
  const auto held = enough.record(1);
  ASSERT_TRUE(held.has_value());
  ASSERT_EQ(held->latents.size(), 4u);
  const auto one_part = static_cast<std::int64_t>(4 * held->latents.front().nbytes());
  ChainTasks little(context, keys, one_part);
  try {
    little.make({0, 1});
    FAIL() << "two parts are more than one";
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::write_failed);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("Memory already holds"));
  }
}

// With nothing to learn, what is shown is what was begun with.
TEST_F(ChainFilms, AnExportShowsAKeyframeWithTheWeightsOfItsFrame) {
  const auto scene = weighed_scene("{ text = \"a red heart\", weight = \"0.25 + t\" }");
  RecordedProgress record;
  const auto folder = folder_ / "frames";
  render_pictures(job(scene, "", kShort), folder, {0, 1}, record, record.stop, DebugRequest{});
  EXPECT_THAT(bytes_of(folder / "debug/key-000/prompts.json"), ::testing::HasSubstr("0.25"));
  EXPECT_THAT(record.warnings, ::testing::IsEmpty());
}

TEST_F(ChainFilms, WhatAnExportShowsIsWhereTheFrameBegan) {
  const auto scene = chain_scene("iterations = 0", "zoom = 1.5");
  RecordedProgress record;
  const auto folder = folder_ / "frames";
  render_pictures(job(scene, ""), folder, {2, 6}, record, record.stop, DebugRequest{});
  for (const auto* name : {"frame-000002.png", "frame-000004.png", "frame-000005.png"}) {
    EXPECT_TRUE(bytes_of(folder / name) == bytes_of(folder / "debug/begun" / name)) << name;
  }
}

// Less than a pixel a frame: lost where latents are snapped to the codebook.
TEST_F(ChainFilms, SlowMovementsMove) {
  const auto files = testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny");
  auto slow = job(chain_scene("iterations = 0", "pan = [0.25, 0]\nedge = \"wrap\""), "",
                  {{"video.size", "64x64"},
                   {"video.duration", "1"},
                   {"video.fps", "33"},
                   {"keyframe.1.at", "0.9"},
                   {"optimize.start", "nearest"}});
  slow.models = files;
  const auto frames = made(slow).latents;
  ModelPack models(files, testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::float32);
  const auto first = picture_of(vqgan, frames.front()), last = picture_of(vqgan, frames.back());
  const auto away = [&](int64_t pixels) {
    return (last - first.roll(-pixels, 3)).abs().mean().item<double>();
  };
  EXPECT_LT(away(16), 0.7 * away(0)) << "half a pixel in each of 32 frames";
}

// Encoding a picture over and over changes it; its colours are to stay.
TEST_F(ChainFilms, ColoursDoNotDrift) {
  const auto files = testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny");
  ModelPack models(files, testing::test_machine());
  const auto& vqgan = models.vqgan(scenes::Precision::float32);
  // The largest change of mean or contrast, as a part of the first picture's.
  const auto drift = [&](const std::string& color) {
    const auto scene = chain_scene("iterations = 0\ncolor = \"" + color + "\"",
                                   "rotate = 20\nzoom = \"1 + 0.1 * sin(t)\"");
    auto longer =
        job(scene, "", {{"video.size", "64x64"}, {"video.duration", "8"}, {"video.fps", "10"}});
    longer.models = files;
    const auto frames = made(longer).latents;
    EXPECT_EQ(frames.size(), 80u);
    const auto colors = [&](const at::Tensor& z) {
      const auto pixels = picture_of(vqgan, z).flatten(2).squeeze(0);
      return std::pair(pixels.mean().item<double>(), pixels.std(1, false).mean().item<double>());
    };
    const auto first = colors(frames.front());
    double most = 0;
    for (const auto& z : frames) {
      const auto now = colors(z);
      most = std::max(
          {most, std::abs(now.first / first.first - 1), std::abs(now.second / first.second - 1)});
    }
    return most;
  };
  EXPECT_LT(drift("keyframe"), 0.02);
  EXPECT_GT(drift("free"), 0.02) << "or there was nothing to hold";
}

}  // namespace
}  // namespace latentreel::render
