#include "src/train/world/drawings.h"

namespace latentreel::world {

void eye(Brush& brush, double x, double y, double radius) {
  brush.circle(x, y, radius + 1.1).flat(kDark);
  brush.circle(x, y, radius).flat(kWhite);
  brush.circle(x, y + 0.08 * radius, 0.68 * radius).flat(kDark);
  brush.circle(x - 0.24 * radius, y - 0.22 * radius, 0.27 * radius).flat(kWhite);
}

void smile(Brush& brush, Rgb face, double x, double y, double width) {
  const double half = width / 2;
  brush.move(x - half, y)
      .curve({x - 0.6 * half, y + 0.75 * half}, {x + 0.6 * half, y + 0.75 * half}, {x + half, y})
      .line(ink_of(face), 2.2);
}

void cheek(Brush& brush, double x, double y, double radius) {
  brush.circle(x, y, radius).flat(rgb(246, 120, 130), 0.45);
}

void shine(Brush& brush, double x, double y, double width, double height, double turned) {
  brush.ellipse(x, y, width, height, turned).flat(kWhite, 0.55);
}

}  // namespace latentreel::world
