#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;  // of its folder too
  void (*use)(FuzzBytes bytes);
};

std::ostream& operator<<(std::ostream& out, const Target& target) {
  return out << target.name;
}

class Corpus : public ::testing::TestWithParam<Target> {};

// A broken promise ends the process; the last input named is the one.
TEST_P(Corpus, BreaksNothing) {
  std::vector<fs::path> inputs;
  const auto folder = fs::path(LATENTREEL_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  for (const auto& entry : fs::directory_iterator(folder)) inputs.push_back(entry.path());
  ASSERT_FALSE(inputs.empty()) << folder;
  std::sort(inputs.begin(), inputs.end());
  for (const auto& input : inputs) {
    std::cout << input.filename().string() << std::endl;
    std::ifstream in(input, std::ios::binary);
    const std::string content(std::istreambuf_iterator<char>(in), {});
    // A copy of just that size: a sanitizer sees what reads beyond it.
    const std::vector<std::byte> bytes(
        reinterpret_cast<const std::byte*>(content.data()),
        reinterpret_cast<const std::byte*>(content.data()) + content.size());
    GetParam().use(bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Fuzz, Corpus,
    ::testing::Values(Target{"checkpoint", fuzz_checkpoint}, Target{"clip", fuzz_clip},
                      Target{"expression", fuzz_expression}, Target{"index", fuzz_index},
                      Target{"labels", fuzz_labels}, Target{"lrc", fuzz_lrc},
                      Target{"midi", fuzz_midi}, Target{"pickle", fuzz_pickle},
                      Target{"picture", fuzz_picture}, Target{"reaper", fuzz_reaper},
                      Target{"safetensors", fuzz_safetensors}, Target{"scene", fuzz_scene},
                      Target{"song", fuzz_song}, Target{"subtitles", fuzz_subtitles},
                      Target{"times", fuzz_times}, Target{"tokenizer", fuzz_tokenizer},
                      Target{"yaml", fuzz_yaml}),
    [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace latentreel::models
