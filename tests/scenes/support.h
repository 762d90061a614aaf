#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/scene_error.h"
#include "scenes/scene_reader.h"

namespace latentreel::scenes {

// What is wrong with `text` as the file "film.toml", in full; "" where nothing is.
inline std::string mistakes_of(std::string_view text, const std::vector<Override>& overrides = {}) {
  try {
    parse_scene(text, "film.toml", overrides);
    return {};
  } catch (const SceneError& error) {
    return error.what();
  }
}

// A scene with one keyframe and these lines before it.
inline std::string with_keyframe(const std::string& lines) {
  return lines + "\n[[keyframe]]\nprompt = \"a red apple\"\n";
}

// A folder of its own for every test, removed afterwards.
class FolderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("scenes-") + test->name() + "-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, std::string_view content) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  std::filesystem::path folder_;
};

}  // namespace latentreel::scenes
