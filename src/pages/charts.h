#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

// Charts as inline SVG. Colours, fonts and line widths are the page's (classes `s0` to `s6` for
// series, see style.cpp), so a chart follows its light and dark scheme. Every text is escaped
// here.

namespace latentreel::report {

// Line colours: 0 is neutral ink, 1 to kColors a palette that differs in lightness, hue and dashes,
// so that neither colour-blindness nor a black-and-white print mixes them up.
inline constexpr int kColors = 6;

struct Series {
  std::string name = {};       // its label at the line's end, elided there
  std::vector<double> x = {};  // ascending
  std::vector<double> y = {};  // as many; a value that is not finite leaves a gap
  int color = 0;               // 0 to kColors
  bool strong = false;         // a thicker line
  bool faint = false;          // a background line, without label
};

// A moment or a stretch [from, until] of the horizontal axis.
struct Mark {
  double from = 0;
  double until = 0;
  std::string label = {};  // one or two characters, on top
};

// A stretch of the horizontal axis that belongs to a series.
struct Band {
  double from = 0;
  double until = 0;
  int color = 0;
  std::string label;  // shown where there is room for it

  friend bool operator==(const Band&, const Band&) = default;
};

// A picture over a stretch of the horizontal axis, cut to fit.
struct ChartPicture {
  double from = 0;
  double until = 0;
  std::string uri;
};

enum class Axis { plain, whole, time };  // whole numbers only; seconds as "12 s" or "1:30"

struct LineChart {
  std::string id;           // unique on the page, a valid attribute: "loss-3"
  std::string title;        // for screen readers; the page shows its own heading
  std::string description;  // what the lines say, in a sentence
  std::string x_label, y_label;
  Axis x_axis = Axis::plain;
  std::optional<std::pair<double, double>> x_range;  // default: the series'
  bool from_zero = false;                            // the vertical axis begins at 0
  double plot_height = 230;                          // in units of which a wide page is 1000 wide
  std::vector<Series> series;
  std::vector<Mark> marks;
  std::vector<ChartPicture> strip;  // above the lines
  std::vector<Band> ribbon;         // below them
  std::string ribbon_label;         // at its right
};

// Round steps for [low, high]: 1, 2 or 5 times a power of ten, about `count` of them, all within
// the range. A whole axis has no step below 1; for long times the steps are those of a clock.
std::vector<double> ticks(double low, double high, int count, Axis axis = Axis::plain);

// The chart as an <svg> element that is as wide as the page allows.
std::string svg(const LineChart& chart);

// Several small charts with the same axes, one below the other: for more lines than one chart can
// show.
struct RowChart {
  struct Row {
    std::string label = {};
    std::vector<double> y = {};     // one for each x
    std::vector<bool> strong = {};  // likewise: where the line is drawn strong
    std::vector<Mark> marks = {};   // labels unused
  };
  std::string id, title, description;
  std::vector<double> x;
  std::pair<double, double> x_range;
  std::vector<Row> rows;
};

std::string svg(const RowChart& chart);

// Fewer points for a long line: of each of at most `buckets` equal groups the point with the
// highest value, so that peaks stay. Values that are not finite lose against any other.
void thin(std::vector<double>& x, std::vector<double>& y, std::size_t buckets);

}  // namespace latentreel::report
