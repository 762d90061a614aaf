#include <cmath>
#include <numbers>

#include "src/train/world/drawings.h"

namespace latentreel::world {

void draw_tree(Brush& brush, Rgb body) {
  brush.move(43, 50)
      .curve({45, 70}, {43, 88}, {34, 97})
      .to(66, 97)
      .curve({57, 88}, {55, 70}, {57, 50})
      .close()
      .part(kWood);
  brush.circle(50, 26, 22)
      .circle(27, 38, 20)
      .circle(73, 38, 20)
      .circle(36, 50, 17)
      .circle(64, 50, 17);
  brush.part(body);
  const Rgb shade = darker(body, 0.30), light = lighter(body, 0.28);
  brush.circle(60, 52, 7).circle(70, 47, 7).circle(79, 43, 6).flat(shade, 0.75);
  brush.circle(40, 22, 7).circle(48, 17, 7).circle(26, 34, 6).flat(light, 0.75);
}

void draw_pine_tree(Brush& brush, Rgb body) {
  brush.box(43, 76, 14, 21, 2).part(kWood);
  const auto tier = [&](double top, double bottom, double half) {
    brush.move(50, top)
        .curve({54, top + 10}, {50 + 0.7 * half, bottom - 6}, {50 + half, bottom})
        .curve({50 + 0.5 * half, bottom + 5}, {50 - 0.5 * half, bottom + 5}, {50 - half, bottom})
        .curve({50 - 0.7 * half, bottom - 6}, {46, top + 10}, {50, top})
        .close()
        .part(body);
  };
  tier(42, 80, 36);
  tier(22, 58, 29);
  tier(3, 36, 21);
}

void draw_palm_tree(Brush& brush, Rgb body) {
  brush.move(52, 32)
      .curve({46, 54}, {42, 76}, {40, 97})
      .to(56, 97)
      .curve({54, 76}, {56, 54}, {60, 34})
      .close()
      .part(kWood);
  for (double y = 46; y < 96; y += 11) {
    const double x = 49 - (y - 46) * 0.13;
    brush.move(x - 2, y).curve({x + 2, y + 3}, {x + 6, y + 3}, {x + 9, y}).line(ink_of(kWood), 1.6);
  }
  const Point top{55, 32};
  const auto leaf = [&](Point tip, double lift) {
    const double x = (top.x + tip.x) / 2, y = (top.y + tip.y) / 2;
    brush.move(top.x, top.y)
        .curve({x - 4, y - lift - 9}, {tip.x, tip.y - lift}, {tip.x, tip.y})
        .curve({x + (tip.x - x) * 0.5, y - lift + 10}, {x, y - lift + 12}, {top.x, top.y})
        .close()
        .part(body);
  };
  leaf({36, 62}, 14);
  leaf({78, 62}, 14);
  leaf({7, 46}, 14);
  leaf({97, 46}, 14);
  leaf({20, 14}, 8);
  leaf({88, 12}, 8);
  brush.circle(49, 37, 5.5).part(rgb(120, 76, 44));
  brush.circle(60, 38, 5.5).part(rgb(120, 76, 44));
}

void draw_cactus(Brush& brush, Rgb body) {
  // Arms behind the stem, each a tube that turns up.
  brush.sweep({{46, 66}, {24, 66}, {18, 58}, {18, 40}}).limb(body, 15);
  brush.sweep({{54, 54}, {76, 54}, {82, 46}, {82, 26}}).limb(body, 15);
  brush.box(37, 8, 26, 89, 13).part(body);
  brush.sweep({{46, 65}, {40, 66}}).line(body, 14);
  brush.sweep({{54, 53.5}, {58, 53.5}}).line(body, 14);
  const Rgb ink = ink_of(body);
  for (double x : {44.0, 50.0, 56.0}) brush.move(x, 20).to(x, 92).line(ink, 1.3, 0.55);
  for (int petal = 0; petal < 5; ++petal) {
    const double angle = 2 * std::numbers::pi * petal / 5;
    brush.circle(50 + 6 * std::sin(angle), 9 - 6 * std::cos(angle), 4.6);
  }
  brush.part(rgb(240, 104, 150));
  brush.circle(50, 9, 3.6).flat(kGold);
}

void draw_flower(Brush& brush, Rgb body) {
  brush.sweep({{50, 54}, {51, 76}, {49, 98}}).limb(kLeaf, 5);
  brush.move(50, 88)
      .curve({34, 66}, {20, 68}, {12, 70})
      .curve({16, 84}, {30, 94}, {50, 90})
      .close()
      .part(kLeaf);
  brush.move(50, 88)
      .curve({66, 66}, {80, 68}, {88, 70})
      .curve({84, 84}, {70, 94}, {50, 90})
      .close()
      .part(kLeaf);
  for (int petal = 0; petal < 6; ++petal) {
    const double angle = 2 * std::numbers::pi * (petal + 0.5) / 6;
    brush.ellipse(50 + 20 * std::sin(angle), 34 - 20 * std::cos(angle), 11.5, 14, angle);
    brush.part(body);
  }
  brush.circle(50, 34, 13).part(kGold);
  brush.circle(45.5, 32, 1.9).circle(54.5, 32, 1.9).flat(kDark);
  smile(brush, kGold, 50, 37, 9);
}

void draw_mushroom(Brush& brush, Rgb body) {
  brush.move(34, 52)
      .curve({36, 70}, {34, 82}, {24, 90})
      .curve({30, 98}, {70, 98}, {76, 90})
      .curve({66, 82}, {64, 70}, {66, 52})
      .close()
      .part(kCream);
  brush.move(3, 57)
      .curve({4, 28}, {28, 12}, {50, 12})
      .curve({72, 12}, {96, 28}, {97, 57})
      .curve({82, 66}, {18, 66}, {3, 57})
      .close()
      .part(body);
  const Rgb dot = brightness(body) > 0.85 ? rgb(226, 70, 60) : kWhite;
  brush.ellipse(50, 29, 10, 8.5).ellipse(23, 43, 8.5, 8).ellipse(77, 43, 8.5, 8).flat(dot);
  brush.ellipse(50, 53, 7, 5).flat(dot);
  brush.circle(42, 76, 2.4).circle(58, 76, 2.4).flat(kDark);
  cheek(brush, 37, 81, 3.4);
  cheek(brush, 63, 81, 3.4);
  smile(brush, kCream, 50, 80, 10);
}

}  // namespace latentreel::world
