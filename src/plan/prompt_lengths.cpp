#include "src/plan/prompt_lengths.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenes/scene_error.h"

namespace latentreel::render {
namespace {

constexpr size_t kMostTold = 100;

class LengthCheck {
 public:
  LengthCheck(const scenes::Scene& scene, const std::vector<ClipIdentity>& clips)
      : scene_(scene), clips_(clips) {}

  void check(const scenes::Keyframe& keyframe) {
    const auto& options = keyframe.optimize;
    for (const auto& prompt : keyframe.prompts) {
      check(prompt, "the prompt", prompt.line > 0 ? prompt.line : keyframe.line);
    }
    for (const auto& prompt : options.exclude) check(prompt, "exclude's", prompt.line);
    const auto& lines = options.extra_lines.numbers;
    for (size_t i = 0; i < options.extra.size(); ++i) {
      check(options.extra[i], "extra's", i < lines.size() ? lines[i] : 0);
    }
  }

  void throw_if_any() {
    if (mistakes_.empty()) return;
    std::stable_sort(mistakes_.begin(), mistakes_.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    if (mistakes_.size() > kMostTold) {
      const auto more = mistakes_.size() - kMostTold;
      mistakes_.resize(kMostTold);
      mistakes_.push_back(
          {.file = scene_.file.string(), .message = fmt::format("{} more mistakes", more)});
    }
    throw scenes::SceneError(scenes::SceneError::Kind::invalid, std::move(mistakes_));
  }

 private:
  void check(const scenes::Prompt& prompt, const char* whose, int line) {
    if (prompt.kind == scenes::Prompt::Kind::text) check(prompt.text, whose, line);
  }

  void check(const std::string& text, const char* whose, int line) {
    // What [optimize] says is in every keyframe.
    if (!known_.insert({line, text}).second) return;
    for (const auto& clip : clips_) {
      const auto tokens = clip.tokenizer->encode(text).size();
      const auto allowed = static_cast<size_t>(clip.config.context) - 2;
      if (tokens <= allowed) continue;
      mistakes_.push_back(
          {.file = scene_.file.string(),
           .line = line,
           .message = fmt::format("{} \"{}\" has {} tokens, but {} reads at most {}", whose,
                                  scenes::printable(text, 40), tokens, clip.name, allowed),
           .hint = "shorten it, or split it into several"});
    }
  }

  const scenes::Scene& scene_;
  const std::vector<ClipIdentity>& clips_;
  std::set<std::pair<int, std::string>> known_;
  std::vector<scenes::Diagnostic> mistakes_;
};

}  // namespace

void check_prompt_lengths(const scenes::Scene& scene, ModelPack& models) {
  LengthCheck lengths(scene, models.clip_identities());
  for (const auto& keyframe : scene.keyframes) lengths.check(keyframe);
  lengths.throw_if_any();
}

}  // namespace latentreel::render
