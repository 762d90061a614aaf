#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/scene.h"

// Reading and writing values of [video] and [models] that have a special format. Internal to the
// room.

namespace latentreel::scenes {

// "256x256": width and height.
std::optional<std::pair<int, int>> read_size(const Value& value, std::string_view key,
                                             Mistakes& mistakes);
std::string size_toml(int width, int height);

// An integer, a decimal (29.97 is meant as 30000/1001) or a fraction, from 1 to kMaxFps.
std::optional<FrameRate> read_fps(const Value& value, Mistakes& mistakes);
std::string fps_toml(FrameRate fps);

std::optional<Codec> read_codec(const Value& value, Mistakes& mistakes);

// A model, a table of name and weight, or a list of them. Those with a mistake are left out.
std::vector<ClipChoice> read_clips(const Value& value, const NamedFiles& files, Mistakes& mistakes);
std::string clips_toml(const std::vector<ClipChoice>& clips);
// The model's name; for a path, only its last component, as a path beside the scene.
std::string model_toml(const std::string& name);

}  // namespace latentreel::scenes
