#include "src/pages/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/pages/markup.h"

namespace latentreel::report {
namespace {

// The drawing's own units: about a pixel each on a wide page.
constexpr double kWidth = 1000;
constexpr double kLeft = 62, kRight = 208;  // of the plot: values there, line ends here
constexpr double kPlot = kWidth - kLeft - kRight;
constexpr double kLineHeight = 19;
constexpr int kLabelColumns = 20;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Something of a width, whatever was added.
  void settle() {
    if (!(low <= high)) low = 0, high = 1;
    if (low == high) {
      const double pad = low == 0 ? 1 : std::abs(low) * 0.1;
      low -= pad;
      high += pad;
    }
  }
};

struct Scale {
  Range from;
  double to_low = 0, to_high = 1;

  double operator()(double value) const {
    return to_low + (value - from.low) / (from.high - from.low) * (to_high - to_low);
  }
};

// A coordinate: a tenth of a unit is finer than any screen.
std::string at(double value) {
  auto text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

// M and L commands through the points, lifted where a value is missing; a lone point is a dot.
std::string path_through(const std::vector<double>& x, const std::vector<double>& y,
                         const Scale& sx, const Scale& sy) {
  std::string path;
  bool down = false;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) {
      down = false;
      continue;
    }
    const bool alone = !down && (i + 1 == y.size() || !std::isfinite(y[i + 1]));
    path += fmt::format("{}{} {}", down ? 'L' : 'M', at(sx(x[i])), at(sy(y[i])));
    if (alone) path += "h0.1";
    down = true;
  }
  return path;
}

std::string tick_label(double value, double step, Axis axis) {
  if (axis == Axis::time && step >= 15 && value >= 60) {
    const auto seconds = std::llround(value);
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  }
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
  auto text = fmt::format("{:.{}f}", value, decimals);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return axis == Axis::time ? text + " s" : text;
}

std::string opening(const std::string& id, const std::string& title, const std::string& description,
                    double height) {
  return fmt::format(
      "<svg role=\"img\" aria-labelledby=\"{0}-t {0}-d\" viewBox=\"0 0 {1} {2}\">\n"
      "<title id=\"{0}-t\">{3}</title><desc id=\"{0}-d\">{4}</desc>\n",
      escape(id), at(kWidth), at(height), escape(title), escape(description));
}

std::string x_ticks(const Scale& sx, Axis axis, double bottom) {
  std::string out;
  const auto values = ticks(sx.from.low, sx.from.high, 8, axis);
  const double step = values.size() > 1 ? values[1] - values[0] : 1;
  for (const double value : values) {
    out += fmt::format("<path class=\"tick\" d=\"M{0} {1}v5\"/>", at(sx(value)), at(bottom));
    out += fmt::format("<text class=\"value\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       at(sx(value)), at(bottom + 20), tick_label(value, step, axis));
  }
  out += fmt::format("<path class=\"axis\" d=\"M{} {}h{}\"/>\n", at(kLeft), at(bottom), at(kPlot));
  return out;
}

// Moves labels apart that would lie on one another, keeping their order, within [top, bottom].
void spread(std::vector<double>& y, double top, double bottom) {
  std::vector<std::size_t> order(y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return y[a] < y[b]; });
  double free = top;
  for (const auto i : order) {
    y[i] = std::max(y[i], free);
    free = y[i] + kLineHeight;
  }
  double limit = bottom;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    y[*i] = std::min(y[*i], limit);
    limit = y[*i] - kLineHeight;
  }
}

std::string series_class(const Series& series, bool only) {
  return fmt::format("line s{}{}{}{}", std::clamp(series.color, 0, kColors),
                     series.strong ? " strong" : "", series.faint ? " faint" : "",
                     only ? " only" : "");
}

}  // namespace

// --- Numbers -------------------------------------------------------------------------------------

std::vector<double> ticks(double low, double high, int count, Axis axis) {
  if (!std::isfinite(low) || !std::isfinite(high) || !(low < high) || count < 1) return {};
  const double wanted = (high - low) / count;
  double step = 0;
  if (axis == Axis::time && wanted > 10) {
    constexpr std::array kSteps{15, 30, 60, 120, 300, 600, 900, 1800, 3600};
    const auto* found = std::find_if(kSteps.begin(), kSteps.end(),
                                     [&](int candidate) { return candidate >= wanted; });
    step = found != kSteps.end() ? *found : std::ceil(wanted / 3600) * 3600;
  } else {
    const double unit = std::pow(10, std::floor(std::log10(wanted)));
    step = 10 * unit;
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor * unit >= wanted * (1 - 1e-9)) {
        step = factor * unit;
        break;
      }
    }
    if (axis == Axis::whole) step = std::max(step, 1.0);
  }
  std::vector<double> result;
  const double slack = step * 1e-6;
  for (double n = std::ceil((low - slack) / step); n * step <= high + slack; ++n) {
    result.push_back(n * step);
  }
  return result;
}

void thin(std::vector<double>& x, std::vector<double>& y, std::size_t buckets) {
  const std::size_t size = y.size();
  if (size <= buckets || buckets == 0) return;
  std::size_t kept = 0;
  for (std::size_t b = 0; b < buckets; ++b) {
    const std::size_t begin = size * b / buckets, end = size * (b + 1) / buckets;
    std::size_t best = begin;
    for (std::size_t i = begin; i < end; ++i) {
      if (std::isfinite(y[i]) && !(y[i] <= y[best])) best = i;
    }
    x[kept] = x[best];
    y[kept] = y[best];
    ++kept;
  }
  x.resize(kept);
  y.resize(kept);
}

// --- One plot ------------------------------------------------------------------------------------

namespace {

// Where the parts of a line chart lie, from the top: marks' labels, pictures, the plot from `top`
// to `bottom`, the ribbon, the axis.
struct Layout {
  explicit Layout(const LineChart& chart)
      : marks_height(chart.marks.empty() ? 8 : 24),
        strip_height(chart.strip.empty() ? 0 : 84),
        top(marks_height + strip_height),
        bottom(top + chart.plot_height),
        axis(bottom + (chart.ribbon.empty() ? 0 : 28)),
        height(axis + (chart.x_label.empty() ? 28 : 48)) {}

  double marks_height, strip_height, top, bottom, axis, height;
};

Range x_range_of(const LineChart& chart) {
  Range x;
  for (const auto& series : chart.series) {
    for (const double value : series.x) x.add(value);
  }
  if (chart.x_range) x = {chart.x_range->first, chart.x_range->second};
  x.settle();
  return x;
}

Range y_range_of(const LineChart& chart) {
  Range y;
  for (const auto& series : chart.series) {
    for (const double value : series.y) y.add(value);
  }
  if (chart.from_zero) y.add(0);
  y.settle();
  const double pad = (y.high - y.low) * 0.06;
  if (!chart.from_zero) y.low -= pad;
  y.high += pad;
  return y;
}

// Draws a line chart, a layer a function, the lowest first.
class LinePlot {
 public:
  explicit LinePlot(const LineChart& chart)
      : chart_(chart),
        layout_(chart),
        sx_{x_range_of(chart), kLeft, kLeft + kPlot},
        sy_{y_range_of(chart), layout_.bottom, layout_.top} {}

  std::string svg() const {
    return opening(chart_.id, chart_.title, chart_.description, layout_.height) + holds() +
           value_lines() + pictures() + marks() + lines() + names() + ribbon() +
           x_ticks(sx_, chart_.x_axis, layout_.axis) + axis_labels() + "</svg>\n";
  }

 private:
  // The place of a moment, at the plot's edge where it lies outside.
  double place(double moment) const { return sx_(std::clamp(moment, sx_.from.low, sx_.from.high)); }
  std::string holds() const;
  std::string value_lines() const;
  std::string pictures() const;
  std::string marks() const;
  std::string lines() const;
  std::string names() const;
  std::string ribbon() const;
  std::string axis_labels() const;

  const LineChart& chart_;
  const Layout layout_;
  const Scale sx_, sy_;
};

std::string LinePlot::holds() const {
  std::string out;
  for (const auto& mark : chart_.marks) {
    const double from = place(mark.from), until = place(mark.until);
    if (until - from <= 1) continue;
    out +=
        fmt::format("<rect class=\"hold\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
                    at(from), at(layout_.top), at(until - from), at(layout_.bottom - layout_.top));
  }
  return out;
}

std::string LinePlot::value_lines() const {
  std::string out;
  const int most = std::max(2, static_cast<int>(chart_.plot_height / 30));
  const auto values = ticks(sy_.from.low, sy_.from.high, most);
  const double step = values.size() > 1 ? values[1] - values[0] : 1;
  for (const double value : values) {
    out +=
        fmt::format("<path class=\"grid\" d=\"M{} {}h{}\"/>", at(kLeft), at(sy_(value)), at(kPlot));
    out += fmt::format("<text class=\"value\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                       at(kLeft - 8), at(sy_(value) + 4.5), tick_label(value, step, Axis::plain));
  }
  return out;
}

std::string LinePlot::pictures() const {
  std::string out;
  for (const auto& picture : chart_.strip) {
    const double from = sx_(picture.from), until = sx_(picture.until);
    out += fmt::format(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"xMidYMid "
        "slice\" href=\"{}\"/>\n",
        at(from + 1), at(layout_.marks_height + 2), at(until - from - 2),
        at(layout_.strip_height - 10), picture.uri);
  }
  return out;
}

std::string LinePlot::marks() const {
  std::string out;
  double labelled = -kWidth;  // where the last mark's label was: crowded ones go without
  for (const auto& mark : chart_.marks) {
    const double x = place(mark.from);
    out += fmt::format("<path class=\"mark\" d=\"M{} {}V{}\"/>", at(x),
                       at(chart_.strip.empty() ? layout_.marks_height - 4 : layout_.top),
                       at(layout_.axis));
    if (mark.label.empty() || x - labelled < 26) continue;
    labelled = x;
    out += fmt::format(
        "<text class=\"mark-label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at(x),
        at(15), escape(mark.label));
  }
  return out;
}

// The faint ones first.
std::string LinePlot::lines() const {
  const auto clear = std::count_if(chart_.series.begin(), chart_.series.end(),
                                   [](const auto& series) { return !series.faint; });
  std::vector<const Series*> order;
  for (const auto& series : chart_.series) order.push_back(&series);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->faint > b->faint; });
  std::string out;
  for (const auto* series : order) {
    out += fmt::format("<path class=\"{}\" d=\"{}\"><title>{}</title></path>\n",
                       series_class(*series, clear == 1),
                       path_through(series->x, series->y, sx_, sy_), escape(series->name));
  }
  return out;
}

// Each series' name where its line ends.
std::string LinePlot::names() const {
  std::vector<const Series*> named;
  std::vector<double> ends;
  for (const auto& series : chart_.series) {
    if (series.faint || series.name.empty()) continue;
    const auto last = std::find_if(series.y.rbegin(), series.y.rend(),
                                   [](double value) { return std::isfinite(value); });
    if (last == series.y.rend()) continue;
    named.push_back(&series);
    ends.push_back(sy_(*last));
  }
  auto label_y = ends;
  spread(label_y, layout_.top + 6, layout_.bottom - 2);
  std::string out;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const double right = kLeft + kPlot;
    out += fmt::format("<path class=\"lead s{}\" d=\"M{} {}L{} {}h8\"/>",
                       std::clamp(named[i]->color, 0, kColors), at(right + 3), at(ends[i]),
                       at(right + 14), at(label_y[i]));
    out += fmt::format("<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\n", at(right + 26),
                       at(label_y[i] + 4.5), escape(elide(named[i]->name, kLabelColumns)));
  }
  return out;
}

std::string LinePlot::ribbon() const {
  if (chart_.ribbon.empty()) return {};
  std::string out;
  for (const auto& band : chart_.ribbon) {
    const double from = place(band.from), until = place(band.until);
    const int color = std::clamp(band.color, 0, kColors);
    out += fmt::format("<rect class=\"band s{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"16\"/>",
                       color, at(from), at(layout_.bottom + 6), at(std::max(0.5, until - from)));
    if (until - from <= 30) continue;
    out += fmt::format(
        "<text class=\"band-label s{}\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
        color, at((from + until) / 2), at(layout_.bottom + 18.5), escape(band.label));
  }
  return out + fmt::format("<text class=\"value\" x=\"{}\" y=\"{}\">{}</text>\n",
                           at(kLeft + kPlot + 8), at(layout_.bottom + 18.5),
                           escape(chart_.ribbon_label));
}

std::string LinePlot::axis_labels() const {
  std::string out;
  if (!chart_.x_label.empty()) {
    out += fmt::format("<text class=\"value\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       at(kLeft + kPlot / 2), at(layout_.axis + 41), escape(chart_.x_label));
  }
  if (!chart_.y_label.empty()) {
    out += fmt::format(
        "<text class=\"value\" transform=\"translate(13 {}) rotate(-90)\" "
        "text-anchor=\"middle\">{}</text>\n",
        at((layout_.top + layout_.bottom) / 2), escape(chart_.y_label));
  }
  return out;
}

}  // namespace

std::string svg(const LineChart& chart) {
  return LinePlot(chart).svg();
}

// --- Rows ----------------------------------------------------------------------------------------

std::string svg(const RowChart& chart) {
  constexpr double kRow = 40, kGap = 6;
  constexpr double kRowLeft = 250, kRowPlot = kWidth - kRowLeft - 20;
  Range y;
  for (const auto& row : chart.rows) {
    for (const double value : row.y) y.add(value);
  }
  y.settle();
  Range x{chart.x_range.first, chart.x_range.second};
  x.settle();
  const Scale sx{x, kRowLeft, kRowLeft + kRowPlot};
  const double bottom = static_cast<double>(chart.rows.size()) * (kRow + kGap);

  std::string out = opening(chart.id, chart.title, chart.description, bottom + 28);
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    const auto& row = chart.rows[r];
    const double top = static_cast<double>(r) * (kRow + kGap);
    const Scale sy{y, top + kRow - 2, top + 2};
    out += fmt::format("<rect class=\"row\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                       at(kRowLeft), at(top), at(kRowPlot), at(kRow));
    for (const auto& mark : row.marks) {
      out += fmt::format("<path class=\"mark own\" d=\"M{} {}v{}\"/>",
                         at(sx(std::clamp(mark.from, x.low, x.high))), at(top), at(kRow));
    }
    out += fmt::format("<text class=\"name\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                       at(kRowLeft - 10), at(top + kRow / 2 + 4.5), escape(elide(row.label, 27)));
    out += fmt::format("<path class=\"line s0 faint\" d=\"{}\"/>\n",
                       path_through(chart.x, row.y, sx, sy));
    auto strong = row.y;
    bool any = false;
    for (std::size_t i = 0; i < strong.size(); ++i) {
      any = any || row.strong[i];
      if (!row.strong[i]) strong[i] = std::numeric_limits<double>::quiet_NaN();
    }
    if (any) {
      out += fmt::format("<path class=\"line s1 strong\" d=\"{}\"/>\n",
                         path_through(chart.x, strong, sx, sy));
    }
  }
  const auto values = ticks(x.low, x.high, 8, Axis::time);
  const double step = values.size() > 1 ? values[1] - values[0] : 1;
  for (const double value : values) {
    out += fmt::format("<text class=\"value\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       at(sx(value)), at(bottom + 16), tick_label(value, step, Axis::time));
  }
  return out + "</svg>\n";
}

}  // namespace latentreel::report
