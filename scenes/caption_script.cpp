#include "scenes/caption_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "scenes/scene_error.h"
#include "scenes/tempo_map.h"

namespace latentreel::scenes {
namespace {

constexpr std::int64_t kFlashFrames = 2;
// Frames of which the film's first ones need to know.
constexpr std::int64_t kBefore = kFlashFrames;

// Of numbers that are not negative.
std::int64_t whole_part(RationalTime value) {
  return value.numerator() / value.denominator();
}

// "a castle + fog": what the picture goes towards, now or later; what it goes away from where that
// is all.
std::string text_of_prompts(const std::vector<Prompt>& prompts) {
  const auto wanted = [](const Prompt& prompt) { return prompt.weight > 0 || prompt.weight_curve; };
  const bool all = std::none_of(prompts.begin(), prompts.end(), wanted);
  std::string text;
  for (const Prompt& prompt : prompts) {
    if (!all && !wanted(prompt)) continue;
    const bool words = prompt.kind == Prompt::Kind::text;
    if (!text.empty()) text += " + ";
    text += words ? prompt.text : still_name(prompt.image);
  }
  return printable(text, std::string::npos);  // on one line, and readable whatever a file's name
}

// "0:12.50", rounded down, so that no frame says a time that it does not reach.
std::string clock_text(RationalTime time) {
  const std::int64_t hundredths = whole_part(time * RationalTime(100, 1));
  return fmt::format("{}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100);
}

}  // namespace

CaptionScript::CaptionScript(const Timeline& timeline, const Scene& scene) : fps_(timeline.fps()) {
  for (const Keyframe& keyframe : scene.keyframes) {
    prompts_.push_back(text_of_prompts(keyframe.prompts));
  }
  try {
    count_beats(timeline, scene);
  } catch (const std::overflow_error&) {
    throw SceneError(
        SceneError::Kind::invalid,
        {{.file = scene.file.string(),
          .message = "writing bars and beats on a preview: they cannot be counted exactly",
          .hint = "write bpm and offset with fewer decimals"}});
  }
}

void CaptionScript::count_beats(const Timeline& timeline, const Scene& scene) {
  const std::optional<TempoMap> tempo = tempo_map(scene.music);
  if (!tempo) return;
  const RationalTime half_frame = time_of_frame(1, fps_) / RationalTime(2, 1);
  for (std::int64_t frame = -kBefore; frame < timeline.frame_count(); ++frame) {
    const RationalTime middle = time_of_frame(frame, fps_) + half_frame + scene.music.from;
    const BarPosition position = tempo->position_at(middle);
    beats_.push_back({position.bar, whole_part(position.beat)});
  }
}

bool CaptionScript::begins_beat(std::int64_t frame) const {
  const auto index = static_cast<std::size_t>(frame + kBefore);
  return beats_[index] != beats_[index - 1];
}

Caption CaptionScript::at(std::int64_t frame, const FrameSpec& spec) const {
  const bool nearly_there = !spec.is_still() && spec.amount >= 0.5;
  Caption caption{.where = {},
                  .prompt = prompts_[static_cast<std::size_t>(nearly_there ? spec.to : spec.from)],
                  .flash = 0};
  if (beats_.empty()) {
    caption.where = clock_text(time_of_frame(frame, fps_));
    return caption;
  }
  const Beat& beat = beats_[static_cast<std::size_t>(frame + kBefore)];
  caption.where = fmt::format("{}:{}", beat.bar, beat.beat);
  for (std::int64_t ago = kFlashFrames - 1; ago >= 0; --ago) {
    if (begins_beat(frame - ago)) caption.flash = 1.0 / static_cast<double>(1 + ago);
  }
  return caption;
}

}  // namespace latentreel::scenes
