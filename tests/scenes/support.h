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
#include "tests/temporary_folder.h"

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
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    return temporary_.write(name, content);
  }

  TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

}  // namespace latentreel::scenes
