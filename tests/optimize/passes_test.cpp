#include "src/optimize/passes.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "src/optimize/keyframes.h"
#include "src/plan/debug_export.h"
#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

// From coarse to fine: which passes there are, and that they are made one out of the other.

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::RecordedProgress;

scenes::Keyframe keyframe(int coarse, int restarts) {
  scenes::Keyframe keyframe;
  keyframe.optimize.iterations = 30;
  keyframe.optimize.seed = 7;
  keyframe.optimize.coarse = coarse;
  keyframe.optimize.coarse_iterations = 9;
  keyframe.optimize.restarts = restarts;
  return keyframe;
}

// "2x3:9*" is 2 cells high and 3 wide, for 9 iterations, from the keyframe's start.
std::string texts(const std::vector<Pass>& passes) {
  std::string text;
  for (const auto& pass : passes) {
    text += fmt::format("{}{}x{}:{}{}", text.empty() ? "" : " ", pass.grid.height, pass.grid.width,
                        pass.keyframe.optimize.iterations, pass.fresh ? "*" : "");
  }
  return text;
}

TEST(Passes, GoFromCoarseToFine) {
  const Grid grid{16, 12};
  EXPECT_EQ(texts(passes_of(keyframe(0, 1), grid)), "16x12:30*");
  EXPECT_EQ(texts(passes_of(keyframe(1, 1), grid)), "8x6:9* 16x12:30");
  EXPECT_EQ(texts(passes_of(keyframe(2, 1), grid)), "4x3:9* 8x6:9 16x12:30");
  EXPECT_EQ(texts(passes_of(keyframe(2, 3), grid)), "4x3:9* 4x3:9* 4x3:9* 8x6:9 16x12:30");
  EXPECT_EQ(texts(passes_of(keyframe(0, 2), grid)), "16x12:9* 16x12:9* 16x12:30");
  EXPECT_EQ(texts(passes_of(keyframe(1, 1), {5, 7})), "3x4:9* 5x7:30") << "halves are rounded up";
}

TEST(Passes, AreCountedTogether) {
  for (const int coarse : {0, 1, 2}) {
    for (const int restarts : {1, 2, 5}) {
      int sum = 0;
      for (const auto& pass : passes_of(keyframe(coarse, restarts), {16, 16})) {
        sum += pass.keyframe.optimize.iterations;
      }
      EXPECT_EQ(iterations_of(keyframe(coarse, restarts).optimize), sum) << coarse << restarts;
    }
  }
}

TEST(Passes, BeginAnewFromOtherSeeds) {
  std::set<std::uint64_t> seeds;
  const auto passes = passes_of(keyframe(1, 4), {16, 16});
  for (int i = 0; i < 4; ++i) seeds.insert(passes[static_cast<size_t>(i)].keyframe.optimize.seed);
  EXPECT_EQ(seeds.size(), 4U);
  EXPECT_EQ(passes.front().keyframe.optimize.seed, 7U) << "the first is the scene's";
  EXPECT_EQ(passes.back().keyframe.optimize.seed, 7U);
  // Where this changes, kNumericsVersion has to: what is in the stores was made with other seeds.
  EXPECT_EQ(passes[2].keyframe.optimize.seed, 0x3C6EF372FE94F831U);
}

TEST(Passes, NeedAPictureThatCanBeHalvedSoOften) {
  EXPECT_EQ(passes_of(keyframe(3, 1), {16, 16}).front().grid.height, 2);
  EXPECT_NO_THROW(check_passes(keyframe(3, 1), {16, 40}));
  EXPECT_NO_THROW(check_passes(keyframe(0, 5), {1, 1})) << "nothing is halved";
  try {
    check_passes(keyframe(4, 1), {16, 40});
    ADD_FAILURE();
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::scene);
    EXPECT_THAT(error.what(), HasSubstr("at most coarse = 3 is possible"));
  }
}

// --- As the keyframes' maker runs them -----------------------------------------------------------

// The number after the last iteration told of; from `first` on they only rise.
int next_after(const RecordedProgress& progress, int first = 0) {
  int next = first;
  for (const auto& report : progress.iterations) {
    EXPECT_GE(report.iteration, next);
    next = report.iteration + 1;
  }
  return next;
}

class CoarseToFine : public ::testing::Test {
 protected:
  static RenderJob job(const std::string& optimize) {
    return testing::job_for(std::string(testing::kSmall) + "coarse = 1\ncoarse_iterations = 3\n" +
                            optimize + testing::kTwoKeyframes);
  }
  KeyframeMaker maker(const RenderJob& job) {
    return {job.scene, models_, machine_, nullptr, progress_, never_};
  }

  // Makes `whole` once more, in two runs.
  void stop_after(int made, bool at_once, const RenderJob& scene, const KeyframeRecord& whole) {
    SCOPED_TRACE(fmt::format("{}{}", made, at_once ? ", at once" : ""));
    NoProgress quiet;
    Store entries(folder_ / fmt::format("{}{}", made, at_once), Reuse::yes, quiet);
    KeyframeStore store(entries, quiet);
    RecordedProgress first, second;
    first.stop_at = made;
    first.at_once = at_once;
    EXPECT_THROW(KeyframeMaker(scene.scene, models_, machine_, &store, first, first.stop)
                     .make(0, "key", std::nullopt),
                 Stopped);
    EXPECT_EQ(next_after(first), made);
    const auto rest = KeyframeMaker(scene.scene, models_, machine_, &store, second, never_)
                          .make(0, "key", std::nullopt);
    EXPECT_EQ(next_after(second, made), iterations_of(scene.scene.keyframes[0].optimize));
    EXPECT_TRUE(at::equal(rest.latent.z(), whole.latent.z()));
    EXPECT_TRUE(at::equal(rest.snapshots.at(0), whole.snapshots.at(0)));
    EXPECT_EQ(rest.start, whole.start);
    EXPECT_GE(rest.seconds, rest.seconds_before);
    EXPECT_GT(rest.seconds_before, 0);
  }

  Machine machine_ = testing::test_machine();
  ModelPack models_{testing::tiny_files(), machine_};
  RecordedProgress progress_;
  StopToken never_;
  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

TEST_F(CoarseToFine, TheBestOfTheCoarsePicturesIsTheStartOfTheFineOne) {
  const auto scene = job("restarts = 3\n");
  auto makes = maker(scene);
  std::vector<double> losses;
  std::vector<Latent> latents;
  for (const auto& pass : makes.passes(0)) {
    if (!pass.fresh) continue;
    auto optimizer = makes.begin(pass, std::nullopt);
    while (!optimizer.done()) optimizer.step(never_);
    losses.push_back(optimizer.history()[static_cast<size_t>(optimizer.best_iteration())].smoothed);
    latents.push_back(optimizer.result());
  }
  ASSERT_EQ(latents.size(), 3U);
  const auto best =
      static_cast<size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin());
  const auto start =
      on_grid(models_.vqgan(scene.scene.keyframes[0].optimize.precision), latents[best], {8, 8});

  const auto record = makes.make(0, "test", std::nullopt);
  EXPECT_TRUE(at::equal(record.snapshots.at(0), start.z()));
  EXPECT_EQ(record.start, "random codes, the best of 3 at 32x32");
  EXPECT_EQ(record.history.size(), 3U) << "of the last pass alone";
  EXPECT_EQ(next_after(progress_), 3 * 3 + 3);
  EXPECT_EQ(progress_.iterations.back().iterations, 3 * 3 + 3);
}

TEST_F(CoarseToFine, EveryStopContinuesToTheSameBits) {
  auto scene = job("restarts = 2\nmask = 0.5\naverage = 0.5\n");
  auto& options = scene.scene.keyframes[0].optimize;
  options.coarse = 2;
  options.coarse_iterations = options.iterations = 2;
  const auto whole = maker(scene).make(0, "whole", std::nullopt);
  for (const bool at_once : {false, true}) {
    for (int made = 1; made < iterations_of(options); ++made)
      stop_after(made, at_once, scene, whole);
  }
}

TEST_F(CoarseToFine, KeepsTheLastOfEachPassAndWaitsForGainInEach) {
  auto scene = job("restarts = 2\nkeep = \"last\"\npatience = 1\nlearning_rate = 1e-6\n");
  auto& options = scene.scene.keyframes[0].optimize;
  options.coarse_iterations = options.iterations = 20;
  const auto record = maker(scene).make(0, "test", std::nullopt);
  EXPECT_LT(record.history.size(), 20U);
  EXPECT_EQ(next_after(progress_), 2 * 20 + static_cast<int>(record.history.size()))
      << "iterations that patience saved count as made";
  EXPECT_GT(record.seconds_before, 0);
  EXPECT_LT(record.seconds_before, record.seconds);
}

TEST_F(CoarseToFine, PicturesNeedNotBeSquare) {
  auto scene = job("restarts = 2\n");
  scene.scene.video.width = 88;
  const auto record = maker(scene).make(0, "test", std::nullopt);
  EXPECT_EQ(record.start, "random codes, the best of 2 at 48x32");
  EXPECT_EQ(record.latent.height(), 8);
  EXPECT_EQ(record.latent.width(), 11);
}

TEST_F(CoarseToFine, AlsoFromThePictureBefore) {
  const auto scene = job("");
  const auto first = maker(scene).make(0, "first", std::nullopt);
  auto second = scene;
  second.scene.keyframes[1].optimize.start = scenes::StartKind::previous;
  const auto record = maker(second).make(1, "second", first.latent);
  EXPECT_EQ(record.start, "the previous keyframe, first at 32x32");
  EXPECT_EQ(record.latent.height(), 8);
}

TEST_F(CoarseToFine, ItsIterationsAreLaidOpenFromTheFinePicturesStart) {
  auto scene = job("");
  scene.scene.keyframes[0].optimize.iterations = 5;
  const auto record = maker(scene).make(0, "test", std::nullopt);
  RecordedProgress progress;
  Jobs jobs(2);
  DebugExport(scene, models_, progress, never_, jobs).write(0, record, {3}, folder_);
  EXPECT_TRUE(fs::exists(folder_ / "latent-0003.safetensors"));
  EXPECT_THAT(progress.warnings, ::testing::IsEmpty());
}

}  // namespace
}  // namespace latentreel::render
