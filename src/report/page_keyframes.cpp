#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/pages/elements.h"
#include "src/pages/markup.h"
#include "src/report/page_parts.h"

namespace latentreel::report {
namespace {

using render::KeyframeRecord;
using scenes::Keyframe;
using scenes::Prompt;

constexpr std::size_t kMostLossPoints = 500;  // of a line
constexpr double kVisiblePull = 0.01;         // part of the loss from which the pull is named

// What to call a prompt, and whether it pushes away.
std::string prompt_name(const Prompt& prompt, bool excluded) {
  const auto name = prompt.kind == Prompt::Kind::image
                        ? "picture " + scenes::still_name(prompt.image)
                        : prompt.text;
  return excluded ? "not: " + name : name;
}

std::string prompt_list(const Keyframe& keyframe) {
  std::string out = "<ul class=\"prompts\">\n";
  const auto add = [&](const Prompt& prompt, bool excluded) {
    out += "<li>" + escape(prompt_name(prompt, excluded));
    if (prompt.weight_curve) {
      out += fmt::format(" <span class=\"quiet\">× {}</span>",
                         escape(scenes::toml(*prompt.weight_curve)));
    } else if (prompt.weight != 1) {
      out += fmt::format(" <span class=\"quiet\">× {:.4g}</span>", prompt.weight);
    }
    out += "</li>\n";
  };
  for (const auto& prompt : keyframe.prompts) add(prompt, false);
  for (const auto& prompt : keyframe.optimize.exclude) add(prompt, true);
  for (const auto& text : keyframe.optimize.extra) {
    const auto& curve = keyframe.optimize.extra_weight_curve;
    const auto weight = curve ? escape(scenes::toml(*curve))
                              : fmt::format("{:.4g}", keyframe.optimize.extra_weight);
    out += fmt::format("<li>{} <span class=\"quiet\">joined to each, × {}</span></li>\n",
                       escape(text), weight);
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
  if (snapshot.picture.uri.empty()) {
    picture = "<div class=\"nothing\">not a number</div>";
  } else {
    picture = image(snapshot.picture, fmt::format("Keyframe {}, {}{}", keyframe, when,
                                                  loss.empty() ? "" : ", " + loss));
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

std::string story(const Keyframe& keyframe, const KeyframeRecord& record, bool feedback) {
  if (feedback && !record.latent.z().defined()) {
    return "Its prompts rule frames that grow out of one another; no picture was made for it "
           "alone.";
  }
  std::string text;
  if (!record.start.empty()) text += fmt::format("Began with {}. ", record.start);
  const auto made = std::ssize(record.history);
  if (made == 0) return text + "No iteration was made.";
  text += count(made, "iteration");
  if (made < keyframe.optimize.iterations) {
    text += fmt::format(" of at most {}", keyframe.optimize.iterations);
  }
  if (record.seconds > 0) {
    const double seconds = record.seconds - record.seconds_before;
    text += fmt::format(" in {} ({} each)", duration(seconds),
                        duration(seconds / static_cast<double>(made)));
    if (record.seconds_before > 0) {
      text += fmt::format(", after {} in earlier passes", duration(record.seconds_before));
    }
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

LineChart empty_loss_chart(int index, const std::vector<render::Iteration>& history) {
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
  return chart;
}

// A line through value(iteration), thinned to what a chart can show.
template <class ValueOf>
Series loss_line(const std::string& name, const std::vector<render::Iteration>& history,
                 const ValueOf& value) {
  const std::size_t every = (history.size() + kMostLossPoints - 1) / kMostLossPoints;
  Series series{.name = name};
  for (std::size_t i = 0; i < history.size(); i += every) {
    series.x.push_back(history[i].number);
    series.y.push_back(value(history[i]));
  }
  return series;
}

// Gives each prompt the colour that its text has in the film's chart, where it is there, so that a
// prompt keeps its own, else the first that is free.
class PromptColors {
 public:
  explicit PromptColors(const std::vector<FilmText>& texts)
      : texts_(texts), used_(kColors + 1, false) {}

  int take(const Prompt& prompt) {
    const auto known = std::find_if(texts_.begin(), texts_.end(),
                                    [&](const auto& text) { return text.text == prompt.text; });
    auto color = static_cast<std::size_t>(known - texts_.begin()) + 1;
    const bool as_there = texts_.size() <= kMostLines && known != texts_.end() && !used_[color];
    if (!as_there) {
      const auto free = std::find(used_.begin() + 1, used_.end(), false);
      color = static_cast<std::size_t>(free - used_.begin());
    }
    if (color > kColors) {
      std::fill(used_.begin(), used_.end(), false);
      color = 1;
    }
    used_[color] = true;
    return static_cast<int>(color);
  }

 private:
  const std::vector<FilmText>& texts_;
  std::vector<bool> used_;
};

}  // namespace

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
  out += element("p", story(keyframe, record, content.scene.feedback.on), "story") +
         "\n<div class=\"shots\">\n";
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

LineChart loss_chart(int index, const Keyframe& keyframe, const KeyframeRecord& record,
                     const std::vector<FilmText>& texts) {
  const auto& history = record.history;
  auto chart = empty_loss_chart(index, history);
  auto raw = loss_line("every iteration", history, [](const auto& i) { return i.loss; });
  raw.faint = true;
  chart.series.push_back(std::move(raw));

  std::vector<const Prompt*> prompts;
  for (const auto& prompt : keyframe.prompts) prompts.push_back(&prompt);
  for (const auto& prompt : keyframe.optimize.exclude) prompts.push_back(&prompt);
  PromptColors colors(texts);
  auto whole = loss_line("moving average", history, [](const auto& i) { return i.smoothed; });
  whole.strong = true;
  if (prompts.size() == 1) {
    whole.color = colors.take(*prompts.front());
  } else {
    whole.name = "the whole loss";
  }
  chart.series.push_back(std::move(whole));
  // Behind the prompts' shares there may be that of what the start showed.
  const bool parts_known = !history.empty() && history.front().shares.size() >= prompts.size();
  for (std::size_t p = 0; parts_known && prompts.size() > 1 && p < prompts.size(); ++p) {
    auto part = loss_line(prompt_name(*prompts[p], p >= keyframe.prompts.size()), history,
                          [p](const auto& i) { return i.shares[p]; });
    part.color = colors.take(*prompts[p]);
    chart.series.push_back(std::move(part));
  }
  if (keyframe.optimize.keep == scenes::Keep::best && record.best_iteration >= 0) {
    const double best = record.best_iteration;
    chart.marks.push_back({.from = best, .until = best, .label = "kept"});
  }
  return chart;
}

}  // namespace latentreel::report
