#include <cmath>
#include <numbers>

#include "src/train/world/drawings.h"

namespace latentreel::world {

void draw_sun(Brush& brush, Rgb body) {
  const int rays = 12;
  for (int ray = 0; ray < rays; ++ray) {
    const double angle = 2 * std::numbers::pi * ray / rays, width = 0.19;
    const auto at = [&](double radius, double turn) {
      return Point{50 + radius * std::sin(turn), 50 - radius * std::cos(turn)};
    };
    brush.polygon({at(30, angle - width), at(ray % 2 ? 42 : 48, angle), at(30, angle + width)});
  }
  brush.part(mix(body, rgb(244, 130, 40), 0.35));
  brush.circle(50, 50, 28).part(body);
  brush.circle(41, 46, 3).circle(59, 46, 3).flat(ink_of(body));
  cheek(brush, 34, 55, 5);
  cheek(brush, 66, 55, 5);
  smile(brush, body, 50, 55, 17);
}

void draw_moon(Brush& brush, Rgb body) {
  brush.move(60, 4)
      .curve({24, 6}, {6, 32}, {12, 60})
      .curve({18, 88}, {44, 100}, {66, 95})
      .curve({78, 92}, {87, 85}, {92, 76})
      .curve({70, 82}, {48, 72}, {43, 52})
      .curve({39, 34}, {46, 16}, {60, 4})
      .close()
      .part(body);
  brush.circle(28, 38, 4).circle(36, 80, 5).circle(60, 87, 3).flat(darker(body, 0.25), 0.7);
  brush.move(23, 55).curve({25, 59}, {30, 59}, {32, 55}).line(ink_of(body), 2.2);
  brush.move(33, 68).curve({36, 70}, {40, 70}, {43, 66}).line(ink_of(body), 2.2);
  cheek(brush, 24, 65, 3.6);
}

void draw_star(Brush& brush, Rgb body) {
  for (int corner = 0; corner < 10; ++corner) {
    const double angle = std::numbers::pi * corner / 5, radius = corner % 2 ? 22 : 47;
    const double x = 50 + radius * std::sin(angle), y = 53 - radius * std::cos(angle);
    corner ? brush.to(x, y) : brush.move(x, y);
  }
  brush.close().part(body);
  brush.circle(43, 50, 2.8).circle(57, 50, 2.8).flat(ink_of(body));
  cheek(brush, 37.5, 57, 3.6);
  cheek(brush, 62.5, 57, 3.6);
  smile(brush, body, 50, 57, 11);
}

void draw_rainbow(Brush& brush, Rgb) {
  const Rgb bands[] = {rgb(232, 66, 60), rgb(246, 150, 50), rgb(252, 218, 70),
                       rgb(96, 184, 92), rgb(74, 146, 226), rgb(142, 92, 200)};
  const double pi = std::numbers::pi, width = 5.2;
  brush.arc(50, 74, 44 - 2.5 * width, pi, 2 * pi)
      .line(darker(rgb(120, 110, 140), 0.3), 6 * width + 2.4);
  double radius = 44;
  for (const Rgb& band : bands) {
    brush.arc(50, 74, radius, pi, 2 * pi).line(band, width + 0.3);
    radius -= width;
  }
  for (double x : {18.0, 82.0}) {
    brush.circle(x - 8, 80, 8)
        .circle(x + 7, 80, 9)
        .circle(x, 74, 10)
        .box(x - 10, 78, 20, 10)
        .part(kWhite);
  }
}

void draw_cloud(Brush& brush, Rgb body) {
  brush.circle(22, 60, 18).circle(42, 42, 23).circle(66, 48, 19).circle(80, 62, 16);
  brush.box(20, 56, 62, 22, 10).part(body);
  brush.circle(38, 56, 3).circle(58, 56, 3).flat(ink_of(body));
  cheek(brush, 31, 63, 4.4);
  cheek(brush, 65, 63, 4.4);
  smile(brush, body, 48, 63, 12);
}

void draw_planet(Brush& brush, Rgb body) {
  const double turned = -0.32, pi = std::numbers::pi;
  const Rgb ring = rgb(250, 220, 150);
  const auto half_ring = [&](double from, double to) {
    cairo_save(brush.context());
    cairo_translate(brush.context(), 50, 50);
    cairo_rotate(brush.context(), turned);
    cairo_scale(brush.context(), 1, 0.30);
    brush.arc(0, 0, 44, from, to);
    cairo_restore(brush.context());
    brush.limb(ring, 6);
  };
  half_ring(pi, 2 * pi);
  brush.circle(50, 50, 30).part(body);
  brush.circle(50, 50, 29.6).inside([&] {
    const Rgb band = darker(body, 0.24);
    brush.move(14, 40).curve({36, 46}, {60, 38}, {84, 26}).line(band, 6, 0.7);
    brush.move(18, 76).curve({40, 80}, {64, 72}, {84, 60}).line(band, 7, 0.7);
  });
  shine(brush, 37, 33, 4, 7, 0.8);
  half_ring(0, pi);
}

}  // namespace latentreel::world
