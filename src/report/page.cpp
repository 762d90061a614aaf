#include "src/report/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenes/enum_names.h"
#include "src/files/sizes.h"
#include "src/pages/elements.h"
#include "src/pages/markup.h"
#include "src/report/page_parts.h"

namespace latentreel::report {
namespace {

// --- The top -------------------------------------------------------------------------------------

// In how many keyframes that have a text of their own it is the best match there; and of how many.
std::pair<int, int> matches(const PageContent& content) {
  int right = 0, all = 0;
  const auto& frames = content.timeline.keyframe_frames();
  for (std::size_t k = 0; k < frames.size(); ++k) {
    const bool has_text =
        std::any_of(content.texts.begin(), content.texts.end(),
                    [&](const auto& text) { return text.belongs_to(static_cast<int>(k)); });
    if (!has_text || content.film.sampled.empty()) continue;
    ++all;
    const int winner = content.film.winner(content.film.sample_near(frames[k]));
    if (content.texts[static_cast<std::size_t>(winner)].belongs_to(static_cast<int>(k))) ++right;
  }
  return {right, all};
}

double total_seconds(const PageContent& content) {
  double sum = 0;
  for (const auto& stage : content.stages) sum += stage.seconds;
  if (content.stages.empty()) {
    for (const auto& record : content.records) sum += record.seconds;
  }
  return sum;
}

std::string top(const PageContent& content) {
  const auto& film = content.film;
  const double fps = content.timeline.fps().to_double();
  std::string out = element("h1", content.scene.title) + "\n";
  out += fmt::format("<p class=\"lede\">How {} was made.</p>\n<div class=\"tiles\">\n",
                     escape(content.film_name));
  const double length = seconds_of(film.frames, content.timeline);
  out +=
      tile(duration(length), fmt::format("{}, {:.4g} a second", count(film.frames, "frame"), fps));
  out += tile(fmt::format("{} × {}", film.width, film.height), "pixels");
  out += tile(fmt::format("{}", content.records.size()),
              content.records.size() == 1 ? "keyframe" : "keyframes");
  const auto [right, all] = matches(content);
  if (content.texts.size() > 1 && all > 0) {
    out += tile(fmt::format("{} of {}", right, all), "keyframes look most like their own prompt");
  }
  const double seconds = total_seconds(content);
  if (seconds > 0) {
    out += tile(duration(seconds), content.stages.empty() ? "to optimize" : "to make");
  }
  return out + "</div>\n";
}

std::string findings_section(const PageContent& content) {
  std::string out = "<section>\n<h2>What to look at</h2>\n";
  if (content.findings.empty() && content.warnings.empty()) {
    return out +
           "<p class=\"good\">Nothing stands out: the losses fell, the film moves evenly, every "
           "keyframe shows its own prompt best.</p>\n</section>\n";
  }
  out += "<ul class=\"findings\">\n";
  for (const auto weight : {Weight::problem, Weight::hint}) {
    for (const auto& finding : content.findings) {
      if (finding.weight != weight) continue;
      const bool problem = weight == Weight::problem;
      out += fmt::format(
          "<li class=\"{}\"><span class=\"tag\">{}</span><div>{} <span class=\"try\">{}</span>"
          "</div></li>\n",
          problem ? "problem" : "hint", problem ? "Problem" : "Hint", escape(finding.what),
          escape(finding.try_));
    }
    if (weight != Weight::problem) continue;
    for (const auto& warning : content.warnings) {
      out += fmt::format(
          "<li class=\"warning\"><span class=\"tag\">Warning</span><div>{}</div></li>\n",
          escape(warning));
    }
  }
  return out + "</ul>\n</section>\n";
}

// --- Time, and how -------------------------------------------------------------------------------

std::string stages_section(const PageContent& content) {
  auto stages = content.stages;
  std::string note;
  if (stages.empty()) {
    for (std::size_t k = 0; k < content.records.size(); ++k) {
      if (content.records[k].seconds > 0) {
        stages.push_back(
            {.name = fmt::format("keyframe {}", k), .seconds = content.records[k].seconds});
      }
    }
    note = "<p class=\"quiet\">Only the optimization's own time is known.</p>\n";
  }
  if (stages.empty()) return {};
  double total = 0, longest = 0;
  bool memory = false;
  for (const auto& stage : stages) {
    total += stage.seconds;
    longest = std::max(longest, stage.seconds);
    memory = memory || stage.peak_bytes > 0;
  }
  std::string out = fmt::format(
      "<section>\n<h2>Time{}</h2>\n{}<table class=\"stages\"><thead><tr><th>stage</th>"
      "<th class=\"n\">time</th><th class=\"n\">share</th><th></th>{}</tr></thead>\n<tbody>\n",
      memory ? " and memory" : "", note, memory ? "<th class=\"n\">memory at most</th>" : "");
  for (const auto& stage : stages) {
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{:.0f} %</td>"
        "<td class=\"bar\"><div style=\"width:{:.1f}%\"></div></td>",
        escape(stage.name), duration(stage.seconds), total > 0 ? 100 * stage.seconds / total : 0,
        longest > 0 ? 100 * stage.seconds / longest : 0);
    if (memory) {
      out +=
          fmt::format("<td class=\"n\">{}</td>",
                      stage.peak_bytes > 0 ? files::format_bytes(stage.peak_bytes) : "not known");
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n</section>\n";
}

// The value that all keyframes share, or "by keyframe".
template <class Get>
std::string shared(const scenes::Scene& scene, Get get) {
  const std::string first = get(scene.keyframes.front().optimize);
  for (const auto& keyframe : scene.keyframes) {
    if (get(keyframe.optimize) != first) return "by keyframe";
  }
  return first;
}

std::string settings_section(const PageContent& content) {
  const auto& scene = content.scene;
  std::string out = "<section>\n<h2>How</h2>\n<dl class=\"settings\">\n";
  const auto add = [&](std::string_view what, const std::string& value) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", what, escape(value));
  };
  using Options = scenes::OptimizeOptions;
  std::string clips;
  for (const auto& clip : scene.models.clip) clips += (clips.empty() ? "" : ", ") + clip.name;
  add("VQGAN", scene.models.vqgan);
  add("CLIP", clips);
  add("made at", fmt::format("{} × {}", scene.video.width, scene.video.height));
  add("recipe", shared(scene, [](const Options& o) { return o.recipe; }));
  add("iterations",
      shared(scene, [](const Options& o) { return fmt::format("{}", o.iterations); }));
  add("cutouts", shared(scene, [](const Options& o) { return fmt::format("{}", o.cutouts); }));
  add("learning_rate",
      shared(scene, [](const Options& o) { return fmt::format("{:.4g}", o.learning_rate); }));
  add("seed", shared(scene, [](const Options& o) { return fmt::format("{}", o.seed); }));
  add("path", std::string(scenes::name_of(scene.interpolate.path)));
  add("pacing", scene.interpolate.pacing == scenes::Pacing::even ? "even" : "clock");
  return out + "</dl>\n</section>\n";
}

}  // namespace

// --- What sections share -------------------------------------------------------------------------

double seconds_of(std::int64_t frame, const scenes::Timeline& timeline) {
  return scenes::time_of_frame(frame, timeline.fps()).to_seconds();
}

std::string image(const SmallPicture& picture, std::string_view what) {
  return fmt::format("<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\">", picture.uri,
                     picture.width, picture.height, escape(what));
}

// --- The page ------------------------------------------------------------------------------------

std::string page(const PageContent& content) {
  std::string out = top(content);
  out += findings_section(content);
  out += film_section(content);
  out += chains_section(content);
  out += "<section>\n<h2>Keyframes</h2>\n";
  for (std::size_t k = 0; k < content.records.size(); ++k) out += keyframe_section(content, k);
  out += "</section>\n";
  out += stages_section(content);
  out += settings_section(content);
  return document(content.scene.title + ": render report", out);
}

}  // namespace latentreel::report
