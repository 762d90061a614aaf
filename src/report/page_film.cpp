#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "src/pages/elements.h"
#include "src/pages/markup.h"
#include "src/report/page_parts.h"

namespace latentreel::report {
namespace {

constexpr std::size_t kMostChangePoints = 730;  // one for each unit of the chart's width

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
  return figure(
      svg(chart),
      fmt::format("<b>How much moves from frame to frame.</b> Smooth hills are calm "
                  "motion, single spikes flicker. {}",
                  content.scene.feedback.on ? "Each frame here grows out of the one before it."
                  : interpolate.pacing == scenes::Pacing::even ? "The pacing here is “even”."
                                                               : "The pacing here is “clock”."));
}

// `chart`, which says what it is, with two lines over the frames that grew out of the one before: a
// thin one of what `thin_of` says of each, and a thick one.
template <class ThinOf, class ThickOf>
std::string frame_lines(const PageContent& content, LineChart chart, const ThinOf& thin_of,
                        const ThickOf& thick_of) {
  chart.x_axis = Axis::time;
  chart.x_range = film_range(content);
  chart.plot_height = kLowPlot;
  chart.marks = keyframe_marks(content.timeline);
  Series thin_line{.name = "", .faint = true}, thick_line{.name = "", .color = 1, .strong = true};
  for (const auto& loss : content.losses) {
    const double seconds = seconds_of(loss.frame, content.timeline);
    thin_line.x.push_back(seconds);
    thin_line.y.push_back(thin_of(loss));
    thick_line.x.push_back(seconds);
    thick_line.y.push_back(thick_of(loss));
  }
  thin(thin_line.x, thin_line.y, kMostChangePoints);
  thin(thick_line.x, thick_line.y, kMostChangePoints);
  chart.series = {std::move(thin_line), std::move(thick_line)};
  return svg(chart);
}

std::string frame_losses_chart(const PageContent& content) {
  if (content.losses.empty()) return {};
  LineChart chart;
  chart.id = "frame-losses";
  chart.title = "Loss of each frame";
  chart.description =
      "The loss at the beginning of each frame and before its last iteration, over time in "
      "seconds.";
  chart.y_label = "loss";
  return figure(
      frame_lines(
          content, chart, [](const FrameLoss& loss) { return loss.first; },
          [](const FrameLoss& loss) { return loss.last; }),
      "<b>How far each frame got.</b> Every frame begins with the one before it, moved. The thin "
      "line is its loss then, the thick one before its last iteration; it rises where prompts are "
      "exchanged.");
}

// Of repainted footage.
std::string flicker_chart(const PageContent& content) {
  if (content.losses.empty() || !content.scene.source.on()) return {};
  LineChart chart;
  chart.id = "flicker";
  chart.title = "Flicker of each frame";
  chart.description =
      "Mean change from the frame before, along the clip's motion, in percent of the range of "
      "values, over time in seconds.";
  chart.y_label = "change, %";
  chart.from_zero = true;
  // A chain's first frame has none before it.
  const auto percent = [](const FrameLoss& loss, double change) {
    const bool known = loss.flicker > 0 || loss.clip_flicker > 0;
    return known ? 100 * change : std::numeric_limits<double>::quiet_NaN();
  };
  return figure(
      frame_lines(
          content, chart, [&](const FrameLoss& loss) { return percent(loss, loss.clip_flicker); },
          [&](const FrameLoss& loss) { return percent(loss, loss.flicker); }),
      "<b>How much it flickers.</b> What changes though nothing moves there: each pixel against "
      "where the clip's motion carried it from. The thin line is the clip itself. More blend in "
      "[source], or more hold in [feedback], make it calmer.");
}

// Each graph from its own lowest value to its highest, or from 0 to 1 where it stays within them.
std::string graphs_chart(const PageContent& content) {
  if (content.graphs.empty()) return {};
  RowChart chart;
  chart.id = "graphs";
  chart.title = "What drives the film";
  chart.description = "Signals of the song and keys that change, over time in seconds.";
  chart.x_range = film_range(content);
  const auto columns = scenes::peaks_of(content.graphs.front(), kMostChangePoints).size();
  const double seconds = content.timeline.duration().to_seconds();
  for (std::size_t i = 0; i < columns; ++i) {
    chart.x.push_back(seconds * static_cast<double>(i) / static_cast<double>(columns));
  }
  for (const auto& graph : content.graphs) {
    const auto scale = scenes::scale_of(graph);
    RowChart::Row row{.label = graph.name, .y = scenes::peaks_of(graph, columns)};
    if (scale != scenes::GraphScale()) {
      row.label += fmt::format(" {:.3g}–{:.3g}", scale.low, scale.high);
    }
    for (auto& value : row.y) value = scale.part(value);
    row.strong.resize(columns);
    row.marks = keyframe_marks(content.timeline);
    chart.rows.push_back(std::move(row));
  }
  return figure(svg(chart),
                "<b>What drives the film.</b> The signals of the song that its curves read, and "
                "the keys that change; with a line where keyframes stand.");
}

}  // namespace

std::string film_section(const PageContent& content) {
  std::string out = "<section>\n<h2>The film</h2>\n";
  if (content.texts.empty()) {
    out += "<p>The scene has no text prompt to compare the film with.</p>\n";
  } else {
    out +=
        content.texts.size() <= kMostLines ? similarity_lines(content) : similarity_rows(content);
  }
  return out + change_chart(content) + frame_losses_chart(content) + flicker_chart(content) +
         graphs_chart(content) + "</section>\n";
}

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

}  // namespace latentreel::report
