#include "src/train/world/drawings.h"

// Animals with legs.

namespace latentreel::world {
namespace {

constexpr Rgb kPink = rgb(248, 172, 178);

}  // namespace

void draw_cat(Brush& brush, Rgb body) {
  brush.sweep({{64, 88}, {84, 88}, {91, 74}, {84, 58}, {90, 48}}).limb(body, 8);
  brush.move(50, 52)
      .curve({68, 54}, {74, 76}, {74, 90})
      .curve({74, 96}, {68, 97}, {64, 97})
      .to(36, 97)
      .curve({32, 97}, {26, 96}, {26, 90})
      .curve({26, 76}, {32, 54}, {50, 52})
      .close()
      .part(body);
  brush.ellipse(50, 78, 11, 14).flat(lighter(body, 0.45), 0.8);
  brush.ellipse(40, 95, 8, 4.5).part(body);
  brush.ellipse(60, 95, 8, 4.5).part(body);
  brush.polygon({{20, 36}, {20, 3}, {48, 18}}).polygon({{52, 18}, {80, 3}, {80, 36}});
  brush.ellipse(50, 37, 32, 25).part(body);
  brush.polygon({{25, 21}, {24, 10}, {36, 16}}).polygon({{75, 21}, {76, 10}, {64, 16}}).flat(kPink);
  for (double x : {43.0, 50.0, 57.0})
    brush.move(x, 14).to(x, x == 50 ? 23 : 20).line(ink_of(body), 2.2, 0.6);
  eye(brush, 37, 36, 6);
  eye(brush, 63, 36, 6);
  brush.polygon({{46.5, 43}, {53.5, 43}, {50, 47}}).flat(rgb(236, 110, 124));
  smile(brush, body, 46, 48.5, 8);
  smile(brush, body, 54, 48.5, 8);
  const Rgb whisker = ink_of(body);
  for (double side : {-1.0, 1.0}) {
    brush.move(50 + side * 19, 46).to(50 + side * 38, 42).line(whisker, 1.3);
    brush.move(50 + side * 19, 50).to(50 + side * 38, 52).line(whisker, 1.3);
  }
}

void draw_dog(Brush& brush, Rgb body) {
  const Rgb ear = darker(body, 0.40);
  brush.sweep({{20, 56}, {8, 46}, {6, 32}}).limb(body, 8);
  brush.box(46, 66, 11, 30, 5).part(darker(body, 0.15));
  brush.box(18, 66, 11, 30, 5).part(darker(body, 0.15));
  brush.move(14, 60)
      .curve({14, 46}, {26, 46}, {40, 47})
      .to(58, 42)
      .curve({72, 42}, {72, 60}, {70, 70})
      .to(70, 92)
      .curve({70, 98}, {58, 98}, {58, 92})
      .to(58, 76)
      .to(30, 76)
      .curve({28, 82}, {30, 88}, {30, 92})
      .curve({30, 98}, {17, 98}, {17, 92})
      .curve({15, 80}, {13, 72}, {14, 60})
      .close()
      .part(body);
  brush.ellipse(40, 60, 10, 8).flat(ear, 0.55);
  brush.circle(66, 30, 21).ellipse(84, 39, 13, 10).part(body);
  brush.ellipse(86, 42, 9, 6.5).flat(lighter(body, 0.5), 0.85);
  brush.ellipse(94, 34, 4.6, 4).flat(kDark);
  brush.ellipse(86, 52, 3.2, 5).part(kRose);
  brush.move(78, 46).curve({82, 51}, {90, 50}, {94, 44}).line(ink_of(body), 2.0);
  eye(brush, 72, 27, 5);
  brush.blob({{52, 14}, {60, 17}, {61, 32}, {58, 46}, {50, 49}, {45, 42}, {46, 26}}).part(ear);
  brush.sweep({{52, 51}, {62, 53}, {72, 51}}).limb(kScarlet, 4);
  brush.circle(66, 56, 3.2).part(kGold);
}

void draw_rabbit(Brush& brush, Rgb body) {
  brush.circle(76, 84, 8).part(lighter(body, 0.3));
  brush.ellipse(50, 80, 24, 18).part(body);
  brush.ellipse(50, 83, 12, 12).flat(lighter(body, 0.5), 0.8);
  brush.ellipse(34, 92.5, 11, 5).part(body);
  brush.ellipse(66, 92.5, 11, 5).part(body);
  brush.ellipse(37, 24, 8.5, 21.5, -0.12)
      .ellipse(63, 24, 8.5, 21.5, 0.12)
      .ellipse(50, 54, 26, 22)
      .part(body);
  brush.ellipse(37.5, 21, 4, 15, -0.12).ellipse(62.5, 21, 4, 15, 0.12).flat(kPink);
  eye(brush, 40, 51, 5.2);
  eye(brush, 60, 51, 5.2);
  cheek(brush, 32, 61, 5);
  cheek(brush, 68, 61, 5);
  brush.box(47, 65, 6, 6, 1).flat(kWhite);
  brush.ellipse(50, 58.5, 3.6, 2.6).flat(rgb(236, 110, 124));
  smile(brush, body, 46, 63, 8);
  smile(brush, body, 54, 63, 8);
}

void draw_bear(Brush& brush, Rgb body) {
  const Rgb light = lighter(body, 0.50);
  brush.ellipse(21, 64, 10, 17, 0.65).part(body);
  brush.ellipse(79, 64, 10, 17, -0.65).part(body);
  brush.ellipse(50, 72, 25, 24).part(body);
  brush.ellipse(50, 74, 15, 15).flat(light, 0.85);
  for (double x : {25.0, 75.0}) {
    brush.ellipse(x, 88, 13, 10.5).part(body);
    brush.ellipse(x, 88, 7, 6).flat(light);
  }
  brush.circle(24, 15, 11).circle(76, 15, 11).ellipse(50, 32, 31, 26).part(body);
  brush.circle(24, 15, 5.5).circle(76, 15, 5.5).flat(light);
  brush.ellipse(50, 41, 14, 11).part(light);
  brush.ellipse(50, 36.5, 5, 3.6).flat(kDark);
  smile(brush, light, 50, 42, 9);
  eye(brush, 37, 28, 4.4);
  eye(brush, 63, 28, 4.4);
  brush.polygon({{50, 60}, {36, 53}, {36, 67}})
      .polygon({{50, 60}, {64, 53}, {64, 67}})
      .part(kScarlet);
  brush.circle(50, 60, 3.4).part(kScarlet);
}

void draw_elephant(Brush& brush, Rgb body) {
  brush.sweep({{10, 44}, {4, 54}, {5, 66}}).line(ink_of(body), 3);
  brush.box(28, 66, 13, 30, 4).part(darker(body, 0.22));
  brush.box(56, 66, 13, 30, 4).part(darker(body, 0.22));
  // Head with its trunk, body and the two near legs are one shape.
  brush.move(8, 54)
      .curve({8, 28}, {32, 22}, {48, 24})
      .curve({60, 14}, {82, 16}, {88, 34})
      .curve({92, 48}, {98, 62}, {97, 78})
      .curve({96, 88}, {82, 90}, {80, 82})
      .curve({80, 79}, {84, 79}, {87, 78})
      .curve({88, 72}, {84, 62}, {78, 58})
      .curve({72, 62}, {66, 64}, {58, 68})
      .to(58, 93)
      .curve({58, 97}, {44, 97}, {44, 93})
      .to(44, 72)
      .to(28, 72)
      .to(28, 93)
      .curve({28, 97}, {14, 97}, {14, 93})
      .to(14, 72)
      .curve({10, 68}, {8, 62}, {8, 54})
      .close()
      .part(body);
  for (double x : {18.0, 24.0, 48.0, 54.0}) brush.circle(x, 93.5, 1.8).flat(lighter(body, 0.6));
  brush.blob({{50, 26}, {64, 26}, {68, 40}, {62, 56}, {50, 60}, {42, 48}, {43, 34}}).part(body);
  brush.blob({{51, 31}, {60, 31}, {63, 41}, {58, 52}, {51, 54}, {46, 46}, {47, 36}})
      .flat(kPink, 0.75);
  eye(brush, 76, 36, 4.6);
  brush.move(76, 56).curve({80, 62}, {86, 62}, {90, 58}).line(kDark, 6.4);
  brush.move(76, 56).curve({80, 62}, {86, 62}, {90, 58}).line(kWhite, 4.2);
}

void draw_dinosaur(Brush& brush, Rgb body) {
  const Rgb plate = brightness(body) < 0.62 && body.r < 0.8 ? kOrange : rgb(70, 130, 190);
  brush.polygon({{64, 34}, {56, 22}, {68, 22}}).polygon({{60, 46}, {48, 34}, {62, 34}});
  brush.polygon({{50, 50}, {38, 36}, {54, 40}}).polygon({{38, 54}, {26, 44}, {42, 44}});
  brush.polygon({{28, 64}, {15, 56}, {30, 55}}).part(plate);
  brush.box(36, 74, 10, 22, 4).part(darker(body, 0.22));
  brush.box(64, 74, 10, 22, 4).part(darker(body, 0.22));
  brush.move(3, 70)
      .curve({14, 76}, {24, 66}, {34, 54})
      .curve({44, 44}, {58, 48}, {64, 36})
      .curve({66, 24}, {64, 6}, {80, 4})
      .curve({92, 4}, {98, 12}, {97, 20})
      .curve({96, 27}, {86, 28}, {80, 28})
      .curve({78, 40}, {82, 58}, {77, 72})
      .curve({72, 80}, {66, 82}, {63, 82})
      .to(63, 93)
      .curve({63, 97}, {52, 97}, {52, 93})
      .to(52, 83)
      .to(36, 83)
      .to(36, 93)
      .curve({36, 97}, {25, 97}, {25, 93})
      .to(24, 82)
      .curve({14, 84}, {6, 78}, {3, 70})
      .close()
      .part(body);
  brush.circle(46, 62, 4.4).circle(58, 60, 3.6).circle(52, 71, 3.4).circle(36, 68, 3.2);
  brush.flat(darker(body, 0.30), 0.75);
  eye(brush, 80, 13, 4.6);
  brush.move(84, 21).curve({88, 23}, {92, 22}, {95, 19}).line(ink_of(body), 2);
  brush.circle(94, 12, 1.2).flat(ink_of(body));
}

}  // namespace latentreel::world
