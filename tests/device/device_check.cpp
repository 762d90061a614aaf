// What tests/device/check takes to a machine with a GPU: comparisons with the CPU, benchmarks, and
// what can be learned of a device in minutes. It needs LibTorch and no libav.
//
//   device_check [--device cuda] [--pair models/tiny] [--tuning "graphs …"] PART [ARGUMENTS…]
//
//   about                    the device, the CPU and LibTorch
//   compare  [GoogleTest's]  the comparisons of this folder
//   measure  [Benchmark's]   steps and frames (tests/benchmarks); the device is device:1
//   twice    TYPE…           whether parts of a step give the same bits twice, in these types
//   kernels  SIDE TYPE       what runs in a step of the published sizes: 256 bfloat16. SIDE 128 is
//                            that of the pair
//
// about, twice and kernels write JSON to the standard output.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/run/device.h"
#include "tests/benchmarks/full_size.h"
#include "tests/benchmarks/measure.h"
#include "tests/benchmarks/notebook_steps.h"
#include "tests/device/bits.h"
#include "tests/device/device_under_test.h"
#include "tests/device/kernels.h"

namespace latentreel::testing {
namespace {

using nlohmann::json;
using scenes::Precision;

// A main's arguments: the program's name, then `arguments`.
class MainArguments {
 public:
  explicit MainArguments(std::vector<std::string> arguments) : texts_(std::move(arguments)) {
    texts_.insert(texts_.begin(), "device_check");
    for (auto& text : texts_) pointers_.push_back(text.data());
    count_ = static_cast<int>(pointers_.size());
    pointers_.push_back(nullptr);
  }
  int& count() { return count_; }
  char** values() { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
  int count_ = 0;
};

Precision precision_of(const std::string& type) {
  return type == "bfloat16" ? Precision::bfloat16 : Precision::float32;
}

int about() {
  const auto machine = machine_under_test();
  std::cout << json{{"device", machine.device.str()},
                    {"kind", machine.kind},
                    {"tuning", models::names_of(machine.tuning)},
                    {"graphs", models::has_graph_capturer(machine.device.type())},
                    {"cores", std::thread::hardware_concurrency()},
                    {"cpu", at::get_cpu_capability()}}
                   .dump()
            << std::endl;
  return 0;
}

int compare(const std::vector<std::string>& arguments) {
  MainArguments given(arguments);
  ::testing::InitGoogleTest(&given.count(), given.values());
  return RUN_ALL_TESTS();
}

int measure(const std::vector<std::string>& arguments) {
  MainArguments given(arguments);
  return benchmarks::run(given.count(), given.values());
}

int twice(const std::vector<std::string>& types) {
  auto result = json::object();
  render::ModelPack models(pair_files(), machine_under_test());
  for (const auto& type : types) {
    for (const auto& part : bits_twice(models, precision_of(type))) {
      result["parts"].push_back({{"type", type},
                                 {"part", part.part},
                                 {"same", part.same},
                                 {"difference", part.difference}});
    }
  }
  result["said"] = said_to_vary(models, Precision::float32);
  std::cout << result.dump() << std::endl;
  return 0;
}

json kernels(int64_t side, Precision precision) {
  constexpr int kSteps = 3;
  const auto machine = machine_under_test();
  const auto placement = machine.placement(precision);
  std::optional<render::ModelPack> pair;
  const bool full = side != 128;
  if (!full) pair.emplace(pair_files(), machine);
  auto optimizer = full ? benchmarks::notebook_steps(benchmarks::full_vqgan(placement),
                                                     benchmarks::full_clip(placement), side)
                        : benchmarks::notebook_steps(pair->vqgan(precision),
                                                     pair->clips(precision).front().clip, side);
  const render::StopToken never;
  for (int i = 0; i < 5; ++i) optimizer.step(never);
  auto list = json::array();
  const auto found = kernels_of(
      [&] {
        for (int i = 0; i < kSteps; ++i) optimizer.step(never);
      },
      machine.device);
  for (const auto& kernel : found) {
    list.push_back({{"name", kernel.name},
                    {"calls", static_cast<double>(kernel.calls) / kSteps},
                    {"ms", kernel.seconds * 1e3 / kSteps}});
  }
  return list;
}

int run(int argc, char** argv) {
  CLI::App app("Compares a device with the CPU and measures it");
  std::string device = "cuda", pair = "models/tiny", part;
  app.add_option("--device", device, "cuda, cuda:N or cpu");
  app.add_option("--pair", pair, "a folder with vqgan.safetensors and clip.safetensors");
  app.add_option("--tuning", under_test().tuning, "what to turn on (models/tuning.h)");
  app.add_option("part", part, "about, compare, measure, twice or kernels")->required();
  app.prefix_command();
  CLI11_PARSE(app, argc, argv);
  const auto rest = app.remaining();

  under_test().pair = pair;
  const auto choice = render::resolve_device(device);
  if (!choice.warning.empty()) std::cerr << "device_check: " << choice.warning << '\n';
  under_test().device = choice.device;
  if (part == "about") return about();
  if (part == "compare") return compare(rest);
  if (part == "measure") return measure(rest);
  if (part == "twice" && !rest.empty()) return twice(rest);
  if (part == "kernels" && rest.size() == 2) {
    std::cout << kernels(std::stoll(rest[0]), precision_of(rest[1])).dump() << std::endl;
    return 0;
  }
  std::cerr << "device_check: no part \"" << part << "\" with these arguments\n";
  return 64;
}

}  // namespace
}  // namespace latentreel::testing

int main(int argc, char** argv) {
  try {
    return latentreel::testing::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "device_check: " << error.what() << "\n";
    return 69;
  }
}
