// A scene rendered with the device: film, resume, frames, debugging export.

#include <unistd.h>

#include <fstream>

#include "models/ops/device_graph.h"
#include "scenes/scene_reader.h"
#include "src/optimize/prompts.h"
#include "src/plan/renderer.h"
#include "src/report/film_measures.h"
#include "tests/device/fake/capture.h"
#include "tests/device/on_device.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

namespace latentreel::testing {
namespace {

namespace fs = std::filesystem;
using models::StateDict;
using render::testing::RecordedProgress;

constexpr const char* kFilmScene = R"(
[video]
size = "64x64"
fps = 8
[optimize]
iterations = 4
cutouts = 4
noise = 0
seed = 3
precision = "float32"
[[keyframe]]
at = 0
prompt = "a red apple on a white background"
[[keyframe]]
at = 1
prompt = "a yellow star in the sky"
start = "previous"
)";

class FilmsOnDevice : public OnDevice {
 protected:
  void SetUp() override { OnDevice::SetUp(); }

  render::RenderJob job(const render::Machine& machine,
                        const std::vector<scenes::Override>& overrides = {}) const {
    render::RenderJob job;
    job.scene = scenes::parse_scene(kFilmScene, "test.toml", overrides);
    job.models = pair_files();
    job.machine = machine;
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

TEST_F(FilmsOnDevice, AreFinished) {
  RecordedProgress progress;
  const auto summary =
      render_film(job(there_machine), folder_ / "film.mp4", progress, progress.stop);
  EXPECT_EQ(summary.film.frames, 9);
  EXPECT_TRUE(fs::exists(folder_ / "film.mp4"));
  EXPECT_TRUE(progress.warnings.empty()) << progress.warnings.front();
}

TEST_F(FilmsOnDevice, OfEveryRecipeAreFinished) {
  for (const auto* recipe : {"article", "notebook", "clean"}) {
    SCOPED_TRACE(recipe);
    RecordedProgress progress;
    const auto work = job(there_machine, {{"optimize.recipe", recipe}, {"optimize.noise", "0.1"}});
    EXPECT_EQ(render_film(work, folder_ / "film.mp4", progress, progress.stop).film.frames, 9);
  }
  RecordedProgress progress;  // its start is the bank's
  const auto work =
      job(there_machine, {{"optimize.recipe", "picture-book"},
                          {"keyframe.1.start", "nearest"},
                          {"keyframe.1.prompt", "a purple owl in a forest at night"}});
  EXPECT_EQ(render_film(work, folder_ / "film.mp4", progress, progress.stop).film.frames, 9);
}

TEST_F(FilmsOnDevice, GoOnToTheSameBytes) {
  RecordedProgress whole, stopped, second;
  auto work = job(there_machine);
  render_film(work, folder_ / "whole.mp4", whole, whole.stop);
  work.store = folder_ / "another";
  stopped.stop_at = 3;
  EXPECT_THROW(render_film(work, folder_ / "film.mp4", stopped, stopped.stop), render::Stopped);
  render_film(work, folder_ / "film.mp4", second, second.stop);
  EXPECT_EQ(second.iterations.size(), 5u);  // 3 of 8 were made already
  EXPECT_EQ(bytes_of(folder_ / "film.mp4"), bytes_of(folder_ / "whole.mp4"));
}

// The camera, encoding and colours of frames that grow out of one another; a stop among them.
TEST_F(FilmsOnDevice, GrowFrameByFrame) {
  const std::vector<scenes::Override> feedback = {
      {"feedback.iterations", "2"}, {"feedback.learning", "\"carried\""}, {"motion.zoom", "1.3"}};
  RecordedProgress whole, stopped, second;
  auto work = job(there_machine, feedback);
  EXPECT_EQ(render_film(work, folder_ / "whole.mp4", whole, whole.stop).film.frames, 9);
  EXPECT_TRUE(whole.warnings.empty()) << whole.warnings.front();
  work.store = folder_ / "another";
  stopped.stop_at_chained = 7;
  EXPECT_THROW(render_film(work, folder_ / "film.mp4", stopped, stopped.stop), render::Stopped);
  render_film(work, folder_ / "film.mp4", second, second.stop);
  EXPECT_EQ(bytes_of(folder_ / "film.mp4"), bytes_of(folder_ / "whole.mp4"));
}

// Frames share what their steps captured: it is captured once, however many there are.
TEST_F(FilmsOnDevice, ReplayWhatTheFirstFramesCaptured) {
  if (!models::has_graph_capturer(under_test().device->type())) {
    GTEST_SKIP() << "Nothing captures the work of this device: built without CUDA's toolkit.";
  }
  auto tuning = there_machine.tuning;
  tuning.graphs = true;
  const auto replaying = render::resolve_machine(*under_test().device, 2, tuning);
  const auto last_frame = [&](const render::Machine& machine, const char* name) {
    RecordedProgress progress;
    const auto work =
        job(machine, {{"feedback.iterations", "3"}, {"motion.zoom", "1.3"}, {"video.fps", "4"}});
    const int before = captures_made();
    render_pictures(work, folder_ / name, {3, 4}, progress, progress.stop);
    if (!under_test().device->is_cuda()) {
      // Decoding and CLIP, each forward and backward, of the keyframe and of all frames.
      EXPECT_EQ(captures_made() - before, machine.tuning.graphs ? 8 : 0);
    }
    return render::to_tensor(ffmpeg::read_picture(folder_ / name / "frame-000003.png"));
  };
  EXPECT_GT(cosine(last_frame(replaying, "replayed"), last_frame(there_machine, "plain")), 0.999);
}

TEST_F(FilmsOnDevice, FramesBeginAsOnTheCpu) {
  RecordedProgress progress;
  for (const auto& [machine, name] :
       {std::pair(here_machine, "here"), std::pair(there_machine, "there")}) {
    const auto work = job(machine, {{"feedback.iterations", "1"}, {"motion.zoom", "1.3"}});
    render_pictures(work, folder_ / name, {1, 2}, progress, progress.stop, render::DebugRequest{});
  }
  const auto begun = [&](const char* device) {
    return render::to_tensor(
        ffmpeg::read_picture(folder_ / device / "debug/begun/frame-000001.png"));
  };
  EXPECT_GT(cosine(begun("there"), begun("here")), 0.999);
}

// A picture as a prompt and as a start: files that the host reads.
TEST_F(FilmsOnDevice, TakePictures) {
  RecordedProgress progress;
  const auto frames = folder_ / "frames";
  render_pictures(job(there_machine), frames, {0, 1}, progress, progress.stop);
  const auto picture = (frames / "frame-000000.png").string();
  const auto work = job(there_machine, {{"keyframe.0.prompts", "[{ image = \"" + picture + "\" }]"},
                                        {"keyframe.1.start", "\"" + picture + "\""},
                                        {"keyframe.1.extra", "watercolor"}});
  EXPECT_EQ(render_film(work, folder_ / "film.mp4", progress, progress.stop).film.frames, 9);
}

TEST_F(FilmsOnDevice, LieOpenAsOnTheCpu) {
  RecordedProgress progress;
  for (const auto& [machine, name] :
       {std::pair(here_machine, "here"), std::pair(there_machine, "there")}) {
    render_pictures(job(machine), folder_ / name, {0, 1}, progress, progress.stop,
                    render::DebugRequest{{1}});
  }
  const auto tensors = [&](const std::string& device, const std::string& name) {
    return StateDict::load_safetensors(folder_ / device / "debug/key-000" /
                                       (name + "-0000.safetensors"));
  };
  for (const auto* name : {"latent", "cutouts", "gradient"}) {
    SCOPED_TRACE(name);
    const auto expected = tensors("here", name), got = tensors("there", name);
    ASSERT_EQ(got.names(), expected.names());
    for (const auto& tensor : expected.names()) {
      EXPECT_GT(cosine(got.at(tensor), expected.at(tensor)), 0.999) << tensor;
    }
  }
}

// What a report says of a film's pictures.
TEST_F(FilmsOnDevice, AreComparedWithTheirTextsAsOnTheCpu) {
  RecordedProgress progress;
  const auto work = job(there_machine);
  render_pictures(work, folder_, {0, 1}, progress, progress.stop);
  const std::vector<ffmpeg::Image> pictures = {ffmpeg::read_picture(folder_ / "frame-000000.png")};
  const auto texts = report::film_texts(work.scene);
  render::Jobs one;
  const auto compare = [&](render::ModelPack& models) {
    return report::clip_compare(models, scenes::Precision::float32, texts, one)(pictures);
  };
  const auto expected = compare(*here), got = compare(*there);
  ASSERT_EQ(got[0].size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(got[0][i], expected[0][i], 1e-3);
}

}  // namespace
}  // namespace latentreel::testing
