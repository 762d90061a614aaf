#include "src/train/world/drawings.h"

namespace latentreel::world {

void draw_snowman(Brush& brush, Rgb body) {
  brush.sweep({{24, 50}, {12, 42}, {6, 32}}).line(rgb(112, 72, 46), 3.6);
  brush.sweep({{12, 42}, {6, 43}}).line(rgb(112, 72, 46), 3);
  brush.sweep({{76, 50}, {88, 42}, {94, 32}}).line(rgb(112, 72, 46), 3.6);
  brush.sweep({{88, 42}, {94, 43}}).line(rgb(112, 72, 46), 3);
  brush.circle(50, 77.5, 19.5).part(body);
  brush.ellipse(50, 52, 19, 16).part(body);
  brush.circle(50, 29, 14.5).part(body);
  brush.box(37, 2.5, 26, 15, 2).part(rgb(70, 66, 80));
  brush.box(38, 11, 24, 4).flat(kScarlet);
  brush.box(29, 15, 42, 5, 2.5).part(rgb(70, 66, 80));
  const Rgb coal = brightness(body) < 0.4 ? kWhite : kDark;
  brush.circle(44, 26, 2.3).circle(56, 26, 2.3).flat(coal);
  brush.polygon({{49, 28}, {66, 32}, {49, 34}}).part(kOrange);
  smile(brush, body, 48, 36, 9);
  brush.sweep({{37, 42}, {50, 46}, {63, 42}}).limb(kScarlet, 5);
  brush.polygon({{58, 44}, {65, 44}, {68, 60}, {60, 60}}).part(kScarlet);
  brush.circle(50, 57, 2.2).circle(50, 70, 2.4).circle(50, 82, 2.4).flat(coal);
}

void draw_ghost(Brush& brush, Rgb body) {
  brush.move(50, 4)
      .curve({76, 4}, {86, 26}, {86, 50})
      .to(88, 92)
      .curve({82, 98}, {78, 86}, {74, 86})
      .curve({68, 86}, {68, 97}, {62, 97})
      .curve({56, 97}, {56, 86}, {50, 86})
      .curve({44, 86}, {44, 97}, {38, 97})
      .curve({32, 97}, {32, 86}, {26, 86})
      .curve({22, 86}, {18, 98}, {12, 92})
      .to(14, 50)
      .curve({14, 26}, {24, 4}, {50, 4})
      .close();
  brush.ellipse(10, 58, 8, 6, 0.6).ellipse(90, 58, 8, 6, -0.6).part(body);
  const Rgb hole = brightness(body) < 0.4 ? kWhite : kDark;
  brush.ellipse(38, 36, 6, 9).ellipse(62, 36, 6, 9).flat(hole);
  brush.ellipse(50, 58, 7, 8).flat(hole);
  cheek(brush, 28, 51, 5);
  cheek(brush, 72, 51, 5);
}

void draw_robot(Brush& brush, Rgb body) {
  const Rgb joint = darker(mix(body, rgb(120, 124, 140), 0.7), 0.2);
  brush.move(50, 4).to(50, 16).line(kDark, 2.6);
  brush.circle(50, 5, 4.2).part(kScarlet);
  brush.sweep({{26, 56}, {13, 60}, {12, 74}}).limb(joint, 7);
  brush.sweep({{74, 56}, {87, 60}, {88, 74}}).limb(joint, 7);
  brush.circle(12, 76, 6).part(body);
  brush.circle(88, 76, 6).part(body);
  brush.box(33, 80, 10, 12).box(57, 80, 10, 12).part(joint);
  brush.box(28, 89, 19, 8, 3).part(body);
  brush.box(53, 89, 19, 8, 3).part(body);
  brush.box(44, 44, 12, 8).part(joint);
  brush.box(25, 50, 50, 33, 5).part(body);
  brush.box(17, 24, 8, 13, 3).part(joint);
  brush.box(75, 24, 8, 13, 3).part(joint);
  brush.box(23, 14, 54, 34, 8).part(body);
  brush.circle(38, 28, 7).part(rgb(140, 230, 240));
  brush.circle(62, 28, 7).part(rgb(140, 230, 240));
  brush.circle(38, 28, 3).circle(62, 28, 3).flat(kDark);
  brush.box(37, 38.5, 26, 5, 2).flat(kDark);
  for (double x : {43.0, 50.0, 57.0}) brush.move(x, 38.5).to(x, 43.5).line(kWhite, 1.3);
  brush.box(34, 57, 32, 18, 3).part(lighter(body, 0.5));
  brush.circle(42, 66, 3.6).flat(kScarlet);
  brush.circle(50, 66, 3.6).flat(kGold);
  brush.circle(58, 66, 3.6).flat(rgb(86, 180, 96));
}

}  // namespace latentreel::world
