#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/scene.h"
#include "scenes/value_reading.h"

// Prompts as a scene writes them. Internal to the room.

namespace latentreel::scenes {

struct CurveContext;

// In one list.
inline constexpr std::size_t kMostPrompts = 100;

inline constexpr Range kPromptWeights{.min = -1000, .max = 1000};

// A prompt: a text, or a table of text, image or a moment of a clip, weight and stop.
std::optional<Prompt> read_prompt(const Value& value, std::string_view key,
                                  const CurveContext& curves, NamedFiles& files,
                                  Mistakes& mistakes);
// A list of prompts.
std::vector<Prompt> read_prompts(const Value& value, std::string_view key,
                                 const CurveContext& curves, NamedFiles& files, Mistakes& mistakes);

// What a clip shows at a moment: the keys video and at of a table, whose other keys are not looked
// at.
std::optional<Still> read_moment(const Value& table, NamedFiles& files, Mistakes& mistakes);

// Notes a text that is written as another program's prompts, with what it should be here. `key` is
// what the text is the value of: "prompt", "extra", or a list of prompts.
void note_foreign(const Value& text, std::string_view key, Mistakes& mistakes);

// The TOML that reads back as `prompt`; a picture or clip by its file's name alone.
std::string prompt_text(const Prompt& prompt);
// The name of the file without its folder, between quotes.
std::string file_text(const std::filesystem::path& file);
// The keys of a moment of a clip, without braces: video = "clip.mp4", at = "12s".
std::string moment_text(const Still& moment);

}  // namespace latentreel::scenes
