#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "src/pages/elements.h"
#include "src/pages/markup.h"
#include "src/report/page_parts.h"

namespace latentreel::report {
namespace {

constexpr std::size_t kMostChains = 12;  // that are listed
constexpr double kVisible = 5e-4;        // of a factor, or in frame widths or radians

// "zoomed by 1.013, turned by 0.67°, shifted by 0.40 % of its width": what of it can be seen.
std::string warp_text(const scenes::Camera& camera) {
  std::string text;
  const auto add = [&](bool visible, const std::string& what) {
    if (visible) text += (text.empty() ? "" : ", ") + what;
  };
  // The camera says what is seen where; what is seen moves the other way.
  const double size = std::sqrt(std::abs(camera.xx * camera.yy - camera.xy * camera.yx));
  const double zoom = size > 0 ? 1 / size : 1;
  // A shear moves rows along themselves (camera_path.cpp), so what was a row tells the turn.
  const double turn = -std::atan2(camera.yx, camera.xx);
  const double shear = (camera.xx * camera.xy + camera.yx * camera.yy) * zoom * zoom;
  const double shift = std::hypot(camera.x, camera.y);
  add(std::abs(zoom - 1) > kVisible, fmt::format("zoomed by {:.4g}", zoom));
  add(std::abs(turn) > kVisible, fmt::format("turned by {:.2f}°", turn * 180 / std::numbers::pi));
  add(std::abs(shear) > kVisible, fmt::format("sheared by {:.4g}", -shear));
  add(shift > kVisible, fmt::format("shifted by {:.2f} % of its width", 100 * shift));
  return text.empty() ? "hardly moved" : text;
}

// With what a frame began.
std::string beginning_text(const scenes::ChainStep& step, const scenes::SourceOptions& source) {
  if (step.footage) {
    const auto clip = fmt::format("It began with the clip at {:.3f} s", step.shown.to_seconds());
    if (step.number == 0 || source.blend == 0) return clip + ".";
    return clip + fmt::format(
                      ", and with {:.4g} % of the frame before, where the clip's motion "
                      "tells where that went.",
                      100 * source.blend);
  }
  if (step.number == 0) return fmt::format("It is the picture of keyframe {}.", step.from);
  if (step.camera.is_neutral()) return "It began with the frame before, as it was.";
  return fmt::format("It began with the frame before, {}.", warp_text(step.camera));
}

std::string prompts_text(const scenes::ChainStep& step) {
  if (step.from == step.to || step.amount <= 0) {
    return fmt::format("The prompts are those of keyframe {}.", step.from);
  }
  return fmt::format("The prompts are {:.0f} % keyframe {}'s and {:.0f} % keyframe {}'s.",
                     100 * (1 - step.amount), step.from, 100 * step.amount, step.to);
}

std::string story_of(const ChainShot& shot, const scenes::Scene& scene) {
  auto text = beginning_text(shot.step, scene.source);
  if (shot.begun.uri.empty()) return text;
  text += " " + prompts_text(shot.step);
  const auto& losses = shot.losses;
  if (std::isnan(losses.first)) {
    text += " No prompt weighed anything, so it stayed as it began.";
  } else if (scene.feedback.iterations > 0) {
    text += fmt::format(" Loss {} at first, {} before the last of {}.", number(losses.first),
                        number(losses.last), count(scene.feedback.iterations, "iteration"));
  }
  if (shot.step.footage && shot.step.number > 0) {
    text += fmt::format(" Flicker {:.2f} %, of the clip itself {:.2f} %.", 100 * losses.flicker,
                        100 * losses.clip_flicker);
  }
  return text;
}

std::string shot_figure(const SmallPicture& picture, std::int64_t frame, std::string_view what,
                        std::string_view how) {
  if (picture.uri.empty()) return {};
  return fmt::format(
      "<figure class=\"shot\">{}<figcaption>{}<br><span class=\"quiet\">{}</span></figcaption>"
      "</figure>\n",
      image(picture, fmt::format("Frame {}, {}", frame, what)), what, how);
}

// Which frames grow out of one another.
std::string chains_list(const PageContent& content) {
  const scenes::FrameChains chains(content.timeline, content.scene, {});
  const auto& parts = chains.parts();
  const bool footage = content.scene.source.on();
  std::string items;
  std::size_t listed = 0, all = 0;
  for (std::size_t i = 0; i < parts.size();) {
    auto end = i + 1;
    while (end < parts.size() && !parts[end].begins) ++end;
    if (++all <= kMostChains) {
      const auto first = parts[i].range.first;
      const auto begins =
          footage ? fmt::format("frame {} begins with the clip alone", first)
                  : fmt::format("frame {} is the picture of keyframe {}", first, parts[i].keyframe);
      items += fmt::format("<li>Frames {} to {}: {}.</li>\n", first, parts[end - 1].range.end - 1,
                           begins);
      ++listed;
    }
    i = end;
  }
  if (all > listed) items += fmt::format("<li>and {} more chains</li>\n", all - listed);
  return "<ul class=\"prompts\">\n" + items + "</ul>\n";
}

}  // namespace

std::string chains_section(const PageContent& content) {
  if (content.chain_shots.empty()) return {};
  const auto& source = content.scene.source;
  const auto* how = !source.on()        ? "Each frame grows out of the one before it."
                    : source.blend == 0 ? "Each frame begins with the clip alone."
                                        : "Each frame grows out of the clip and the one before it.";
  std::string out = fmt::format("<section>\n<h2>How frames came to be</h2>\n<p>{}</p>\n", how) +
                    chains_list(content);
  for (const auto& shot : content.chain_shots) {
    out += fmt::format(
        "<article class=\"keyframe\">\n<h3>Frame {} <span class=\"quiet\">at {:.2f} "
        "s</span></h3>\n",
        shot.frame, seconds_of(shot.frame, content.timeline));
    out += element("p", story_of(shot, content.scene), "story") + "\n<div class=\"shots\">\n";
    out += shot_figure(shot.begun, shot.frame, "what it began with", "before its iterations");
    out += shot_figure(shot.motion, shot.frame, "where that was",
                       "hue: in which direction from here; strength: how far");
    out += shot_figure(shot.made, shot.frame, "what it came to", "");
    out += "</div>\n</article>\n";
  }
  return out + "</section>\n";
}

}  // namespace latentreel::report
