#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "scenes/rational_time.h"

namespace latentreel::scenes {

// A picture that a scene names: one that has a file of its own, or what a clip shows at a moment.
struct Still {
  std::filesystem::path file{};  // absolute or relative to the working directory, ready to open
  // Of the clip, from its first frame on, not below 0; none: the file is a picture.
  std::optional<RationalTime> at{};

  bool is_moment() const { return at.has_value(); }
  friend bool operator==(const Still&, const Still&) = default;
};

// For people: "moon.png", "clip.mp4 at 12s".
std::string still_name(const Still& still);

}  // namespace latentreel::scenes
