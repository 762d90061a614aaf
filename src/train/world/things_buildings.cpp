#include <cmath>
#include <numbers>

#include "src/train/world/drawings.h"

namespace latentreel::world {
namespace {

constexpr Rgb kLamp = rgb(255, 222, 120);

void window(Brush& brush, double x, double y, double width, double height) {
  brush.box(x, y, width, height, 1.5).part(kLamp);
  const Rgb frame = ink_of(kLamp);
  brush.move(x + width / 2, y).to(x + width / 2, y + height).line(frame, 1.4);
  brush.move(x, y + height / 2).to(x + width, y + height / 2).line(frame, 1.4);
}

// A door with a round top, from y down to the ground.
void arch(Brush& brush, double x, double y, double width, double bottom, Rgb colour) {
  const double radius = width / 2;
  brush.arc(x + radius, y + radius, radius, std::numbers::pi, 2 * std::numbers::pi)
      .to(x + width, bottom)
      .to(x, bottom)
      .close()
      .part(colour);
}

}  // namespace

void draw_house(Brush& brush, Rgb body) {
  brush.box(66, 14, 12, 26).part(rgb(176, 92, 72));
  brush.box(64, 11, 16, 6, 1).part(rgb(196, 112, 90));
  brush.box(15, 44, 70, 53).part(body);
  const Rgb roof = alike(body, paint_of(Colour::red)) ? rgb(126, 82, 62) : rgb(216, 84, 62);
  brush.polygon({{3, 48}, {50, 6}, {97, 48}}).part(roof);
  arch(brush, 41, 64, 19, 97, kWood);
  brush.circle(55, 82, 1.6).flat(kGold);
  window(brush, 21, 57, 14, 16);
  window(brush, 66, 57, 14, 16);
  brush.circle(50, 33, 6).part(kLamp);
}

void draw_castle(Brush& brush, Rgb body) {
  const Rgb roof = alike(body, paint_of(Colour::red)) ? rgb(90, 96, 150) : rgb(206, 74, 70);
  const auto battlements = [&](double x, double y, double width, int teeth) {
    const double tooth = width / (2 * teeth - 1);
    for (int i = 0; i < teeth; ++i) brush.box(x + 2 * i * tooth, y, tooth, 9);
    brush.box(x, y + 8, width, 8);
  };
  // The keep with its flag, the wall, the towers.
  brush.move(50, 2).to(50, 16).line(kDark, 2);
  brush.polygon({{50, 2}, {66, 6.5}, {50, 11}}).part(kGold);
  battlements(34, 14, 32, 4);
  brush.box(36, 28, 28, 50).part(body);
  battlements(22, 50, 56, 6);
  brush.box(22, 64, 56, 33).part(body);
  for (double x : {6.0, 74.0}) {
    brush.box(x, 38, 20, 59).part(body);
    brush.polygon({{x - 4, 40}, {x + 10, 10}, {x + 24, 40}}).part(roof);
    brush.box(x + 6.5, 50, 7, 13, 3.5).flat(kDark);
  }
  brush.box(46.5, 34, 7, 12, 3.5).flat(kDark);
  arch(brush, 38, 70, 24, 97, rgb(112, 72, 46));
}

void draw_lighthouse(Brush& brush, Rgb body) {
  brush.polygon({{37, 20}, {4, 11}, {4, 33}}).flat(rgb(255, 236, 150), 0.75);
  brush.polygon({{63, 20}, {96, 11}, {96, 33}}).flat(rgb(255, 236, 150), 0.75);
  brush.blob({{14, 95}, {22, 86}, {40, 84}, {62, 85}, {78, 86}, {86, 95}, {50, 97}})
      .part(rgb(132, 122, 118));
  const Rgb stripe = brightness(body) > 0.85 ? rgb(196, 204, 218) : body;
  const auto tower = [&] { brush.polygon({{37, 32}, {63, 32}, {70, 90}, {30, 90}}); };
  tower();
  brush.part(kWhite);
  tower();
  brush.inside([&] {
    for (double y : {32.0, 55.0, 78.0}) {
      brush.box(20, y, 60, 11.5).gradient(lighter(stripe, 0.1), darker(stripe, 0.12));
    }
  });
  brush.box(44, 68, 12, 10, 4).part(kDark);
  brush.box(39, 13, 22, 17).part(rgb(255, 232, 130));
  brush.box(32, 28, 36, 6, 2).part(darker(stripe, 0.25));
  brush.polygon({{34, 15}, {50, 2}, {66, 15}}).part(stripe);
}

void draw_windmill(Brush& brush, Rgb body) {
  brush.polygon({{33, 40}, {67, 40}, {77, 97}, {23, 97}}).part(body);
  brush.move(30, 42).curve({32, 18}, {68, 18}, {70, 42}).close().part(rgb(196, 92, 66));
  arch(brush, 42, 76, 16, 97, kWood);
  window(brush, 44, 54, 12, 12);
  const Rgb sail = rgb(255, 246, 224);
  for (int wing = 0; wing < 4; ++wing) {
    const double angle = std::numbers::pi * (wing / 2.0 + 0.25);
    const double c = std::cos(angle), s = std::sin(angle);
    const auto at = [&](double along, double across) {
      return Point{50 + c * along - s * across, 36 + s * along + c * across};
    };
    brush.polygon({at(9, -2), at(45, -2), at(45, 11), at(12, 11)}).part(sail);
    for (double along : {20.0, 29.0, 38.0}) {
      brush.move(at(along, 0).x, at(along, 0).y).to(at(along, 10).x, at(along, 10).y);
      brush.line(ink_of(sail), 1.2, 0.7);
    }
    brush.move(50, 36).to(at(45, 0).x, at(45, 0).y).line(rgb(112, 72, 46), 3.4);
  }
  brush.circle(50, 36, 5).part(kGold);
}

void draw_pyramid(Brush& brush, Rgb body) {
  brush.polygon({{4, 93}, {46, 10}, {97, 93}}).part(body);
  brush.polygon({{46, 10}, {97, 93}, {62, 93}}).flat(darker(body, 0.45), 0.75);
  const Rgb ink = ink_of(body);
  for (int row = 1; row < 6; ++row) {
    const double y = 10 + row * 83.0 / 6, left = 46 - (y - 10) * 42 / 83,
                 right = 46 + (y - 10) * 51 / 83;
    brush.move(left + 2, y).to(right - 2, y).line(ink, 1.2, 0.5);
  }
  for (int row = 1; row < 6; ++row) {
    const double top = 10 + row * 83.0 / 6, left = 46 - (top - 10) * 42 / 83;
    const double right = 46 + (top - 10) * 16 / 83;
    for (double x = left + (row % 2 ? 9 : 15); x < right - 4; x += 14) {
      brush.move(x, top).to(x, top + 83.0 / 6).line(ink, 1.2, 0.5);
    }
  }
}

void draw_volcano(Brush& brush, Rgb body) {
  brush.circle(40, 14, 9)
      .circle(54, 10, 10)
      .circle(66, 17, 8)
      .circle(52, 20, 9)
      .part(rgb(178, 172, 178));
  for (double x : {34.0, 68.0}) brush.circle(x, 32, 3.6).part(rgb(250, 120, 40));
  brush.move(3, 97)
      .curve({22, 86}, {30, 62}, {37, 38})
      .to(63, 38)
      .curve({70, 62}, {78, 86}, {97, 97})
      .close()
      .part(body);
  // Lava that runs down in tongues.
  brush.move(37, 38)
      .curve({35, 46}, {33, 54}, {33, 60})
      .curve({34, 67}, {40, 66}, {41, 60})
      .curve({42, 54}, {46, 56}, {46, 62})
      .curve({46, 74}, {45, 80}, {50, 81})
      .curve({56, 80}, {55, 70}, {55, 62})
      .curve({55, 56}, {59, 55}, {60, 60})
      .curve({61, 69}, {68, 68}, {67, 60})
      .curve({66, 52}, {64, 46}, {63, 38})
      .curve({56, 45}, {44, 45}, {37, 38})
      .close()
      .part(rgb(250, 112, 40));
  brush.ellipse(50, 38, 13, 4.6).part(rgb(255, 206, 70));
}

}  // namespace latentreel::world
