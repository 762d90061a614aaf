#include "src/train/world/brush.h"

#include <numbers>

namespace latentreel::world {

Brush& Brush::move(double x, double y) {
  cairo_move_to(context_, x, y);
  return *this;
}

Brush& Brush::to(double x, double y) {
  cairo_line_to(context_, x, y);
  return *this;
}

Brush& Brush::curve(Point first, Point second, Point end) {
  cairo_curve_to(context_, first.x, first.y, second.x, second.y, end.x, end.y);
  return *this;
}

Brush& Brush::close() {
  cairo_close_path(context_);
  return *this;
}

Brush& Brush::polygon(std::initializer_list<Point> corners) {
  cairo_new_sub_path(context_);
  for (const Point& corner : corners) to(corner.x, corner.y);
  return close();
}

// Catmull-Rom: at every point the curve runs parallel to the line between its neighbours.
void Brush::smooth(const Points& points, bool closed) {
  const int count = static_cast<int>(points.size());
  const auto at = [&](int i) {
    if (closed) return points[static_cast<std::size_t>((i + count) % count)];
    return points[static_cast<std::size_t>(i < 0 ? 0 : i < count ? i : count - 1)];
  };
  cairo_new_sub_path(context_);
  move(at(0).x, at(0).y);
  for (int i = 0; i < (closed ? count : count - 1); ++i) {
    const Point before = at(i - 1), from = at(i), end = at(i + 1), after = at(i + 2);
    curve({from.x + (end.x - before.x) / 6, from.y + (end.y - before.y) / 6},
          {end.x - (after.x - from.x) / 6, end.y - (after.y - from.y) / 6}, end);
  }
  if (closed) close();
}

Brush& Brush::blob(std::initializer_list<Point> points) {
  smooth(points, true);
  return *this;
}

Brush& Brush::sweep(std::initializer_list<Point> points) {
  smooth(points, false);
  return *this;
}

Brush& Brush::circle(double x, double y, double radius) {
  return ellipse(x, y, radius, radius);
}

Brush& Brush::ellipse(double x, double y, double width, double height, double turned) {
  cairo_save(context_);
  cairo_translate(context_, x, y);
  cairo_rotate(context_, turned);
  cairo_scale(context_, width, height);
  cairo_new_sub_path(context_);
  cairo_arc(context_, 0, 0, 1, 0, 2 * std::numbers::pi);
  cairo_close_path(context_);
  cairo_restore(context_);
  return *this;
}

Brush& Brush::hole(double x, double y, double radius) {
  // Against the sense of all other shapes, which is what Cairo's winding rule leaves out.
  cairo_new_sub_path(context_);
  cairo_arc_negative(context_, x, y, radius, 2 * std::numbers::pi, 0);
  return close();
}

Brush& Brush::box(double x, double y, double width, double height, double rounding) {
  if (rounding <= 0) {
    cairo_rectangle(context_, x, y, width, height);
    return *this;
  }
  const double quarter = std::numbers::pi / 2;
  cairo_new_sub_path(context_);
  cairo_arc(context_, x + width - rounding, y + rounding, rounding, -quarter, 0);
  cairo_arc(context_, x + width - rounding, y + height - rounding, rounding, 0, quarter);
  cairo_arc(context_, x + rounding, y + height - rounding, rounding, quarter, 2 * quarter);
  cairo_arc(context_, x + rounding, y + rounding, rounding, 2 * quarter, 3 * quarter);
  return close();
}

Brush& Brush::arc(double x, double y, double radius, double from, double to) {
  cairo_new_sub_path(context_);
  cairo_arc(context_, x, y, radius, from, to);
  return *this;
}

void Brush::set(Rgb colour, double opacity) {
  cairo_set_source_rgba(context_, colour.r, colour.g, colour.b, opacity);
}

void Brush::set_shaded(Rgb colour) {
  double left = 0, top = 0, right = 0, bottom = 0;
  cairo_path_extents(context_, &left, &top, &right, &bottom);
  cairo_pattern_t* pattern =
      cairo_pattern_create_linear(left + 0.15 * (right - left), top, right, bottom);
  const auto stop = [&](double offset, Rgb shade) {
    cairo_pattern_add_color_stop_rgb(pattern, offset, shade.r, shade.g, shade.b);
  };
  stop(0.0, lighter(colour, 0.20));
  stop(0.4, colour);
  stop(1.0, darker(colour, 0.22));
  cairo_set_source(context_, pattern);
  cairo_pattern_destroy(pattern);
}

void Brush::part(Rgb colour) {
  // The outline first, twice as wide: the half inside is painted over, and with it every line where
  // the pieces of one shape overlap.
  set(ink_of(colour));
  cairo_set_line_width(context_, 2 * kOutline);
  cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke_preserve(context_);
  set_shaded(colour);
  cairo_fill(context_);
}

void Brush::flat(Rgb colour, double opacity) {
  set(colour, opacity);
  cairo_fill(context_);
}

void Brush::gradient(Rgb top_colour, Rgb bottom_colour) {
  double left = 0, top = 0, right = 0, bottom = 0;
  cairo_path_extents(context_, &left, &top, &right, &bottom);
  cairo_pattern_t* pattern = cairo_pattern_create_linear(0, top, 0, bottom);
  cairo_pattern_add_color_stop_rgb(pattern, 0, top_colour.r, top_colour.g, top_colour.b);
  cairo_pattern_add_color_stop_rgb(pattern, 1, bottom_colour.r, bottom_colour.g, bottom_colour.b);
  cairo_set_source(context_, pattern);
  cairo_pattern_destroy(pattern);
  cairo_fill(context_);
}

void Brush::line(Rgb colour, double width, double opacity) {
  set(colour, opacity);
  cairo_set_line_width(context_, width);
  cairo_set_line_cap(context_, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke(context_);
}

void Brush::limb(Rgb colour, double width) {
  set(ink_of(colour));
  cairo_set_line_width(context_, width + 2 * kOutline);
  cairo_set_line_cap(context_, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(context_, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke_preserve(context_);
  set_shaded(colour);
  cairo_set_line_width(context_, width);
  cairo_stroke(context_);
}

void Brush::inside(const std::function<void()>& draw) {
  cairo_save(context_);
  cairo_clip(context_);
  draw();
  cairo_restore(context_);
}

}  // namespace latentreel::world
