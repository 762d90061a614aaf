// What it costs a render that nothing is lost: examples/first-light.toml is rendered once; then
// every entry that its store holds is kept again and looked up again (digests, writing, reading
// back, fsync), and so is the state of an optimization, as the render does every few seconds. All
// in percent of that one render.
//
//   build-dev/tests/benchmarks/store_benchmark [FOLDER]    FOLDER: on the disk to be measured

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <vector>

#include "scenes/scene_reader.h"
#include "src/optimize/keyframes.h"
#include "src/optimize/unfinished_saves.h"
#include "src/plan/renderer.h"
#include "src/run/lap_timer.h"
#include "tests/optimize/pair_files.h"

namespace latentreel::benchmarks {
namespace {

namespace fs = std::filesystem;
using render::LapTimer;
using render::Store;

constexpr int kRepetitions = 11;

template <class Work>
double median_seconds(const Work& work) {
  std::vector<double> seconds;
  for (int i = 0; i < kRepetitions; ++i) {
    const LapTimer timer;
    work();
    seconds.push_back(timer.seconds());
  }
  std::nth_element(seconds.begin(), seconds.begin() + kRepetitions / 2, seconds.end());
  return seconds[kRepetitions / 2];
}

render::RenderJob first_light(const fs::path& store) {
  render::RenderJob job;
  job.scene = scenes::read_scene(LATENTREEL_SOURCE_DIR "/examples/first-light.toml", {});
  job.models = render::testing::files_in(LATENTREEL_SOURCE_DIR "/models/tiny");
  job.machine = render::resolve_machine(at::kCPU, 0);
  job.store = store;
  return job;
}

std::vector<std::byte> bytes_of(const fs::path& file) {
  std::vector<std::byte> bytes(fs::file_size(file));
  std::ifstream(file, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

void print(const std::string& what, const std::string& number, double seconds, double of) {
  std::cout << fmt::format("{:<12} {:>14}  {:>9.2f} ms  {:>6.3f} %\n", what, number, seconds * 1e3,
                           seconds / of * 100);
}

// Each kind of entry: kept once and looked up once, which is what a render and its next call do.
void measure_entries(const fs::path& folder, double render_seconds) {
  struct Sum {
    int count = 0;
    double bytes = 0, put = 0, find = 0;
  };
  std::map<std::string, Sum> kinds;
  render::NoProgress quiet;
  Store store(folder, render::Reuse::yes, quiet);
  for (const auto& entry : Store::entries(folder)) {
    const auto bytes = bytes_of(entry.file);
    auto& sum = kinds[entry.kind];
    ++sum.count;
    sum.bytes += static_cast<double>(bytes.size());
    sum.put += median_seconds([&] { store.put(entry.kind, entry.name, bytes); });
    sum.find += median_seconds([&] { store.find(entry.kind, entry.name); });
  }
  double all = 0;
  for (const auto& [kind, sum] : kinds) {
    const auto number = fmt::format("{} of {:.0f} kB", sum.count, sum.bytes / sum.count / 1e3);
    print("put " + kind, number, sum.put, render_seconds);
    print("find " + kind, number, sum.find, render_seconds);
    all += sum.put + sum.find;
  }
  print("store", "", all, render_seconds);
}

// In percent of the time between two checkpoints.
void measure_checkpoint(const render::RenderJob& job, const fs::path& folder) {
  render::NoProgress quiet;
  const render::StopToken never;
  render::ModelPack models(job.models, job.machine);
  Store store(folder, render::Reuse::yes, quiet);
  render::KeyframeStore keyframes(store, quiet);
  render::KeyframeMaker maker(job.scene, models, job.machine, nullptr, quiet, never);
  auto optimizer = maker.begin(maker.passes(0).back(), std::nullopt);
  render::KeyframeStore::Unfinished unfinished;
  while (!optimizer.done()) {
    unfinished.snapshots[static_cast<int>(optimizer.history().size())] = optimizer.z();
    optimizer.step(never);
  }
  const double seconds = median_seconds([&] {
    unfinished.state = optimizer.state();
    keyframes.keep_unfinished("benchmark", unfinished);
  });
  const auto size = fs::file_size(*store.find("unfinished", "benchmark"));
  print("checkpoint", fmt::format("{} kB", size / 1000), seconds, render::UnfinishedSaves::kEvery);
}

void measure(const fs::path& folder) {
  const auto job = first_light(folder / "store");
  render::NoProgress quiet;
  const render::StopToken never;
  const LapTimer timer;
  const auto summary = render::render_film(job, folder / "film.mp4", quiet, never);
  const double seconds = timer.seconds();
  std::cout << fmt::format("a render of {:.2f} s ({} threads), of which optimizing {:.2f} s\n",
                           seconds, job.machine.threads, summary.optimizing.seconds);
  measure_entries(job.store, seconds);
  measure_checkpoint(job, job.store);
}

}  // namespace
}  // namespace latentreel::benchmarks

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path parent = argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path();
  const auto folder = parent / ("latentreel-store-benchmark-" + std::to_string(getpid()));
  fs::create_directories(folder);
  latentreel::benchmarks::measure(folder);
  fs::remove_all(folder);
}
