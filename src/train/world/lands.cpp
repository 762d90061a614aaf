#include <cmath>

#include "src/train/world/landscapes.h"

namespace latentreel::world {
namespace {

// A band from a wavy line about height y down to the lower edge.
void rolling(Brush& brush, double y, double height, int waves, Rgb top, Rgb bottom,
             Random& random) {
  const double step = 104.0 / waves;
  double x = -2 - random.uniform(0, step), side = random.chance(0.5) ? 1 : -1;
  double level = y + side * height / 2;
  brush.move(x, level);
  while (x < 102) {
    side = -side;
    const double next = y + side * height * random.uniform(0.35, 0.65);
    brush.curve({x + 0.45 * step, level}, {x + 0.55 * step, next}, {x + step, next});
    x += step;
    level = next;
  }
  brush.to(104, 104).to(-4 - step, 104).close().gradient(top, bottom);
}

void hills(Brush& brush, const Light& light, Random& random) {
  rolling(brush, 62, 10, 3, light(rgb(156, 208, 116)), light(rgb(132, 190, 96)), random);
  rolling(brush, 76, 8, 2, light(rgb(130, 196, 92)), light(rgb(92, 164, 74)), random);
}

void sea(Brush& brush, const Light& light, Random& random) {
  const double horizon = random.uniform(58, 64);
  brush.box(-1, horizon, 102, 102 - horizon)
      .gradient(light(rgb(110, 190, 226)), light(rgb(28, 104, 176)));
  for (int row = 0; row < 3; ++row) {
    const double y = horizon + 8 + row * 11, width = 9 + 3 * row;
    for (double x = random.uniform(-12, 0); x < 102; x += 2.6 * width) {
      brush.move(x, y)
          .curve({x + 0.3 * width, y - 3}, {x + 0.7 * width, y - 3}, {x + width, y})
          .line(light(rgb(214, 240, 250)), 1.8, 0.8);
    }
  }
}

void desert(Brush& brush, const Light& light, Random& random) {
  rolling(brush, 62, 9, 2, light(rgb(248, 218, 150)), light(rgb(234, 190, 116)), random);
  rolling(brush, 76, 10, 2, light(rgb(246, 208, 132)), light(rgb(222, 168, 92)), random);
}

void snow(Brush& brush, const Light& light, Random& random) {
  rolling(brush, 62, 9, 3, light(rgb(232, 240, 250)), light(rgb(206, 222, 240)), random);
  rolling(brush, 76, 8, 2, light(rgb(250, 252, 255)), light(rgb(218, 230, 246)), random);
  for (int i = 0; i < 14; ++i) {
    const double x = random.uniform(0, 100), y = random.uniform(0, 60);
    brush.circle(x, y, random.uniform(1.2, 1.8));
  }
  brush.flat(rgb(255, 255, 255), 0.9);
}

void fir(Brush& brush, double x, double bottom, double height, Rgb colour) {
  for (int tier = 0; tier < 3; ++tier) {
    const double top = bottom - height + 0.26 * height * tier, half = height * (0.15 + 0.06 * tier);
    brush.polygon({{x, top}, {x + half, top + 0.44 * height}, {x - half, top + 0.44 * height}});
  }
  brush.gradient(lighter(colour, 0.10), darker(colour, 0.22));
}

void forest(Brush& brush, const Light& light, Random& random) {
  brush.box(-1, 58, 102, 44).gradient(light(rgb(84, 140, 92)), light(rgb(98, 152, 78)));
  for (double x = random.uniform(-6, 0); x < 106; x += 15) {
    fir(brush, x, 66, random.uniform(38, 50), light(rgb(104, 164, 134)));
  }
  for (double x = random.uniform(-10, 0); x < 108; x += 23) {
    brush.box(x - 1.6, 70, 3.2, 8).flat(light(rgb(104, 74, 56)));
    fir(brush, x, 74, random.uniform(44, 58), light(rgb(46, 118, 84)));
  }
  rolling(brush, 78, 4, 3, light(rgb(124, 176, 88)), light(rgb(84, 138, 66)), random);
}

void mountains(Brush& brush, const Light& light, Random& random) {
  const Rgb rock = light(rgb(134, 140, 166)), cap = light(rgb(250, 252, 255));
  const double places[] = {random.uniform(14, 24), random.uniform(76, 90), random.uniform(46, 58)};
  const double tops[] = {random.uniform(24, 32), random.uniform(18, 28), random.uniform(10, 20)};
  for (int i = 0; i < 3; ++i) {
    const double x = places[i], y = tops[i], half = 0.62 * (80 - y);
    const double slope = half / (80 - y), snow_line = y + 0.30 * (80 - y);
    brush.polygon({{x, y}, {x + half, 80}, {x - half, 80}}).gradient(lighter(rock, 0.08), rock);
    brush.polygon({{x, y}, {x + half, 80}, {x + 0.1 * half, 80}}).flat(darker(rock, 0.3), 0.7);
    const double reach = slope * (snow_line - y);
    brush.polygon({{x, y},
                   {x + reach, snow_line},
                   {x + 0.45 * reach, snow_line - 4},
                   {x, snow_line + 3},
                   {x - 0.5 * reach, snow_line - 4},
                   {x - reach, snow_line}});
    brush.flat(cap);
  }
  rolling(brush, 74, 6, 3, light(rgb(136, 192, 108)), light(rgb(92, 156, 80)), random);
}

void city(Brush& brush, const Light& light, Random& random) {
  const Rgb walls[] = {rgb(168, 176, 204), rgb(214, 168, 156), rgb(150, 180, 190),
                       rgb(198, 188, 164)};
  const Rgb pane = light.is_night() ? rgb(255, 220, 120) : light(rgb(244, 248, 252));
  int house = 0;
  for (double x = random.uniform(-8, -2); x < 101; ++house) {
    const double width = random.uniform(15, 21), top = random.uniform(22, 50);
    brush.box(x, top, width - 1, 84 - top);
    const Rgb wall = light(walls[house % 4]);
    brush.gradient(lighter(wall, 0.08), darker(wall, 0.12));
    for (double row = top + 5; row < 72; row += 12) {
      for (int column = 0; column < 2; ++column) {
        if (light.is_night() && random.chance(0.3)) continue;
        brush.box(x + 2 + column * (width - 3) / 2, row, (width - 3) / 2 - 2, 7);
      }
    }
    brush.flat(pane, 0.9);
    x += width;
  }
  brush.box(-1, 80, 102, 22).gradient(light(rgb(150, 152, 160)), light(rgb(112, 114, 124)));
  for (double x = random.uniform(-12, 0); x < 102; x += 22) {
    brush.box(x, 89.4, 12, 2).flat(light(rgb(250, 244, 220)), 0.9);
  }
}

void beach(Brush& brush, const Light& light, Random& random) {
  brush.box(-1, 54, 102, 34).gradient(light(rgb(70, 156, 210)), light(rgb(110, 206, 220)));
  rolling(brush, 73, 5, 2, light(rgb(255, 255, 255)), light(rgb(252, 232, 180)), random);
  brush.box(-1, 79, 102, 23).gradient(light(rgb(252, 230, 174)), light(rgb(232, 194, 124)));
  for (int i = 0; i < 4; ++i) {
    const double x = random.uniform(4, 96), y = random.uniform(84, 96);
    brush.circle(x, y, 1.6).flat(light(i % 2 ? rgb(246, 160, 150) : rgb(255, 250, 236)));
  }
}

void meadow(Brush& brush, const Light& light, Random& random) {
  rolling(brush, 60, 6, 3, light(rgb(158, 212, 122)), light(rgb(108, 180, 82)), random);
  const Rgb petals[] = {rgb(250, 120, 150), rgb(255, 250, 250), rgb(255, 214, 80),
                        rgb(180, 130, 220)};
  for (int i = 0; i < 14; ++i) {
    const double y = 68 + 30 * i / 13.0, radius = 1.9 + 1.4 * i / 13.0;
    const double x = random.uniform(0, 100);
    for (int petal = 0; petal < 4; ++petal) {
      const double dx = petal % 2 ? radius : 0, dy = petal % 2 ? 0 : radius;
      brush.circle(x + (petal < 2 ? dx : -dx), y + (petal < 2 ? dy : -dy), 0.8 * radius);
    }
    brush.flat(light(petals[random.below(4)]));
    brush.circle(x, y, 0.6 * radius).flat(light(rgb(252, 190, 60)));
  }
}

}  // namespace

void draw_land(Brush& brush, Land land, const Light& light, Random& random) {
  switch (land) {
    case Land::none:
      return;
    case Land::hills:
      return hills(brush, light, random);
    case Land::sea:
      return sea(brush, light, random);
    case Land::desert:
      return desert(brush, light, random);
    case Land::snow:
      return snow(brush, light, random);
    case Land::forest:
      return forest(brush, light, random);
    case Land::mountains:
      return mountains(brush, light, random);
    case Land::city:
      return city(brush, light, random);
    case Land::beach:
      return beach(brush, light, random);
    case Land::meadow:
      return meadow(brush, light, random);
  }
}

}  // namespace latentreel::world
