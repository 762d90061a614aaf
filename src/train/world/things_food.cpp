#include "src/train/world/drawings.h"

namespace latentreel::world {

void draw_apple(Brush& brush, Rgb body) {
  brush.move(50, 32)
      .curve({56, 22}, {76, 18}, {87, 30})
      .curve({102, 48}, {88, 90}, {66, 96})
      .curve({58, 98}, {54, 94}, {50, 94})
      .curve({46, 94}, {42, 98}, {34, 96})
      .curve({12, 90}, {-2, 48}, {13, 30})
      .curve({24, 18}, {44, 22}, {50, 32})
      .close()
      .part(body);
  brush.sweep({{50, 34}, {50, 20}, {55, 7}}).limb(kWood, 4);
  brush.move(54, 20)
      .curve({60, 4}, {76, 2}, {88, 6})
      .curve({84, 22}, {68, 26}, {54, 20})
      .close()
      .part(kLeaf);
  shine(brush, 25, 46, 6, 13, 0.35);
}

void draw_ice_cream(Brush& brush, Rgb body) {
  const Rgb cone = rgb(232, 174, 100);
  brush.polygon({{26, 50}, {74, 50}, {50, 98}}).part(cone);
  brush.polygon({{26, 50}, {74, 50}, {50, 98}}).inside([&] {
    for (double x = 0; x < 100; x += 13) {
      brush.move(x, 45).to(x + 30, 100).line(ink_of(cone), 1.3, 0.6);
      brush.move(100 - x, 45).to(70 - x, 100).line(ink_of(cone), 1.3, 0.6);
    }
  });
  brush.circle(50, 32, 27)
      .circle(29, 50, 8)
      .circle(43, 54, 9)
      .circle(58, 54, 9)
      .circle(71, 50, 8)
      .part(body);
  brush.circle(57, 7, 6).part(rgb(214, 44, 62));
  const Rgb bits[] = {kGold, rgb(90, 170, 230), kWhite, rgb(120, 200, 110)};
  const Point places[] = {{40, 20}, {62, 24}, {52, 36}, {34, 38}, {67, 42}, {46, 46}};
  for (int i = 0; i < 6; ++i) {
    const Point at = places[i];
    brush.move(at.x - 2, at.y + (i % 2 ? 1.4 : -1.4)).to(at.x + 2, at.y - (i % 2 ? 1.4 : -1.4));
    brush.line(bits[i % 4], 2.6);
  }
  shine(brush, 33, 24, 4, 8, 0.6);
}

void draw_cake(Brush& brush, Rgb body) {
  const Rgb cream = brightness(body) > 0.85 ? rgb(246, 176, 196) : kWhite;
  const auto icing = [&](double left, double right, double top, int drips) {
    const double width = (right - left) / drips;
    brush.move(left, top + 6)
        .curve({left, top}, {left + 2, top}, {left + 6, top})
        .to(right - 6, top);
    brush.curve({right - 2, top}, {right, top}, {right, top + 6}).to(right, top + 10);
    for (int i = drips; i > 0; --i) {
      const double x = left + i * width;
      brush.curve({x, top + 19}, {x - width, top + 19}, {x - width, top + 10});
    }
    brush.close().part(cream);
  };
  brush.ellipse(50, 93, 46, 4.4).part(rgb(206, 220, 232));
  brush.box(8, 60, 84, 33, 5).part(body);
  icing(7, 93, 56, 7);
  brush.box(22, 34, 56, 25, 4).part(body);
  icing(21, 79, 30, 5);
  const Rgb sticks[] = {rgb(90, 170, 230), rgb(250, 200, 70), rgb(120, 200, 110)};
  for (int i = 0; i < 3; ++i) {
    const double x = 34 + 16 * i;
    brush.box(x - 2.5, 15, 5, 16, 1).part(sticks[i]);
    brush.blob({{x, 2}, {x + 3.2, 9}, {x, 13}, {x - 3.2, 9}}).part(rgb(255, 190, 60));
  }
  for (double x : {20.0, 40.0, 60.0, 80.0}) brush.circle(x, 84, 3.4).flat(rgb(222, 60, 76));
}

void draw_banana(Brush& brush, Rgb body) {
  brush.move(16, 8)
      .curve({22, 4}, {26, 6}, {27, 12})
      .curve({30, 40}, {52, 62}, {90, 62})
      .curve({97, 63}, {98, 70}, {94, 73})
      .curve({78, 90}, {44, 92}, {24, 70})
      .curve({8, 52}, {8, 30}, {16, 8})
      .close()
      .part(body);
  brush.move(20, 26).curve({22, 52}, {48, 76}, {88, 70}).line(darker(body, 0.32), 2.4, 0.8);
  brush.polygon({{14, 11}, {17, 2}, {24, 2}, {27, 12}}).part(rgb(132, 96, 56));
  brush.move(90, 62)
      .curve({98, 62}, {99, 71}, {93, 74})
      .curve({89, 70}, {89, 66}, {90, 62})
      .close();
  brush.part(rgb(110, 78, 50));
  brush.move(17, 34).curve({20, 52}, {30, 66}, {44, 74}).line(lighter(body, 0.55), 3, 0.8);
}

void draw_strawberry(Brush& brush, Rgb body) {
  brush.move(50, 24)
      .curve({66, 12}, {92, 18}, {92, 42})
      .curve({92, 64}, {66, 97}, {50, 97})
      .curve({34, 97}, {8, 64}, {8, 42})
      .curve({8, 18}, {34, 12}, {50, 24})
      .close()
      .part(body);
  const Rgb seed = brightness(body) > 0.7 ? ink_of(body) : rgb(255, 226, 130);
  const Point seeds[] = {{24, 42}, {42, 46}, {60, 46}, {77, 42}, {32, 60},
                         {50, 62}, {68, 60}, {41, 77}, {59, 77}, {50, 89}};
  for (const Point& at : seeds) brush.ellipse(at.x, at.y, 2, 3.1).flat(seed);
  brush
      .polygon({{50, 12},
                {60, 18},
                {80, 12},
                {74, 24},
                {86, 32},
                {66, 30},
                {58, 42},
                {50, 31},
                {42, 42},
                {34, 30},
                {14, 32},
                {26, 24},
                {20, 12},
                {40, 18}})
      .part(kLeaf);
  brush.sweep({{50, 20}, {50, 10}, {54, 3}}).limb(kLeaf, 3.6);
}

void draw_carrot(Brush& brush, Rgb body) {
  brush.ellipse(36, 18, 6.5, 17, -0.5).part(kLeaf);
  brush.ellipse(64, 18, 6.5, 17, 0.5).part(kLeaf);
  brush.ellipse(50, 17, 7, 17).part(lighter(kLeaf, 0.12));
  brush.move(50, 28)
      .curve({70, 26}, {80, 36}, {74, 50})
      .curve({68, 68}, {58, 86}, {50, 98})
      .curve({42, 86}, {32, 68}, {26, 50})
      .curve({20, 36}, {30, 26}, {50, 28})
      .close()
      .part(body);
  const Rgb ink = ink_of(body);
  brush.move(26, 45).to(40, 46).line(ink, 1.8, 0.7);
  brush.move(74, 56).to(60, 58).line(ink, 1.8, 0.7);
  brush.move(36, 68).to(48, 69).line(ink, 1.8, 0.7);
  brush.move(61, 78).to(52, 79).line(ink, 1.8, 0.7);
  shine(brush, 37, 38, 3, 6, 0.5);
}

}  // namespace latentreel::world
