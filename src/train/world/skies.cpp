#include "src/train/world/landscapes.h"

namespace latentreel::world {
namespace {

struct Stop {
  double offset;
  Rgb colour;
};

constexpr Rgb kPaleCloud = rgb(255, 255, 255);

void fill(Brush& brush, std::initializer_list<Stop> stops) {
  cairo_pattern_t* pattern = cairo_pattern_create_linear(0, 0, 0, 72);
  for (const Stop& stop : stops) {
    cairo_pattern_add_color_stop_rgb(pattern, stop.offset, stop.colour.r, stop.colour.g,
                                     stop.colour.b);
  }
  cairo_set_source(brush.context(), pattern);
  cairo_pattern_destroy(pattern);
  brush.box(-1, -1, 102, 102);
  cairo_fill(brush.context());
}

void cloud(Brush& brush, double x, double y, double size, Rgb colour) {
  brush.circle(x - 0.9 * size, y, 0.62 * size).circle(x - 0.1 * size, y - 0.4 * size, 0.85 * size);
  brush.circle(x + 0.85 * size, y - 0.05 * size, 0.7 * size);
  brush.box(x - 1.2 * size, y - 0.1 * size, 2.4 * size, 0.74 * size, 0.36 * size);
  brush.gradient(colour, darker(colour, 0.10));
}

void blue_sky(Brush& brush, Random& random) {
  fill(brush, {{0, rgb(92, 172, 238)}, {1, rgb(204, 234, 252)}});
  cloud(brush, random.uniform(8, 34), random.uniform(10, 26), random.uniform(7, 10), kPaleCloud);
  cloud(brush, random.uniform(62, 92), random.uniform(8, 34), random.uniform(6, 10), kPaleCloud);
}

void sunset(Brush& brush, Random& random) {
  fill(brush, {{0, rgb(112, 78, 152)},
               {0.4, rgb(226, 110, 132)},
               {0.75, rgb(252, 166, 92)},
               {1, rgb(255, 220, 130)}});
  for (int band = 0; band < 3; ++band) {
    const double x = random.uniform(0, 80), y = random.uniform(12, 48),
                 width = random.uniform(24, 44);
    brush.box(x, y, width, 3.4, 1.7).flat(rgb(255, 186, 150), 0.6);
    brush.box(x + 6, y + 3.6, 0.6 * width, 2.6, 1.3).flat(rgb(255, 186, 150), 0.45);
  }
}

void night_sky(Brush& brush, Random& random) {
  fill(brush, {{0, rgb(22, 26, 66)}, {1, rgb(66, 74, 136)}});
  draw_stars(brush, 16, 66, random);
}

void cloudy_sky(Brush& brush, Random& random) {
  fill(brush, {{0, rgb(150, 160, 174)}, {1, rgb(180, 188, 200)}});
  for (int i = 0; i < 5; ++i) {
    const double x = 10 + 20 * i + random.uniform(-8, 8), y = random.uniform(6, 36);
    cloud(brush, x, y, random.uniform(9, 13), i % 2 ? rgb(186, 192, 202) : rgb(226, 228, 232));
  }
}

}  // namespace

Rgb Light::operator()(Rgb colour) const {
  switch (sky_) {
    case Sky::blue:
      return colour;
    case Sky::sunset:
      return mix(mix(colour, darker(colour, 1), 0.22), rgb(226, 112, 100), 0.24);
    case Sky::night:
      return mix(mix(colour, darker(colour, 1), 0.36), rgb(44, 54, 116), 0.38);
    case Sky::cloudy:
      return mix(colour, rgb(160, 164, 172), 0.24);
  }
  return colour;
}

void draw_stars(Brush& brush, int count, double bottom, Random& random) {
  for (int i = 0; i < count; ++i) {
    const double x = random.uniform(1, 99), y = random.uniform(1, bottom);
    const double radius = i % 4 == 0 ? 1.6 : random.uniform(0.8, 1.1);
    brush.circle(x, y, radius).flat(rgb(255, 250, 214), i % 4 == 0 ? 1 : 0.85);
  }
}

void draw_sky(Brush& brush, Sky sky, Random& random) {
  switch (sky) {
    case Sky::blue:
      return blue_sky(brush, random);
    case Sky::sunset:
      return sunset(brush, random);
    case Sky::night:
      return night_sky(brush, random);
    case Sky::cloudy:
      return cloudy_sky(brush, random);
  }
}

}  // namespace latentreel::world
