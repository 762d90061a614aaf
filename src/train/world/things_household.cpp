#include <cmath>
#include <numbers>

#include "src/train/world/drawings.h"

namespace latentreel::world {

void draw_heart(Brush& brush, Rgb body) {
  brush.move(50, 28)
      .curve({42, 8}, {20, 4}, {9, 20})
      .curve({-4, 42}, {14, 62}, {50, 95})
      .curve({86, 62}, {104, 42}, {91, 20})
      .curve({80, 4}, {58, 8}, {50, 28})
      .close()
      .part(body);
  shine(brush, 24, 30, 6, 11, 0.6);
}

void draw_umbrella(Brush& brush, Rgb body) {
  brush.move(50, 20).to(50, 84).curve({50, 99}, {70, 99}, {70, 86});
  brush.limb(rgb(160, 106, 62), 4.4);
  const auto canopy = [&] {
    brush.move(3, 56)
        .curve({4, 22}, {30, 10}, {50, 10})
        .curve({70, 10}, {96, 22}, {97, 56})
        .curve({92, 46}, {76, 46}, {72, 56})
        .curve({66, 46}, {56, 46}, {50, 56})
        .curve({44, 46}, {34, 46}, {28, 56})
        .curve({24, 46}, {8, 46}, {3, 56})
        .close();
  };
  canopy();
  brush.part(body);
  canopy();
  brush.inside([&] {
    const Rgb panel = lighter(body, 0.45);
    brush.move(50, 10).curve({40, 20}, {30, 40}, {28, 58}).to(50, 58).close().flat(panel, 0.8);
    brush.move(50, 10)
        .curve({66, 18}, {74, 36}, {72, 58})
        .to(100, 58)
        .to(96, 10)
        .close()
        .flat(panel, 0.8);
  });
  brush.move(50, 11).to(50, 3).limb(rgb(160, 106, 62), 2.4);
}

void draw_cup(Brush& brush, Rgb body) {
  for (double x : {32.0, 46.0, 60.0}) {
    brush.sweep({{x, 22}, {x - 3, 15}, {x + 3, 9}, {x, 3}}).line(rgb(196, 196, 206), 3);
  }
  brush.sweep({{72, 44}, {92, 42}, {94, 62}, {70, 74}}).limb(body, 6.5);
  brush.move(16, 30)
      .curve({16, 62}, {18, 80}, {28, 92})
      .curve({38, 96}, {54, 96}, {64, 92})
      .curve({74, 80}, {76, 62}, {76, 30})
      .close()
      .part(body);
  brush.ellipse(46, 30, 30, 6.5).part(lighter(body, 0.3));
  brush.ellipse(46, 31, 25, 4.6).flat(rgb(122, 76, 46));
  const Rgb mark = brightness(body) > 0.85 ? kScarlet : kWhite;
  brush.move(46, 58)
      .curve({42, 48}, {30, 50}, {32, 60})
      .curve({33, 68}, {40, 74}, {46, 79})
      .curve({52, 74}, {59, 68}, {60, 60})
      .curve({62, 50}, {50, 48}, {46, 58})
      .close()
      .flat(mark, 0.9);
}

void draw_teapot(Brush& brush, Rgb body) {
  brush.sweep({{26, 42}, {8, 40}, {6, 64}, {26, 76}}).limb(body, 6);
  brush.move(70, 56)
      .curve({82, 58}, {82, 40}, {89, 28})
      .to(97, 32)
      .curve({92, 48}, {94, 76}, {70, 80})
      .close();
  brush.part(body);
  brush.ellipse(48, 63, 31, 27).part(body);
  brush.box(32, 88, 32, 6, 3).part(darker(body, 0.2));
  brush.move(28, 38).curve({32, 22}, {64, 22}, {68, 38}).close().part(lighter(body, 0.2));
  brush.circle(48, 20, 5.5).part(kGold);
  const Rgb petal = brightness(body) > 0.8 ? rgb(238, 110, 130) : kWhite;
  for (int i = 0; i < 5; ++i) {
    const double angle = 2 * std::numbers::pi * i / 5;
    brush.circle(48 + 8 * std::sin(angle), 64 - 8 * std::cos(angle), 5).flat(petal);
  }
  brush.circle(48, 64, 4.4).flat(kGold);
  shine(brush, 28, 54, 3, 7, 0.5);
}

void draw_key(Brush& brush, Rgb body) {
  brush.box(44, 40, 12, 56, 3).box(50, 68, 24, 10, 2).box(50, 84, 18, 10, 2);
  brush.circle(50, 27, 25).hole(50, 25, 11).part(body);
  shine(brush, 33, 19, 2.4, 7, 0.5);
}

void draw_candle(Brush& brush, Rgb body) {
  brush.circle(50, 20, 19).flat(rgb(255, 226, 130), 0.45);
  brush.ellipse(50, 90, 38, 7).part(rgb(200, 160, 80));
  brush.sweep({{82, 88}, {96, 84}, {92, 96}, {80, 93}}).limb(rgb(200, 160, 80), 3.4);
  brush.box(35, 40, 30, 50, 4).part(body);
  brush.move(35, 44)
      .curve({36, 38}, {64, 38}, {65, 44})
      .to(65, 54)
      .curve({64, 62}, {58, 62}, {57, 52})
      .curve({55, 48}, {52, 50}, {51, 60})
      .curve({49, 70}, {43, 68}, {43, 56})
      .curve({41, 50}, {39, 56}, {37, 56})
      .curve({35, 56}, {35, 48}, {35, 44})
      .close()
      .part(lighter(body, 0.35));
  brush.move(50, 42).to(50, 32).line(kDark, 2.4);
  brush.move(50, 3).curve({56, 14}, {62, 18}, {60, 27}).curve({58, 36}, {42, 36}, {40, 27});
  brush.curve({38, 18}, {46, 14}, {50, 3}).close().part(rgb(252, 150, 46));
  brush.blob({{50, 17}, {54.5, 26}, {50, 32}, {45.5, 26}}).flat(rgb(255, 240, 150));
}

void draw_crown(Brush& brush, Rgb body) {
  brush.move(10, 88).to(4, 32).to(27, 54).to(50, 14).to(73, 54).to(96, 32).to(90, 88).close().part(
      body);
  brush.box(8, 74, 84, 16, 3).part(darker(body, 0.14));
  const auto ball = [&](double x, double y) { brush.circle(x, y, 5.4).part(lighter(body, 0.3)); };
  ball(5, 29);
  ball(50, 12);
  ball(95, 29);
  brush.ellipse(50, 56, 6.5, 8).part(rgb(214, 56, 84));
  brush.circle(24, 82, 4.4).part(rgb(74, 140, 220));
  brush.circle(50, 82, 4.4).part(rgb(86, 180, 100));
  brush.circle(76, 82, 4.4).part(rgb(74, 140, 220));
}

void draw_kite(Brush& brush, Rgb body) {
  brush.sweep({{44, 66}, {52, 76}, {40, 84}, {48, 92}, {38, 98}}).line(kDark, 1.8);
  const auto bow = [&](double x, double y, double turn) {
    const double c = 7 * std::cos(turn), s = 7 * std::sin(turn);
    brush.polygon({{x, y}, {x - c - 0.6 * s, y - s + 0.6 * c}, {x - c + 0.6 * s, y - s - 0.6 * c}});
    brush.polygon({{x, y}, {x + c - 0.6 * s, y + s + 0.6 * c}, {x + c + 0.6 * s, y + s - 0.6 * c}});
    brush.part(kGold);
  };
  bow(51, 77, 0.3);
  bow(44, 88, -0.3);
  const Point top{62, 3}, left{22, 26}, right{92, 34}, bottom{44, 68}, middle{57, 29};
  brush.polygon({top, right, bottom, left}).part(body);
  const Rgb other = brightness(body) > 0.7 ? rgb(238, 116, 90) : rgb(255, 220, 110);
  brush.polygon({top, right, middle}).flat(other);
  brush.polygon({left, middle, bottom}).flat(darker(other, 0.1));
  const Rgb ink = ink_of(body);
  brush.move(top.x, top.y).to(bottom.x, bottom.y).line(ink, 1.8);
  brush.move(left.x, left.y).to(right.x, right.y).line(ink, 1.8);
}

void draw_bell(Brush& brush, Rgb body) {
  brush.circle(50, 12, 7).line(ink_of(body), 4 + 2 * kOutline);
  brush.circle(50, 12, 7).line(body, 4);
  brush.circle(50, 88, 9).part(darker(body, 0.30));
  brush.move(50, 14)
      .curve({72, 14}, {76, 34}, {77, 52})
      .curve({78, 66}, {84, 74}, {92, 80})
      .curve({94, 88}, {88, 88}, {84, 88})
      .to(16, 88)
      .curve({12, 88}, {6, 88}, {8, 80})
      .curve({16, 74}, {22, 66}, {23, 52})
      .curve({24, 34}, {28, 14}, {50, 14})
      .close()
      .part(body);
  brush.move(20, 72).curve({38, 76}, {62, 76}, {80, 72}).line(ink_of(body), 2, 0.8);
  brush.polygon({{50, 20}, {32, 10}, {32, 28}})
      .polygon({{50, 20}, {68, 10}, {68, 28}})
      .part(kScarlet);
  brush.circle(50, 20, 4).part(kScarlet);
  shine(brush, 35, 46, 3.4, 11, 0.2);
}

void draw_guitar(Brush& brush, Rgb body) {
  const Rgb neck = rgb(110, 72, 48);
  brush.box(42.5, 2, 15, 14, 3).part(neck);
  for (double y : {5.5, 11.5}) {
    brush.circle(40, y, 2.4).circle(60, y, 2.4).flat(kDark);
  }
  brush.box(45.5, 14, 9, 44).part(neck);
  brush.move(50, 42)
      .curve({64, 40}, {72, 46}, {70, 56})
      .curve({68, 62}, {74, 64}, {78, 72})
      .curve({84, 88}, {70, 97}, {50, 97})
      .curve({30, 97}, {16, 88}, {22, 72})
      .curve({26, 64}, {32, 62}, {30, 56})
      .curve({28, 46}, {36, 40}, {50, 42})
      .close()
      .part(body);
  brush.circle(50, 64, 9).part(rgb(66, 46, 40));
  brush.box(46, 20, 8, 36).flat(neck);
  brush.box(39, 82, 22, 5, 1.5).flat(rgb(66, 46, 40));
  for (double x : {47.6, 50.0, 52.4}) brush.move(x, 14).to(x, 83).line(rgb(250, 240, 220), 0.9);
}

void draw_clock(Brush& brush, Rgb body) {
  brush.sweep({{28, 84}, {20, 96}}).limb(kDark, 4);
  brush.sweep({{72, 84}, {80, 96}}).limb(kDark, 4);
  brush.ellipse(24, 17, 14, 10, -0.7).part(kGold);
  brush.ellipse(76, 17, 14, 10, 0.7).part(kGold);
  brush.move(50, 16).to(50, 6).limb(kDark, 3);
  brush.circle(50, 54, 38).part(body);
  brush.circle(50, 54, 29).part(kWhite);
  for (int hour = 0; hour < 12; ++hour) {
    const double angle = std::numbers::pi * hour / 6, inner = hour % 3 ? 24 : 21;
    brush.move(50 + inner * std::sin(angle), 54 - inner * std::cos(angle));
    brush.to(50 + 26 * std::sin(angle), 54 - 26 * std::cos(angle))
        .line(kDark, hour % 3 ? 1.6 : 2.8);
  }
  brush.move(50, 54).to(50, 36).line(kDark, 3);
  brush.move(50, 54).to(63, 60).line(kScarlet, 3);
  brush.circle(50, 54, 3).flat(kDark);
}

}  // namespace latentreel::world
