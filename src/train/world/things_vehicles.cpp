#include "src/train/world/drawings.h"

namespace latentreel::world {
namespace {

void wheel(Brush& brush, double x, double y, double radius) {
  brush.circle(x, y, radius).part(rgb(66, 62, 72));
  brush.circle(x, y, 0.5 * radius).flat(rgb(214, 214, 220));
  brush.circle(x, y, 0.18 * radius).flat(kDark);
}

}  // namespace

void draw_sailboat(Brush& brush, Rgb body) {
  brush.box(47, 4, 4.5, 74, 1).part(kWood);
  brush.move(54, 8).curve({76, 26}, {88, 48}, {91, 68}).to(54, 68).close().part(body);
  brush.move(44, 18).curve({32, 34}, {20, 52}, {14, 68}).to(44, 68).close().part(body);
  brush.polygon({{49, 2}, {63, 6}, {49, 11}}).flat(kScarlet);
  brush.move(5, 74)
      .to(95, 74)
      .curve({92, 86}, {84, 95}, {76, 97})
      .to(26, 97)
      .curve({16, 95}, {8, 86}, {5, 74})
      .close()
      .part(rgb(170, 104, 60));
  brush.move(9, 81).to(91, 81).line(kCream, 3);
}

void draw_hot_air_balloon(Brush& brush, Rgb body) {
  for (double x : {-1.0, 1.0}) {
    brush.move(50 + 20 * x, 58).to(50 + 8 * x, 83).line(kDark, 1.6);
  }
  const auto envelope = [&] {
    brush.move(40, 72)
        .curve({30, 60}, {12, 50}, {12, 34})
        .curve({12, 12}, {30, 3}, {50, 3})
        .curve({70, 3}, {88, 12}, {88, 34})
        .curve({88, 50}, {70, 60}, {60, 72})
        .close();
  };
  envelope();
  brush.part(body);
  const Rgb stripe = brightness(body) > 0.85  ? rgb(204, 220, 240)
                     : brightness(body) > 0.7 ? rgb(240, 130, 84)
                                              : rgb(255, 222, 120);
  envelope();
  brush.inside([&] {
    brush.ellipse(50, 34, 15, 42).gradient(stripe, darker(stripe, 0.2));
    brush.move(22, 3).curve({10, 22}, {20, 52}, {38, 74}).line(stripe, 5);
    brush.move(78, 3).curve({90, 22}, {80, 52}, {62, 74}).line(darker(stripe, 0.15), 5);
  });
  shine(brush, 26, 24, 4, 10, 0.5);
  brush.box(39, 82, 22, 15, 3).part(rgb(178, 120, 66));
  brush.move(41, 88).to(59, 88).line(ink_of(kWood), 1.3);
  brush.box(37.5, 80, 25, 5, 2).part(rgb(150, 96, 54));
}

void draw_rocket(Brush& brush, Rgb body) {
  brush.move(40, 78)
      .curve({34, 90}, {44, 92}, {50, 99})
      .curve({56, 92}, {66, 90}, {60, 78})
      .close();
  brush.part(rgb(250, 150, 46));
  brush.move(45, 80)
      .curve({43, 86}, {48, 89}, {50, 92})
      .curve({52, 89}, {57, 86}, {55, 80})
      .close();
  brush.flat(rgb(255, 230, 120));
  const Rgb fin = alike(body, paint_of(Colour::red)) ? rgb(70, 120, 200) : kScarlet;
  brush.move(33, 50)
      .curve({18, 60}, {14, 74}, {17, 88})
      .curve({24, 80}, {32, 78}, {38, 78})
      .close();
  brush.part(fin);
  brush.move(67, 50)
      .curve({82, 60}, {86, 74}, {83, 88})
      .curve({76, 80}, {68, 78}, {62, 78})
      .close();
  brush.part(fin);
  const auto hull = [&] {
    brush.move(50, 2)
        .curve({72, 18}, {74, 52}, {64, 80})
        .to(36, 80)
        .curve({26, 52}, {28, 18}, {50, 2})
        .close();
  };
  hull();
  brush.part(body);
  hull();
  brush.inside([&] { brush.box(20, 0, 60, 22).gradient(lighter(fin, 0.1), fin); });
  brush.move(35, 22).curve({44, 25}, {56, 25}, {65, 22}).line(ink_of(fin), 1.6);
  brush.circle(50, 42, 10.5).part(rgb(120, 124, 140));
  brush.circle(50, 42, 7.5).flat(kGlass);
  shine(brush, 47, 39, 2, 3.4, 0.7);
  brush.ellipse(50, 76, 3.4, 12).part(fin);
}

void draw_car(Brush& brush, Rgb body) {
  brush.move(22, 48)
      .curve({28, 28}, {34, 24}, {44, 24})
      .to(58, 24)
      .curve({68, 24}, {74, 36}, {80, 48})
      .close();
  brush.move(4, 74)
      .curve({2, 58}, {6, 50}, {18, 48})
      .to(80, 47)
      .curve({94, 50}, {98, 58}, {97, 74})
      .curve({96, 79}, {92, 80}, {88, 80})
      .to(12, 80)
      .curve({8, 80}, {4, 79}, {4, 74})
      .close()
      .part(body);
  brush.move(30, 47).curve({33, 34}, {37, 30}, {44, 30}).to(48, 30).to(48, 47).close().part(kGlass);
  brush.move(53, 30).to(58, 30).curve({65, 30}, {69, 38}, {73, 47}).to(53, 47).close().part(kGlass);
  brush.move(51, 50).to(51, 74).line(ink_of(body), 1.6, 0.7);
  brush.move(55, 56).to(61, 56).line(ink_of(body), 2.2);
  brush.ellipse(93, 59, 3.6, 5).part(rgb(255, 232, 140));
  brush.box(3, 58, 4, 8, 1.5).flat(rgb(180, 40, 44));
  wheel(brush, 25, 80, 13);
  wheel(brush, 75, 80, 13);
}

void draw_train(Brush& brush, Rgb body) {
  brush.circle(79, 9, 6).circle(69, 7, 5).part(rgb(226, 224, 228));
  brush.polygon({{72, 18}, {88, 18}, {84, 44}, {76, 44}}).part(rgb(84, 80, 92));
  brush.box(56, 32, 10, 12, 4).part(kGold);
  brush.box(36, 42, 54, 34, 14).part(body);
  brush.box(8, 24, 36, 54, 3).part(body);
  brush.box(3, 18, 46, 9, 3).part(rgb(206, 74, 66));
  brush.box(15, 34, 22, 18, 2).part(kGlass);
  brush.box(4, 72, 88, 9, 2).part(rgb(206, 74, 66));
  brush.polygon({{88, 72}, {99, 92}, {84, 92}}).part(rgb(120, 116, 128));
  brush.circle(88, 58, 5).part(rgb(255, 232, 140));
  wheel(brush, 25, 82, 14);
  wheel(brush, 54, 87, 9.5);
  wheel(brush, 76, 87, 9.5);
}

void draw_airplane(Brush& brush, Rgb body) {
  const Rgb fin = alike(body, paint_of(Colour::red)) ? rgb(70, 120, 200) : kScarlet;
  brush.polygon({{12, 44}, {2, 18}, {15, 18}, {30, 42}}).part(fin);
  brush.polygon({{48, 44}, {34, 20}, {46, 20}, {66, 42}}).part(darker(body, 0.18));
  brush.move(4, 42)
      .curve({30, 36}, {60, 34}, {80, 37})
      .curve({92, 40}, {98, 46}, {98, 52})
      .curve({97, 60}, {86, 64}, {74, 64})
      .curve({46, 64}, {20, 58}, {4, 42})
      .close()
      .part(body);
  brush.move(80, 41).curve({86, 42}, {91, 45}, {92, 49}).to(80, 49).close().part(kGlass);
  for (double x : {34.0, 46.0, 58.0, 70.0}) brush.circle(x, 46, 3.1).part(kGlass);
  brush.polygon({{42, 54}, {66, 54}, {40, 88}, {26, 88}}).part(darker(body, 0.16));
  brush.polygon({{10, 46}, {22, 50}, {10, 60}, {2, 60}}).part(fin);
}

}  // namespace latentreel::world
