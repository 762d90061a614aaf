#include "src/train/world/landscapes.h"

// Grounds without a sky.

namespace latentreel::world {
namespace {

// A soft round patch of light.
void glow(Brush& brush, double x, double y, double radius, Rgb colour, double opacity) {
  cairo_pattern_t* pattern = cairo_pattern_create_radial(x, y, 0, x, y, radius);
  cairo_pattern_add_color_stop_rgba(pattern, 0, colour.r, colour.g, colour.b, opacity);
  cairo_pattern_add_color_stop_rgba(pattern, 1, colour.r, colour.g, colour.b, 0);
  cairo_set_source(brush.context(), pattern);
  cairo_pattern_destroy(pattern);
  brush.circle(x, y, radius);
  cairo_fill(brush.context());
}

}  // namespace

void draw_space(Brush& brush, Random& random) {
  brush.box(-1, -1, 102, 102).gradient(rgb(20, 12, 40), rgb(36, 18, 66));
  const Rgb clouds[] = {rgb(150, 60, 170), rgb(60, 90, 200), rgb(200, 70, 130)};
  for (const Rgb& cloud : clouds) {
    const double x = random.uniform(5, 95), y = random.uniform(5, 95);
    glow(brush, x, y, random.uniform(28, 46), cloud, 0.5);
  }
  draw_stars(brush, 24, 99, random);
}

void draw_under_water(Brush& brush, Random& random) {
  brush.box(-1, -1, 102, 102).gradient(rgb(98, 204, 222), rgb(22, 82, 150));
  for (int ray = 0; ray < 3; ++ray) {
    const double x = 8 + 30 * ray + random.uniform(0, 12);
    brush.polygon({{x, -1}, {x + 9, -1}, {x - 4, 82}, {x - 22, 82}}).flat(rgb(220, 250, 250), 0.13);
  }
  brush.move(-2, 88)
      .curve({25, 82}, {60, 92}, {102, 84})
      .to(102, 102)
      .to(-2, 102)
      .close()
      .gradient(rgb(216, 204, 150), rgb(160, 156, 132));
  for (int plant = 0; plant < 4; ++plant) {
    const double x = (plant < 2 ? 4 : 82) + 11 * (plant % 2) + random.uniform(-3, 3);
    const double height = random.uniform(20, 36);
    brush.sweep(
        {{x, 92}, {x - 3, 92 - height / 3}, {x + 3, 92 - 2 * height / 3}, {x, 92 - height}});
    brush.line(plant % 2 ? rgb(40, 140, 110) : rgb(70, 160, 90), 3.4);
  }
  for (int bubble = 0; bubble < 9; ++bubble) {
    const double x = random.uniform(4, 96), y = random.uniform(6, 76);
    brush.circle(x, y, random.uniform(1.0, 2.4)).line(rgb(224, 250, 252), 0.8, 0.8);
  }
}

void draw_room(Brush& brush, Random& random) {
  brush.box(-1, -1, 102, 77).gradient(rgb(248, 224, 190), rgb(242, 208, 168));
  for (double x = random.uniform(0, 10); x < 101; x += 13) {
    brush.box(x, -1, 5, 76).flat(rgb(252, 236, 208), 0.8);
  }
  const double x = random.chance(0.5) ? random.uniform(5, 10) : random.uniform(62, 68);
  brush.box(x - 2, 10, 31, 38, 1).flat(rgb(255, 252, 244));
  brush.box(x, 12, 27, 34).gradient(rgb(120, 188, 240), rgb(206, 234, 250));
  brush.box(x + 12.5, 12, 2, 34).box(x, 28, 27, 2).flat(rgb(255, 252, 244));
  brush.move(x - 4, 8).to(x + 8, 8).curve({x + 7, 26}, {x + 2, 40}, {x - 4, 50}).close();
  brush.move(x + 31, 8).to(x + 19, 8).curve({x + 20, 26}, {x + 25, 40}, {x + 31, 50}).close();
  brush.flat(rgb(226, 124, 116));
  brush.box(-1, 73, 102, 4).flat(rgb(255, 250, 238));
  brush.box(-1, 76, 102, 26).gradient(rgb(196, 138, 88), rgb(166, 110, 68));
  for (double y : {82.0, 90.0}) brush.box(-1, y, 102, 0.8).flat(rgb(132, 84, 52), 0.6);
}

}  // namespace latentreel::world
