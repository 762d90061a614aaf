#include "src/train/world/drawings.h"

// Animals with wings.

namespace latentreel::world {
namespace {

// The beaks and feet are orange, and on an orange animal yellow.
Rgb beak_of(Rgb body) {
  return alike(body, paint_of(Colour::orange)) ? kGold : kOrange;
}

}  // namespace

void draw_bird(Brush& brush, Rgb body) {
  const Rgb beak = beak_of(body);
  brush.move(44, 78).to(42, 95).line(ink_of(beak), 3.4);
  brush.move(56, 78).to(56, 95).line(ink_of(beak), 3.4);
  brush.move(36, 96).to(47, 96).line(ink_of(beak), 3.4);
  brush.move(50, 96).to(62, 96).line(ink_of(beak), 3.4);
  brush.polygon({{30, 54}, {2, 44}, {6, 56}, {2, 66}, {32, 70}}).part(darker(body, 0.15));
  brush.polygon({{82, 30}, {99, 38}, {82, 44}}).part(beak);
  brush.move(24, 58)
      .curve({30, 44}, {44, 42}, {48, 30})
      .curve({54, 12}, {84, 12}, {87, 34})
      .curve({88, 54}, {84, 82}, {54, 82})
      .curve({38, 82}, {24, 72}, {24, 58})
      .close()
      .part(body);
  brush.blob({{60, 56}, {74, 54}, {80, 62}, {72, 74}, {58, 76}}).flat(lighter(body, 0.5), 0.8);
  brush.move(28, 54)
      .curve({42, 44}, {58, 48}, {62, 58})
      .curve({56, 74}, {36, 76}, {22, 66})
      .curve({30, 64}, {32, 60}, {28, 54})
      .close()
      .part(darker(body, 0.25));
  eye(brush, 72, 31, 5.4);
}

void draw_duck(Brush& brush, Rgb body) {
  const Rgb beak = beak_of(body);
  brush.move(84, 26)
      .curve({92, 24}, {98, 28}, {99, 32})
      .curve({98, 39}, {90, 40}, {82, 38})
      .close()
      .part(beak);
  brush.ellipse(42, 93, 9, 4).part(beak);
  brush.ellipse(58, 93, 9, 4).part(beak);
  brush.move(3, 46)
      .curve({12, 58}, {28, 56}, {48, 56})
      .curve({54, 50}, {50, 42}, {50, 32})
      .curve({50, 2}, {88, 4}, {88, 32})
      .curve({88, 44}, {78, 48}, {80, 58})
      .curve({84, 78}, {68, 91}, {48, 91})
      .curve({20, 91}, {2, 74}, {3, 46})
      .close()
      .part(body);
  brush.move(24, 64)
      .curve({36, 60}, {54, 58}, {62, 66})
      .curve({60, 82}, {34, 86}, {18, 72})
      .curve({24, 72}, {26, 68}, {24, 64})
      .close()
      .part(darker(body, 0.12));
  eye(brush, 73, 24, 5.2);
  cheek(brush, 76, 38, 4.6);
}

void draw_owl(Brush& brush, Rgb body) {
  const Rgb light = lighter(body, 0.55), beak = beak_of(body);
  brush.ellipse(40, 95, 8, 4).part(beak);
  brush.ellipse(60, 95, 8, 4).part(beak);
  brush.move(16, 4)
      .curve({30, 12}, {70, 12}, {84, 4})
      .curve({86, 20}, {86, 40}, {84, 60})
      .curve({82, 84}, {68, 96}, {50, 96})
      .curve({32, 96}, {18, 84}, {16, 60})
      .curve({14, 40}, {14, 20}, {16, 4})
      .close()
      .part(body);
  brush.ellipse(50, 70, 22, 22).flat(light);
  for (double y : {62.0, 72.0, 82.0}) {
    for (double x : {40.0, 50.0, 60.0}) {
      brush.move(x - 3.4, y).curve({x - 2, y + 4}, {x + 2, y + 4}, {x + 3.4, y}).line(body, 2.2);
    }
  }
  brush.move(15, 48).curve({28, 56}, {32, 76}, {26, 86}).curve({12, 84}, {6, 64}, {15, 48}).close();
  brush.part(darker(body, 0.30));
  brush.move(85, 48)
      .curve({72, 56}, {68, 76}, {74, 86})
      .curve({88, 84}, {94, 64}, {85, 48})
      .close();
  brush.part(darker(body, 0.30));
  brush.circle(35, 34, 16).part(light);
  brush.circle(65, 34, 16).part(light);
  eye(brush, 36, 34, 9.5);
  eye(brush, 64, 34, 9.5);
  brush.polygon({{44, 42}, {56, 42}, {50, 54}}).part(beak);
}

void draw_penguin(Brush& brush, Rgb body) {
  const Rgb beak = beak_of(body);
  brush.ellipse(36, 93, 12, 4.6).part(beak);
  brush.ellipse(64, 93, 12, 4.6).part(beak);
  brush.move(26, 42)
      .curve({10, 54}, {4, 70}, {8, 80})
      .curve({18, 76}, {26, 66}, {30, 58})
      .close()
      .part(body);
  brush.move(74, 42)
      .curve({90, 54}, {96, 70}, {92, 80})
      .curve({82, 76}, {74, 66}, {70, 58})
      .close()
      .part(body);
  brush.move(50, 3)
      .curve({70, 3}, {78, 20}, {76, 36})
      .curve({84, 56}, {82, 92}, {50, 95})
      .curve({18, 92}, {16, 56}, {24, 36})
      .curve({22, 20}, {30, 3}, {50, 3})
      .close()
      .part(body);
  const Rgb front = brightness(body) > 0.85 ? rgb(206, 222, 236) : kWhite;
  brush.ellipse(50, 67, 21, 24).ellipse(41, 29, 10.5, 12).ellipse(59, 29, 10.5, 12).flat(front);
  brush.circle(43, 28, 3.4).circle(57, 28, 3.4).flat(kDark);
  brush.circle(42, 27, 1.1).circle(56, 27, 1.1).flat(kWhite);
  brush.polygon({{43, 35}, {57, 35}, {50, 44}}).part(beak);
  cheek(brush, 35, 38, 3.6);
  cheek(brush, 65, 38, 3.6);
}

void draw_butterfly(Brush& brush, Rgb body) {
  for (double side : {-1.0, 1.0}) {
    const auto x = [&](double distance) { return 50 + side * distance; };
    brush.sweep({{x(2), 26}, {x(6), 12}, {x(15), 8}}).line(kDark, 2);
    brush.circle(x(15), 8, 2.6).flat(kDark);
    brush.move(x(3), 56)
        .curve({x(20), 54}, {x(38), 62}, {x(37), 78})
        .curve({x(34), 96}, {x(10), 92}, {x(3), 60})
        .close()
        .part(darker(body, 0.16));
    brush.move(x(3), 52)
        .curve({x(10), 20}, {x(30), 8}, {x(44), 16})
        .curve({x(52), 26}, {x(46), 56}, {x(3), 56})
        .close()
        .part(body);
    const Rgb spot = brightness(body) > 0.7 ? rgb(240, 130, 70) : rgb(255, 226, 130);
    brush.ellipse(x(32), 30, 8, 9).flat(spot);
    brush.ellipse(x(23), 74, 6.5, 7.5).flat(spot);
    brush.circle(x(16), 44, 3.6).flat(spot);
  }
  brush.ellipse(50, 56, 5, 29).part(rgb(84, 70, 78));
  brush.circle(50, 27, 7).part(rgb(84, 70, 78));
  brush.circle(47.4, 26, 1.5).circle(52.6, 26, 1.5).flat(kWhite);
}

}  // namespace latentreel::world
