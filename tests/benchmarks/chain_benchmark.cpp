// What a frame takes that grows out of the one before it: the first part of
// examples/endless-zoom.toml, whose frames the camera moves, and of examples/meadow.toml, whose
// frames begin with a clip's, is made as a render makes it, by one job; then each kind of work in
// it is done again for each of its frames and timed alone, in percent of a frame's time. A frame
// may need a kind more than once, as decoding, or not at all.
//
//   build-dev/tests/benchmarks/chain_benchmark [SIZE...]    SIZE: of the pictures; else the scenes'

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "ffmpeg/video_clip.h"
#include "scenes/scene_reader.h"
#include "src/frames/camera_view.h"
#include "src/optimize/chain_maker.h"
#include "src/optimize/holding.h"
#include "src/optimize/keyframes.h"
#include "src/optimize/unfinished_saves.h"
#include "src/plan/plan.h"
#include "src/run/lap_timer.h"
#include "tests/optimize/pair_files.h"

namespace latentreel::benchmarks {
namespace {

namespace fs = std::filesystem;
using render::LapTimer;

class Chain {
 public:
  Chain(const render::RenderJob& job, const fs::path& folder)
      : job_(job),
        models_(job.models, job.machine),
        plan_(render::make_plan(job, models_)),
        store_(folder, render::Reuse::yes, quiet_),
        chains_(store_, quiet_),
        maker_(job_.scene, plan_.script, models_, nullptr, quiet_, never_),
        vqgan_(models_.vqgan(render::frame_precision(job.scene))),
        shown_(render::shown_size(job.scene.video)) {}

  void measure() {
    make();
    const at::NoGradGuard no_gradient;
    if (footage()) {
      measure_footage();
    } else {
      measure_camera();
    }
    measure_networks();
    measure_steps();
    measure_store();
  }

 private:
  bool footage() const { return job_.scene.source.on(); }
  int64_t frames() const { return static_cast<int64_t>(record_.latents.size()); }
  // The picture of the frame before, for each but the first: [1, 3, H, W].
  at::Tensor picture_before(int64_t frame) {
    return render::picture_of(vqgan_, record_.states[static_cast<std::size_t>(frame - 1)].z);
  }

  void make() {
    render::ChainState before;
    if (!footage()) {
      render::KeyframeMaker keys(job_.scene, models_, job_.machine, nullptr, quiet_, never_);
      before.z = keys.make(0, plan_.keys[0].output, std::nullopt).latent.z();
    }
    models_.clips(render::frame_precision(job_.scene));  // loaded by now
    const LapTimer timer;
    record_ = maker_.make(0, plan_.chains[0].output, before);
    frame_seconds_ = timer.seconds() / static_cast<double>(frames());
    std::cout << fmt::format("{}, {}x{}, {} iterations a frame, {} threads: {:.2f} frames/s\n",
                             job_.scene.title, shown_.width, shown_.height,
                             job_.scene.feedback.iterations, job_.machine.threads,
                             1 / frame_seconds_);
    print("frame", frame_seconds_);
  }

  // Calls work(frame) for every frame but the first; prints what one took.
  template <class Work>
  void print_each(const std::string& what, const Work& work) {
    double seconds = 0;
    for (int64_t frame = 1; frame < frames(); ++frame) seconds += work(frame);
    print(what, seconds / static_cast<double>(frames() - 1));
  }

  void print(const std::string& what, double seconds) const {
    std::cout << fmt::format("  {:<22} {:>9.2f} ms  {:>6.1f} %\n", what, seconds * 1e3,
                             seconds / frame_seconds_ * 100);
  }

  void measure_footage() {
    ffmpeg::VideoClip clip(job_.scene.source.video, {.width = static_cast<int>(shown_.width),
                                                     .height = static_cast<int>(shown_.height)});
    const auto time_of = [&](int64_t frame) { return plan_.script.step(frame).shown; };
    std::vector<ffmpeg::Image> images;
    const auto read = [&](int64_t frame) {
      const auto time = time_of(frame);
      const LapTimer timer;
      images.push_back(clip.at({time.numerator(), time.denominator()}));
      return timer.seconds();
    };
    read(0);
    print_each("read the clip", read);
    print_each("find the motion", [&](int64_t frame) {
      const auto index = static_cast<std::size_t>(frame);
      const LapTimer timer;
      footage::find_motion(images[index - 1], images[index]);
      return timer.seconds();
    });
    print_each("carry the picture on", [&](int64_t frame) {
      const auto picture = render::middle_of(picture_before(frame), shown_);
      maker_.footage()->motion(time_of(frame - 1), time_of(frame));
      const LapTimer timer;
      maker_.footage()->carried(picture, time_of(frame - 1), time_of(frame));
      return timer.seconds();
    });
  }

  void measure_camera() {
    print_each("move the picture", [&](int64_t frame) {
      const auto picture = render::middle_of(picture_before(frame), shown_).squeeze(0).contiguous();
      const auto camera = plan_.script.step(frame).camera;
      const LapTimer timer;
      render::seen_through(picture, camera, shown_);
      return timer.seconds();
    });
  }

  void measure_networks() {
    print_each("decode", [&](int64_t frame) {
      const LapTimer timer;
      picture_before(frame);
      return timer.seconds();
    });
    print_each("encode", [&](int64_t frame) {
      const auto picture = picture_before(frame);
      const LapTimer timer;
      render::smooth_latent_of(vqgan_, picture);
      return timer.seconds();
    });
  }

  void measure_steps() {
    const at::AutoGradMode gradients(true);
    double begun = 0;
    print_each("steps", [&](int64_t frame) {
      const auto& z = record_.latents[static_cast<std::size_t>(frame - 1)];
      LapTimer timer;
      auto optimizer = maker_.begin_at(plan_.script.step(frame), z);
      begun += timer.lap();
      while (!optimizer.done()) optimizer.step(never_);
      return timer.seconds();
    });
    print("begin them", begun / static_cast<double>(frames() - 1));
  }

  // All frames of a part, as often as a render keeps them.
  void measure_store() {
    constexpr int kTimes = 5;
    const LapTimer timer;
    for (int i = 0; i < kTimes; ++i) chains_.keep_unfinished("benchmark", record_);
    const double seconds = timer.seconds() / kTimes;
    print(fmt::format("keep, every {} s", render::UnfinishedSaves::kEvery),
          seconds * frame_seconds_ / render::UnfinishedSaves::kEvery);
  }

  const render::RenderJob& job_;
  render::NoProgress quiet_;
  render::StopToken never_;
  render::ModelPack models_;
  render::RenderPlan plan_;
  render::Store store_;
  render::ChainStore chains_;
  render::ChainMaker maker_;
  const models::Vqgan& vqgan_;
  render::PictureSize shown_;
  render::ChainRecord record_;
  double frame_seconds_ = 0;
};

void measure(const std::string& example, const std::string& size, const fs::path& folder) {
  std::vector<scenes::Override> set;
  if (!size.empty()) set.push_back({"video.size", size});
  render::RenderJob job;
  job.scene = scenes::read_scene(LATENTREEL_SOURCE_DIR "/examples/" + example, set);
  job.models = render::testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny");
  job.machine = render::resolve_machine(at::kCPU, 0);
  Chain(job, folder).measure();
}

}  // namespace
}  // namespace latentreel::benchmarks

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const auto folder =
      fs::temp_directory_path() / ("latentreel-chain-benchmark-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::vector<std::string> sizes(argv + 1, argv + argc);
  if (sizes.empty()) sizes.emplace_back();
  for (const auto& size : sizes) {
    for (const auto* example : {"endless-zoom.toml", "meadow.toml"}) {
      latentreel::benchmarks::measure(example, size, folder);
    }
  }
  fs::remove_all(folder);
}
