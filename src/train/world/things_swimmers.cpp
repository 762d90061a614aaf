#include <numbers>

#include "src/train/world/drawings.h"

// Animals that swim or crawl.

namespace latentreel::world {

void draw_fish(Brush& brush, Rgb body) {
  const Rgb fin = darker(body, 0.20);
  brush.move(34, 32).curve({40, 14}, {62, 12}, {72, 34}).close().part(fin);
  brush.move(44, 72)
      .curve({44, 84}, {54, 88}, {62, 84})
      .curve({58, 78}, {60, 74}, {62, 70})
      .close()
      .part(fin);
  brush.move(30, 50)
      .curve({20, 40}, {10, 24}, {3, 22})
      .curve({6, 36}, {9, 42}, {9, 50})
      .curve({9, 58}, {6, 66}, {3, 80})
      .curve({12, 78}, {22, 62}, {30, 50})
      .close()
      .part(fin);
  const auto trunk = [&] {
    brush.move(20, 50)
        .curve({32, 24}, {62, 18}, {82, 34})
        .curve({92, 42}, {96, 48}, {97, 52})
        .curve({92, 66}, {80, 80}, {58, 80})
        .curve({38, 78}, {26, 64}, {20, 50})
        .close();
  };
  trunk();
  brush.part(body);
  trunk();
  brush.inside([&] {
    const Rgb stripe = lighter(body, 0.55);
    brush.move(64, 16).curve({56, 36}, {56, 62}, {64, 84}).line(stripe, 6, 0.85);
    brush.move(44, 18).curve({37, 38}, {37, 62}, {44, 82}).line(stripe, 6, 0.85);
  });
  brush.move(58, 54)
      .curve({48, 50}, {42, 56}, {44, 64})
      .curve({52, 66}, {58, 62}, {58, 54})
      .close()
      .part(fin);
  eye(brush, 77, 43, 6);
  brush.move(86, 60).curve({90, 61}, {93, 58}, {95, 55}).line(ink_of(body), 2.2);
}

void draw_whale(Brush& brush, Rgb body) {
  const Rgb water = rgb(120, 196, 236);
  brush.sweep({{70, 36}, {69, 24}, {60, 18}, {54, 24}}).line(ink_of(water), 5.4);
  brush.sweep({{70, 36}, {71, 24}, {80, 18}, {86, 24}}).line(ink_of(water), 5.4);
  brush.sweep({{70, 36}, {69, 24}, {60, 18}, {54, 24}}).line(water, 3);
  brush.sweep({{70, 36}, {71, 24}, {80, 18}, {86, 24}}).line(water, 3);
  const auto trunk = [&] {
    brush.move(10, 48)
        .curve({2, 44}, {2, 32}, {4, 26})
        .curve({10, 28}, {14, 32}, {16, 36})
        .curve({18, 32}, {24, 28}, {30, 28})
        .curve({30, 38}, {26, 46}, {21, 48})
        .curve({26, 62}, {36, 56}, {46, 44})
        .curve({58, 30}, {96, 32}, {97, 62})
        .curve({97, 82}, {76, 88}, {54, 88})
        .curve({24, 88}, {10, 72}, {10, 48})
        .close();
  };
  trunk();
  brush.part(body);
  trunk();
  brush.inside([&] {
    const Rgb belly = lighter(body, 0.65);
    brush.move(20, 84)
        .curve({50, 72}, {76, 76}, {100, 66})
        .to(100, 96)
        .to(20, 96)
        .close()
        .flat(belly);
    for (double x : {52.0, 62.0, 72.0, 82.0}) {
      brush.move(x, 74).curve({x + 2, 80}, {x + 2, 84}, {x, 90}).line(body, 1.6, 0.7);
    }
  });
  brush.move(54, 70)
      .curve({50, 84}, {40, 88}, {36, 84})
      .curve({38, 76}, {42, 70}, {54, 70})
      .close();
  brush.part(darker(body, 0.22));
  eye(brush, 80, 57, 4.8);
  brush.move(84, 70).curve({90, 71}, {94, 69}, {96, 65}).line(ink_of(body), 2.2);
  cheek(brush, 77, 67, 3.6);
}

void draw_octopus(Brush& brush, Rgb body) {
  const Rgb back = darker(body, 0.20);
  brush.sweep({{40, 58}, {36, 76}, {38, 86}, {30, 91}}).limb(back, 9);
  brush.sweep({{60, 58}, {64, 76}, {62, 86}, {70, 91}}).limb(back, 9);
  brush.sweep({{30, 56}, {16, 62}, {9, 56}, {10, 46}}).limb(body, 9);
  brush.sweep({{70, 56}, {84, 62}, {91, 56}, {90, 46}}).limb(body, 9);
  brush.sweep({{36, 60}, {24, 74}, {20, 88}, {8, 86}}).limb(body, 9);
  brush.sweep({{64, 60}, {76, 74}, {80, 88}, {92, 86}}).limb(body, 9);
  brush.sweep({{50, 60}, {50, 78}, {47, 88}, {54, 92}}).limb(body, 9);
  brush.move(50, 3)
      .curve({74, 3}, {84, 20}, {80, 38})
      .curve({78, 50}, {76, 60}, {68, 66})
      .curve({58, 70}, {42, 70}, {32, 66})
      .curve({24, 60}, {22, 50}, {20, 38})
      .curve({16, 20}, {26, 3}, {50, 3})
      .close()
      .part(body);
  brush.circle(38, 16, 3.4).circle(50, 11, 2.6).circle(62, 17, 3.4).flat(darker(body, 0.28), 0.7);
  eye(brush, 38, 38, 7.5);
  eye(brush, 62, 38, 7.5);
  cheek(brush, 29, 51, 4.6);
  cheek(brush, 71, 51, 4.6);
  smile(brush, body, 50, 51, 14);
}

void draw_turtle(Brush& brush, Rgb body) {
  const Rgb skin = alike(body, paint_of(Colour::green)) ? rgb(168, 204, 104) : rgb(140, 190, 100);
  brush.polygon({{10, 74}, {2, 82}, {16, 80}}).part(skin);
  brush.ellipse(26, 83, 9, 9).part(skin);
  brush.ellipse(62, 83, 9, 9).part(skin);
  brush.move(66, 78).curve({80, 80}, {82, 64}, {74, 52}).curve({74, 34}, {98, 34}, {98, 52});
  brush.curve({98, 66}, {90, 84}, {70, 84}).close().part(skin);
  eye(brush, 87, 49, 4.6);
  brush.move(87, 60).curve({90, 62}, {94, 61}, {96, 57}).line(ink_of(skin), 2);
  const auto shell = [&] { brush.move(8, 78).curve({8, 22}, {76, 22}, {76, 78}).close(); };
  shell();
  brush.part(body);
  shell();
  brush.inside([&] {
    const Rgb tile = darker(body, 0.30);
    brush.polygon({{32, 50}, {42, 43}, {53, 50}, {53, 62}, {42, 68}, {32, 62}}).flat(tile, 0.8);
    brush.polygon({{10, 58}, {20, 48}, {27, 54}, {26, 66}, {14, 72}}).flat(tile, 0.8);
    brush.polygon({{74, 58}, {64, 48}, {58, 54}, {59, 66}, {71, 72}}).flat(tile, 0.8);
    brush.polygon({{26, 42}, {36, 32}, {40, 38}, {30, 46}}).flat(tile, 0.8);
    brush.polygon({{58, 42}, {48, 32}, {45, 38}, {55, 46}}).flat(tile, 0.8);
  });
  brush.box(4, 74, 76, 8, 4).part(lighter(body, 0.35));
}

void draw_snail(Brush& brush, Rgb body) {
  const Rgb skin = rgb(232, 196, 140);
  brush.sweep({{84, 60}, {82, 44}, {78, 34}}).limb(skin, 3.4);
  brush.sweep({{90, 60}, {92, 44}, {95, 36}}).limb(skin, 3.4);
  brush.move(2, 94)
      .curve({12, 84}, {28, 82}, {50, 82})
      .curve({70, 82}, {70, 72}, {74, 60})
      .curve({78, 48}, {98, 50}, {97, 66})
      .curve({96, 84}, {86, 96}, {68, 96})
      .to(8, 96)
      .curve({4, 96}, {2, 95}, {2, 94})
      .close()
      .part(skin);
  eye(brush, 77, 30, 4.8);
  eye(brush, 95, 33, 4.8);
  smile(brush, skin, 89, 70, 8);
  brush.circle(43, 50, 35).part(body);
  brush
      .sweep({{76, 60},
              {66, 77},
              {42, 80},
              {22, 68},
              {17, 46},
              {31, 26},
              {54, 26},
              {66, 44},
              {60, 62},
              {44, 66},
              {32, 56},
              {34, 42},
              {46, 38},
              {53, 47},
              {46, 54}})
      .line(ink_of(body), 3.4);
  shine(brush, 26, 32, 3, 7, 0.7);
}

}  // namespace latentreel::world
