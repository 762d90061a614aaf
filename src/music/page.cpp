#include "src/music/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "src/music/labels.h"
#include "src/pages/charts.h"
#include "src/pages/elements.h"
#include "src/pages/markup.h"

namespace latentreel::music {
namespace {

constexpr std::size_t kPoints = 1400;  // of a line
constexpr double kWholePlot = 150;     // height of a chart's plot
constexpr double kDetailPlot = 70;
constexpr double kDetail = 20;       // seconds of song in one chart of beats
constexpr double kMostDetails = 45;  // charts: a quarter of an hour

using Span = std::pair<double, double>;  // seconds

// The song's peaks within `span`.
report::Series wave_form(const SongAnalysis& song, Span span) {
  report::Series series{.name = "wave form", .color = 1};
  const auto first = static_cast<std::size_t>(std::max(0.0, span.first / Frames::kSeconds));
  for (std::size_t i = first; i < song.peaks.size(); ++i) {
    const double at = static_cast<double>(i) * Frames::kSeconds;
    if (at > span.second) break;
    series.x.push_back(at);
    series.y.push_back(song.peaks[i]);
  }
  report::thin(series.x, series.y, kPoints);
  return series;
}

std::vector<report::Band> section_bands(const SongAnalysis& song, Span span) {
  std::vector<report::Band> bands;
  for (const auto& section : song.sections) {
    if (section.until <= span.first || section.from >= span.second) continue;
    bands.push_back({.from = std::max(section.from, span.first),
                     .until = std::min(section.until, span.second),
                     .color = section.kind % report::kColors + 1,
                     .label = section_name(section)});
  }
  return bands;
}

report::LineChart chart_of(const SongAnalysis& song, Span span) {
  report::LineChart chart;
  chart.x_axis = report::Axis::time;
  chart.x_range = span;
  chart.from_zero = true;
  chart.series.push_back(wave_form(song, span));
  chart.ribbon = section_bands(song, span);
  chart.ribbon_label = "sections";
  return chart;
}

std::string whole_chart(const SongAnalysis& song) {
  auto chart = chart_of(song, {0, song.seconds});
  chart.id = "whole";
  chart.title = "The whole song";
  chart.description = "The song's wave form; below it its sections.";
  chart.plot_height = kWholePlot;
  return report::figure(report::svg(chart),
                        "The loudest sample over time, and the sections. Sections of one letter "
                        "sound alike.");
}

// A mark at every beat of the span; the first of a bar is a stretch as long as itself and numbered.
std::vector<report::Mark> beat_marks(const SongAnalysis& song, Span span) {
  std::vector<report::Mark> marks;
  const auto bar = static_cast<std::size_t>(song.beats_per_bar);
  for (std::size_t i = 0; i < song.beats.size(); ++i) {
    const double at = song.beats[i];
    if (at < span.first || at >= span.second) continue;
    const bool begins_bar = i % bar == 0;
    const double next = i + 1 < song.beats.size() ? song.beats[i + 1] : at;
    marks.push_back({.from = at,
                     .until = begins_bar ? next : at,
                     .label = begins_bar ? std::to_string(i / bar + 1) : ""});
  }
  return marks;
}

std::string detail_charts(const SongAnalysis& song) {
  std::string out;
  const double shown = std::min(song.seconds, kMostDetails * kDetail);
  for (double from = 0; from < shown; from += kDetail) {
    auto chart = chart_of(song, {from, from + kDetail});
    chart.id = fmt::format("beats-{}", std::lround(from));
    chart.title = fmt::format("Beats from {:.0f} s", from);
    chart.description = "The wave form with a line at every beat and a number at every bar.";
    chart.plot_height = kDetailPlot;
    chart.marks = beat_marks(song, {from, from + kDetail});
    out += report::figure(report::svg(chart), "");
  }
  if (shown < song.seconds) {
    out += report::element("p", "What follows of the song is in the label file.", "quiet") + "\n";
  }
  return out;
}

std::string beats_section(const SongAnalysis& song) {
  if (song.beats.empty()) {
    return "<section>\n<h2>Beats and bars</h2>\n<p>No steady beat was found: nothing in the song "
           "repeats from beat to beat. A tempo that you know can still be typed into the scene "
           "(bpm, offset).</p>\n</section>\n";
  }
  return "<section>\n<h2>Beats and bars</h2>\n<p class=\"quiet\">A line at every beat; the first "
         "beat of every bar is shaded and has the bar's number. Do the lines fall on the drums? If "
         "they come twice too often or too seldom, analyze again with --half or --double.</p>\n" +
         detail_charts(song) + "</section>\n";
}

std::string signals_section(const SongAnalysis& song, std::span<const NamedSignal> signals) {
  if (signals.empty()) return {};
  report::RowChart chart;
  chart.id = "signals";
  chart.title = "Signals";
  chart.description = "How strong each signal is over time, from 0 to 1.";
  chart.x_range = {0, song.seconds};
  const double step = song.seconds / static_cast<double>(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) chart.x.push_back(static_cast<double>(i) * step);
  for (const auto& [name, signal] : signals) {
    report::RowChart::Row row{.label = name};
    for (const double from : chart.x) {
      double most = 0;  // peaks stay, however long the song
      for (double at = from; at < from + step; at += signal.step) {
        most = std::max(most, signal.at(at));
      }
      row.y.push_back(most);
    }
    row.strong.resize(row.y.size());
    chart.rows.push_back(std::move(row));
  }
  return "<section>\n<h2>Signals</h2>\n" +
         report::figure(report::svg(chart),
                        "What curves in a scene can follow, by name: each from 0 to 1.") +
         "</section>\n";
}

std::string top(const SongAnalysis& song, const std::string& name) {
  std::string out = report::element("h1", name) + "\n";
  out += "<p class=\"lede\">What the analysis heard: a suggestion to check and correct.</p>\n";
  out += "<div class=\"tiles\">\n" + report::tile(report::duration(song.seconds), "length");
  if (song.tempo) {
    out += report::tile(fmt::format("{:.6g}", song.tempo->bpm), "beats a minute");
  } else if (!song.beats.empty()) {
    out += report::tile(fmt::format("{:.0f} – {:.0f}", song.slowest, song.fastest),
                        "beats a minute: it changes");
  }
  if (!song.beats.empty()) {
    out += report::tile(fmt::format("{:.3f} s", song.beats.front()), "first bar begins");
  }
  out += report::tile(confidence_words(song.confidence),
                      fmt::format("confidence {:.2f}", song.confidence));
  out += report::tile(std::to_string(song.sections.size()),
                      song.sections.size() == 1 ? "section" : "sections");
  return out + "</div>\n";
}

}  // namespace

std::string page(const SongAnalysis& song, const std::string& name,
                 std::span<const NamedSignal> signals) {
  std::string body = top(song, name);
  body += "<section>\n<h2>The song</h2>\n" + whole_chart(song) + "</section>\n";
  body += beats_section(song) + signals_section(song, signals);
  return report::document(name + ": analysis", body);
}

}  // namespace latentreel::music
