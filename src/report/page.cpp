#include "src/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/report/charts.h"
#include "src/report/markup.h"

namespace latentreel::report {
namespace {

using render::KeyframeRecord;
using scenes::Keyframe;
using scenes::Prompt;

constexpr std::size_t kMostLossPoints = 500;    // of a line
constexpr std::size_t kMostChangePoints = 730;  // one for each unit of the chart's width
constexpr double kVisiblePull = 0.01;           // part of the loss from which the pull is named
constexpr double kLowPlot = 160;                // of charts that say one thing

double seconds_of(std::int64_t frame, const scenes::Timeline& timeline) {
  return scenes::time_of_frame(frame, timeline.fps()).to_seconds();
}

std::string element(std::string_view tag, std::string_view text, std::string_view classes = {}) {
  if (classes.empty()) return fmt::format("<{0}>{1}</{0}>", tag, escape(text));
  return fmt::format("<{0} class=\"{2}\">{1}</{0}>", tag, escape(text), classes);
}

// "0, 2: a red apple".
std::string text_name(const FilmText& text) {
  std::string numbers;
  for (std::size_t i = 0; i < text.keyframes.size(); ++i) {
    if (i == 3) {
      numbers += ", …";
      break;
    }
    numbers += fmt::format("{}{}", i == 0 ? "" : ", ", text.keyframes[i]);
  }
  return numbers + ": " + text.text;
}

std::string swatch(int color) {
  return fmt::format(
      "<svg class=\"swatch\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"line s{} "
      "strong\" d=\"M1 5h26\"/></svg>",
      color);
}

std::string figure(const std::string& chart, const std::string& caption,
                   const std::string& legend = {}) {
  return fmt::format("<figure class=\"chart\"><figcaption>{}</figcaption>\n{}{}</figure>\n",
                     caption, chart, legend);
}

// Where keyframes stand in the film.
std::vector<Mark> keyframe_marks(const scenes::Timeline& timeline) {
  std::vector<Mark> marks;
  for (std::size_t k = 0; k < timeline.keyframe_frames().size(); ++k) {
    marks.push_back({.from = seconds_of(timeline.keyframe_frames()[k], timeline),
                     .until = seconds_of(timeline.hold_ends()[k], timeline),
                     .label = fmt::format("{}", k)});
  }
  return marks;
}

std::pair<double, double> film_range(const PageContent& content) {
  return {0, seconds_of(std::max<std::int64_t>(1, content.film.frames), content.timeline)};
}

// --- The top
// --------------------------------------------------------------------------------------

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

std::string tile(const std::string& value, const std::string& what) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", escape(value),
                     escape(what));
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

// --- The film
// -------------------------------------------------------------------------------------

std::vector<ChartPicture> film_strip(const PageContent& content) {
  const auto [from, until] = film_range(content);
  std::vector<ChartPicture> strip;
  const auto pictures = static_cast<double>(content.strip.size());
  for (std::size_t i = 0; i < content.strip.size(); ++i) {
    const double width = (until - from) / pictures;
    strip.push_back({.from = from + width * static_cast<double>(i),
                     .until = from + width * static_cast<double>(i + 1),
                     .uri = content.strip[i]});
  }
  return strip;
}

std::vector<double> sample_times(const PageContent& content) {
  std::vector<double> times;
  for (const auto frame : content.film.sampled)
    times.push_back(seconds_of(frame, content.timeline));
  return times;
}

std::string similarity_lines(const PageContent& content) {
  LineChart chart;
  chart.id = "similarity";
  chart.title = "CLIP similarity of the film to each prompt";
  chart.description = fmt::format(
      "Cosine similarity at {} for {}, over time in seconds; the ribbon names the best.",
      count(std::ssize(content.film.sampled), "frame"), count(std::ssize(content.texts), "prompt"));
  chart.y_label = "cosine similarity";
  chart.x_axis = Axis::time;
  chart.x_range = film_range(content);
  chart.marks = keyframe_marks(content.timeline);
  chart.strip = film_strip(content);
  const auto times = sample_times(content);
  std::string legend = "<ul class=\"legend\">\n";
  for (std::size_t t = 0; t < content.texts.size(); ++t) {
    const int color = static_cast<int>(t) + 1;
    chart.series.push_back({.name = text_name(content.texts[t]),
                            .x = times,
                            .y = content.film.similarity[t],
                            .color = color,
                            .strong = true});
    legend += fmt::format("<li>{}{}</li>\n", swatch(color), escape(text_name(content.texts[t])));
  }
  legend += "</ul>\n";
  if (content.texts.size() > 1) {
    chart.ribbon = winners(content.texts, content.film, content.timeline.fps());
    chart.ribbon_label = "most like keyframe";
  }
  return figure(svg(chart),
                "<b>Which prompt CLIP sees, when.</b> Higher is more alike. Numbers on top are "
                "keyframes, shaded while they are held; the ribbon shows which prompt wins.",
                legend);
}

std::string similarity_rows(const PageContent& content) {
  RowChart chart;
  chart.id = "similarity";
  chart.title = "CLIP similarity of the film to each prompt";
  chart.description = "A row for each prompt, over time in seconds; strong where it is the best.";
  chart.x = sample_times(content);
  chart.x_range = film_range(content);
  const auto marks = keyframe_marks(content.timeline);
  double low = 1, high = -1;
  for (std::size_t t = 0; t < content.texts.size(); ++t) {
    RowChart::Row row{.label = text_name(content.texts[t]), .y = content.film.similarity[t]};
    for (std::size_t s = 0; s < chart.x.size(); ++s) {
      row.strong.push_back(content.film.winner(s) == static_cast<int>(t));
      low = std::min(low, row.y[s]);
      high = std::max(high, row.y[s]);
    }
    for (const int k : content.texts[t].keyframes) {
      row.marks.push_back(marks[static_cast<std::size_t>(k)]);
    }
    chart.rows.push_back(std::move(row));
  }
  return figure(
      svg(chart),
      fmt::format("<b>Which prompt CLIP sees, when.</b> A row for each prompt, all from {} to {} "
                  "of cosine similarity; strong where it is the best match of all, with a line "
                  "where its own keyframe stands.",
                  number(low), number(high)));
}

std::string change_chart(const PageContent& content) {
  LineChart chart;
  chart.id = "change";
  chart.title = "Visible change of each frame";
  chart.description =
      "Mean absolute difference from the frame before, in percent of the range of values, over "
      "time in seconds.";
  chart.y_label = "change, %";
  chart.x_axis = Axis::time;
  chart.x_range = film_range(content);
  chart.from_zero = true;
  chart.plot_height = kLowPlot;
  chart.marks = keyframe_marks(content.timeline);
  Series series{.name = "", .color = 1};
  for (std::size_t i = 1; i < content.film.change.size(); ++i) {
    series.x.push_back(seconds_of(static_cast<std::int64_t>(i), content.timeline));
    series.y.push_back(100.0 * content.film.change[i]);
  }
  thin(series.x, series.y, kMostChangePoints);
  chart.series.push_back(std::move(series));
  // Similarities as rows have no film strip of their own.
  if (content.texts.empty() || content.texts.size() > kMostLines) {
    chart.strip = film_strip(content);
  }
  const auto& interpolate = content.scene.interpolate;
  return figure(svg(chart),
                fmt::format("<b>How much moves from frame to frame.</b> Smooth hills are calm "
                            "motion, single spikes flicker. The pacing here is {}.",
                            interpolate.pacing == scenes::Pacing::even ? "“even”" : "“clock”"));
}

std::string film_section(const PageContent& content) {
  std::string out = "<section>\n<h2>The film</h2>\n";
  if (content.texts.empty()) {
    out += "<p>The scene has no text prompt to compare the film with.</p>\n";
  } else {
    out +=
        content.texts.size() <= kMostLines ? similarity_lines(content) : similarity_rows(content);
  }
  return out + change_chart(content) + "</section>\n";
}

// --- Keyframes
// ------------------------------------------------------------------------------------

// What to call a prompt, and whether it pushes away.
std::string prompt_name(const Prompt& prompt, bool excluded) {
  const auto name = prompt.kind == Prompt::Kind::image
                        ? "picture " + prompt.image.filename().string()
                        : prompt.text;
  return excluded ? "not: " + name : name;
}

std::string prompt_list(const Keyframe& keyframe) {
  std::string out = "<ul class=\"prompts\">\n";
  const auto add = [&](const Prompt& prompt, bool excluded) {
    out += "<li>" + escape(prompt_name(prompt, excluded));
    if (prompt.weight != 1) {
      out += fmt::format(" <span class=\"quiet\">× {:.4g}</span>", prompt.weight);
    }
    out += "</li>\n";
  };
  for (const auto& prompt : keyframe.prompts) add(prompt, false);
  for (const auto& prompt : keyframe.optimize.exclude) add(prompt, true);
  for (const auto& text : keyframe.optimize.extra) {
    out += fmt::format("<li>{} <span class=\"quiet\">joined to each, × {:.4g}</span></li>\n",
                       escape(text), keyframe.optimize.extra_weight);
  }
  return out + "</ul>\n";
}

std::string snapshot_figure(int keyframe, const Snapshot& snapshot, const KeyframeRecord& record) {
  std::string when =
      snapshot.iteration < 0 ? "the start" : fmt::format("iteration {}", snapshot.iteration);
  std::string loss;
  const auto index = static_cast<std::size_t>(std::max(0, snapshot.iteration));
  if (snapshot.iteration >= 0 && index < record.history.size()) {
    loss = "loss " + number(record.history[index].loss);
  }
  std::string picture;
  if (snapshot.uri.empty()) {
    picture = "<div class=\"nothing\">not a number</div>";
  } else {
    picture = fmt::format("<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"Keyframe {}, {}{}\">",
                          snapshot.uri, snapshot.width, snapshot.height, keyframe, when,
                          loss.empty() ? "" : ", " + loss);
  }
  return fmt::format(
      "<figure class=\"shot{}\">{}{}<figcaption>{}<br><span class=\"quiet\">{}</span></figcaption>"
      "</figure>\n",
      snapshot.kept ? " kept" : "", picture,
      snapshot.kept ? "<span class=\"badge\">kept</span>" : "", when, loss);
}

// What the loss holds besides the prompts' shares.
double pull_to_start(const render::Iteration& iteration) {
  if (iteration.shares.empty()) return 0;
  return iteration.loss - std::accumulate(iteration.shares.begin(), iteration.shares.end(), 0.0);
}

std::string story(const Keyframe& keyframe, const KeyframeRecord& record) {
  std::string text;
  if (!record.start.empty()) text += fmt::format("Began with {}. ", record.start);
  const auto made = std::ssize(record.history);
  if (made == 0) return text + "No iteration was made.";
  text += count(made, "iteration");
  if (made < keyframe.optimize.iterations) {
    text += fmt::format(" of at most {}", keyframe.optimize.iterations);
  }
  if (record.seconds > 0) {
    text += fmt::format(" in {} ({} each)", duration(record.seconds),
                        duration(record.seconds / static_cast<double>(made)));
  }
  const auto& best = record.history[static_cast<std::size_t>(
      std::clamp<std::int64_t>(record.best_iteration, 0, made - 1))];
  text += fmt::format(", loss {} to {}", number(record.history.front().loss), number(best.loss));
  const double pull = pull_to_start(best);
  if (pull > kVisiblePull * std::abs(best.loss)) {
    text += fmt::format(", of which {} is the pull to the start", number(pull));
  }
  if (record.rollbacks > 0)
    text += fmt::format(", rolled back {}", count(record.rollbacks, "time"));
  return text + ".";
}

std::string keyframe_section(const PageContent& content, std::size_t k) {
  const auto& keyframe = content.scene.keyframes[k];
  const auto& record = content.records[k];
  const int index = static_cast<int>(k);
  const auto frame = content.timeline.keyframe_frames()[k];
  std::string out = fmt::format(
      "<article class=\"keyframe\">\n<h3>Keyframe {} <span class=\"quiet\">at {:.2f} s, frame {}"
      "</span></h3>\n",
      k, seconds_of(frame, content.timeline), frame);
  out += prompt_list(keyframe);
  out += element("p", story(keyframe, record), "story") + "\n<div class=\"shots\">\n";
  for (const auto& snapshot : content.snapshots[k]) {
    out += snapshot_figure(index, snapshot, record);
  }
  out += "</div>\n";
  if (!record.history.empty()) {
    const auto chart = loss_chart(index, keyframe, record, content.texts);
    std::string legend;
    if (chart.series.size() > 2) {
      legend = "<ul class=\"legend\">\n";
      for (const auto& series : chart.series) {
        if (series.faint) continue;
        legend += fmt::format("<li>{}{}</li>\n", swatch(series.color), escape(series.name));
      }
      legend += "</ul>\n";
    }
    out += figure(svg(chart),
                  chart.series.size() > 2
                      ? "<b>Loss of each prompt.</b> Lower is more alike; the thin line is the "
                        "whole loss of every iteration."
                      : "<b>Loss.</b> Lower is more alike; the thin line is every iteration, the "
                        "thick one their moving average.",
                  legend);
  }
  return out + "</article>\n";
}

// --- Time, and how
// --------------------------------------------------------------------------------

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
      out += fmt::format("<td class=\"n\">{}</td>",
                         stage.peak_bytes > 0 ? bytes(stage.peak_bytes) : "not known");
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n</section>\n";
}

const char* name_of(scenes::PathKind path) {
  switch (path) {
    case scenes::PathKind::linear:
      return "linear";
    case scenes::PathKind::spherical:
      return "spherical";
    case scenes::PathKind::spline:
      break;
  }
  return "spline";
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
  add("path", name_of(scene.interpolate.path));
  add("pacing", scene.interpolate.pacing == scenes::Pacing::even ? "even" : "clock");
  return out + "</dl>\n</section>\n";
}

}  // namespace

// --- Parts that tests look at
// ---------------------------------------------------------------------

std::vector<Band> winners(const std::vector<FilmText>& texts, const FilmMeasures& film,
                          scenes::FrameRate fps) {
  std::vector<Band> bands;
  const auto& frames = film.sampled;
  for (std::size_t s = 0; s < frames.size(); ++s) {
    const int winner = film.winner(s);
    if (winner < 0) break;
    // A sample stands for the frames nearest to it.
    const double from = s == 0 ? 0 : static_cast<double>(frames[s - 1] + frames[s] + 1) / 2;
    const double until = s + 1 == frames.size()
                             ? static_cast<double>(film.frames)
                             : static_cast<double>(frames[s] + frames[s + 1] + 1) / 2;
    if (!bands.empty() && bands.back().color == winner + 1) {
      bands.back().until = until / fps.to_double();
      continue;
    }
    const auto& keyframes = texts[static_cast<std::size_t>(winner)].keyframes;
    bands.push_back(
        {.from = from / fps.to_double(),
         .until = until / fps.to_double(),
         .color = winner + 1,
         .label = fmt::format("{}{}", keyframes.front(), keyframes.size() > 1 ? ", …" : "")});
  }
  return bands;
}

LineChart loss_chart(int index, const Keyframe& keyframe, const KeyframeRecord& record,
                     const std::vector<FilmText>& texts) {
  const auto& history = record.history;
  LineChart chart;
  chart.id = fmt::format("loss-{}", index);
  chart.title = fmt::format("Loss of keyframe {}", index);
  chart.x_label = "iteration";
  chart.y_label = "loss";
  chart.x_axis = Axis::whole;
  chart.plot_height = kLowPlot;
  chart.description = history.empty()
                          ? "No iteration was made."
                          : fmt::format("From {} at iteration 0 to {} at iteration {}.",
                                        number(history.front().loss), number(history.back().loss),
                                        history.back().number);

  const std::size_t every = (history.size() + kMostLossPoints - 1) / kMostLossPoints;
  const auto line = [&](const std::string& name, const auto& value) {
    Series series{.name = name};
    for (std::size_t i = 0; i < history.size(); i += every) {
      series.x.push_back(history[i].number);
      series.y.push_back(value(history[i]));
    }
    return series;
  };

  std::vector<const Prompt*> prompts;
  for (const auto& prompt : keyframe.prompts) prompts.push_back(&prompt);
  for (const auto& prompt : keyframe.optimize.exclude) prompts.push_back(&prompt);
  const bool parts_known = !history.empty() && history.front().shares.size() == prompts.size();

  auto raw = line("every iteration", [](const auto& i) { return i.loss; });
  raw.faint = true;
  chart.series.push_back(std::move(raw));
  auto whole = line("moving average", [](const auto& i) { return i.smoothed; });
  whole.strong = true;

  // Colours as in the film's chart where the text is there too, so that a prompt keeps its own.
  std::vector<bool> used(kColors + 1, false);
  const auto take_color = [&](const Prompt& prompt) {
    const auto known = std::find_if(texts.begin(), texts.end(),
                                    [&](const auto& text) { return text.text == prompt.text; });
    auto color = static_cast<std::size_t>(known - texts.begin()) + 1;
    const bool as_there = texts.size() <= kMostLines && known != texts.end() && !used[color];
    if (!as_there) {
      color =
          static_cast<std::size_t>(std::find(used.begin() + 1, used.end(), false) - used.begin());
    }
    if (color > kColors) {
      std::fill(used.begin(), used.end(), false);
      color = 1;
    }
    used[color] = true;
    return static_cast<int>(color);
  };

  if (prompts.size() == 1) {
    whole.color = take_color(*prompts.front());
    chart.series.push_back(std::move(whole));
  } else {
    whole.name = "the whole loss";
    chart.series.push_back(std::move(whole));
    for (std::size_t p = 0; parts_known && p < prompts.size(); ++p) {
      auto part = line(prompt_name(*prompts[p], p >= keyframe.prompts.size()),
                       [p](const auto& i) { return i.shares[p]; });
      part.color = take_color(*prompts[p]);
      chart.series.push_back(std::move(part));
    }
  }
  if (keyframe.optimize.keep == scenes::Keep::best && record.best_iteration >= 0) {
    const double best = record.best_iteration;
    chart.marks.push_back({.from = best, .until = best, .label = "kept"});
  }
  return chart;
}

// --- The page
// -------------------------------------------------------------------------------------

std::string page(const PageContent& content) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      // Nothing is fetched and nothing runs, whatever a scene's texts hold.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += element("title", content.scene.title + ": render report") + "\n<style>\n";
  out += kPageStyle;
  out += "</style>\n</head>\n<body>\n<main>\n";
  out += top(content);
  out += findings_section(content);
  out += film_section(content);
  out += "<section>\n<h2>Keyframes</h2>\n";
  for (std::size_t k = 0; k < content.records.size(); ++k) out += keyframe_section(content, k);
  out += "</section>\n";
  out += stages_section(content);
  out += settings_section(content);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace latentreel::report
