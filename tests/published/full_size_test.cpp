#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "models/clip/clip.h"
#include "models/model_file.h"
#include "models/vqgan/vqgan.h"

// Files of the published models' size, made when the test runs. What a model takes while it is
// loaded is what it keeps, and little more: neither the file's pages nor an optimizer's state.

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;

constexpr double kMost = 1.3;  // peak memory over the bytes of the tensors used

class FullSize : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(LATENTREEL_TEST_PYTHON)) return;
    auto pattern = (fs::path(::testing::TempDir()) / "full-size-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    const auto call =
        fmt::format("{} -W ignore {}/tests/published/make_files.py --full-size {} >/dev/null",
                    LATENTREEL_TEST_PYTHON, LATENTREEL_SOURCE_DIR, folder_.string());
    ASSERT_EQ(std::system(call.c_str()), 0) << call;
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  void SetUp() override {
    if (folder_.empty()) GTEST_SKIP() << "cmake/test-python.sh fetches the Python that writes them";
    // What an earlier test freed leaves no holes in this one's heap.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  }

  inline static fs::path folder_;
};

double kilobytes_of(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::strtod(line.c_str() + field.size() + 1, nullptr);
  }
  return 0;
}

// The most memory that `load` takes beyond what was there before, over `bytes`.
template <class Load>
double peak_over(double bytes, const Load& load) {
  { std::ofstream("/proc/self/clear_refs") << "5"; }  // the peak starts anew
  const auto before = kilobytes_of("VmRSS");
  load();
  return (kilobytes_of("VmHWM") - before) * 1024 / bytes;
}

double bytes_of(const StateDict& weights) {
  double bytes = 0;
  for (const auto& [name, tensor] : weights.tensors()) bytes += 4.0 * tensor.numel();
  return bytes;
}

TEST_F(FullSize, ClipTakesLittleMoreThanItsTensors) {
  const auto file = folder_ / "ViT-B-32.pt";
  const auto bytes = bytes_of(open_model(file, Network::clip).weights);
  EXPECT_EQ(bytes, 4.0 * 151'277'313);
  std::unique_ptr<Clip> clip;
  const auto peak = peak_over(bytes, [&] {
    clip = std::make_unique<Clip>(
        open_model(file, Network::clip, {.finite = StateDict::Finite::check}).weights);
  });
  EXPECT_GT(peak, 0.9);
  EXPECT_LT(peak, kMost);
  EXPECT_EQ(clip->config().resolution, 224);
}

TEST_F(FullSize, VqganTakesLittleMoreThanItsTensors) {
  const auto file = folder_ / "last.ckpt";
  EXPECT_GT(fs::file_size(file), 3u * 4 * 76'073'859);
  const auto bytes = bytes_of(open_model(file, Network::vqgan).weights);
  EXPECT_EQ(bytes, 4.0 * 76'073'859);
  std::unique_ptr<Vqgan> vqgan;
  const auto peak = peak_over(bytes, [&] {
    vqgan = std::make_unique<Vqgan>(
        open_model(file, Network::vqgan, {.finite = StateDict::Finite::check}).weights);
  });
  EXPECT_GT(peak, 0.9);
  EXPECT_LT(peak, kMost);
  EXPECT_EQ(vqgan->config().codes, 16384);
}

}  // namespace
}  // namespace latentreel::models
