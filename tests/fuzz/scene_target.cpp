#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/scene.h"
#include "scenes/scene_reader.h"
#include "scenes/scene_text.h"
#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

// The scene of `text`; none where it is refused.
std::optional<scenes::Scene> scene_of(std::string_view text,
                                      const std::vector<scenes::Override>& overrides = {}) {
  try {
    return scenes::parse_scene(text, "film.toml", overrides);
  } catch (const scenes::SceneError& error) {
    expect(!error.diagnostics().empty(), "a refusal has a reason");
    for (const auto& diagnostic : error.diagnostics()) {
      expect(!diagnostic.message.empty() && diagnostic.text().size() < 16 * 1024,
             "a reason can be read");
      expect(diagnostic.line >= 0 && diagnostic.column >= 0, "a reason has a place");
    }
    return std::nullopt;
  }
}

bool names_picture(const std::vector<scenes::Prompt>& prompts) {
  return std::any_of(prompts.begin(), prompts.end(),
                     [](const auto& prompt) { return prompt.kind == scenes::Prompt::Kind::image; });
}

// Scenes that name files read back only beside these.
bool names_files(const scenes::Scene& scene) {
  const auto& music = scene.music;
  return !music.file.empty() || !music.beats.empty() || !music.sections.empty() ||
         !music.lyrics.empty() ||
         std::any_of(scene.keyframes.begin(), scene.keyframes.end(), [](const auto& keyframe) {
           return keyframe.optimize.start == scenes::StartKind::image ||
                  names_picture(keyframe.prompts) || names_picture(keyframe.optimize.exclude);
         });
}

}  // namespace

void fuzz_scene(FuzzBytes bytes) {
  auto text = text_of_bytes(bytes);
  std::vector<scenes::Override> overrides;
  if (text.starts_with('\0')) {
    text.remove_prefix(1);
    const auto end = std::min(text.find('\n'), text.size());
    const auto given = text.substr(0, end);
    const auto sign = std::min(given.find('='), given.size());
    overrides.push_back({std::string(given.substr(0, sign)),
                         std::string(given.substr(std::min(sign + 1, given.size())))});
    text.remove_prefix(end);
  }
  const auto scene = scene_of(text, overrides);
  if (!scene || names_files(*scene)) return;
  const auto written = scenes::scene_text(*scene);
  const auto again = scene_of(written);
  expect(again.has_value(), "a scene that is written can be read");
  expect(scenes::scene_text(*again) == written, "a scene reads back the same");
}

}  // namespace latentreel::models
