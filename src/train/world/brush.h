#pragma once

#include <cairo.h>

#include <functional>
#include <initializer_list>
#include <vector>

#include "src/train/world/colours.h"

namespace latentreel::world {

struct Point {
  double x = 0, y = 0;
};
using Points = std::vector<Point>;

// Draws on a Cairo context, which the caller owns. Coordinates are those of the context: things and
// grounds are drawn in a square of 100 x 100, y downwards.
//
// A shape is first laid out (move … ellipse; several calls add up to one shape, whose overlaps
// vanish) and then painted once (part, flat, gradient, line, limb), which forgets it.
class Brush {
 public:
  explicit Brush(cairo_t* context) : context_(context) {}

  Brush& move(double x, double y);
  Brush& to(double x, double y);
  Brush& curve(Point first, Point second, Point end);  // a cubic Bezier
  Brush& close();
  Brush& polygon(std::initializer_list<Point> corners);
  Brush& blob(std::initializer_list<Point> points);   // closed, smooth, through all of them
  Brush& sweep(std::initializer_list<Point> points);  // open, smooth, through all of them
  Brush& circle(double x, double y, double radius);
  // `turned` radians clockwise about its middle
  Brush& ellipse(double x, double y, double width, double height, double turned = 0);
  // A round hole in the shape around it.
  Brush& hole(double x, double y, double radius);
  Brush& box(double x, double y, double width, double height, double rounding = 0);
  // part of a circle's line, from one angle to another, clockwise from 3 o'clock
  Brush& arc(double x, double y, double radius, double from, double to);

  // Outlined in its own ink, light from the upper left.
  void part(Rgb colour);
  void flat(Rgb colour, double opacity = 1);
  // From one colour at the shape's top to another at its bottom.
  void gradient(Rgb top, Rgb bottom);
  // A line along the shape, with round ends.
  void line(Rgb colour, double width, double opacity = 1);
  // A thick line that looks like a part: tails, trunks, arms.
  void limb(Rgb colour, double width);
  // Clips what `draw` paints to the shape.
  void inside(const std::function<void()>& draw);

  cairo_t* context() const { return context_; }

 private:
  void set(Rgb colour, double opacity = 1);
  void set_shaded(Rgb colour);
  void smooth(const Points& points, bool closed);

  cairo_t* context_;
};

inline constexpr double kOutline = 1.9;  // width of a part's outline, in hundredths of its thing

}  // namespace latentreel::world
