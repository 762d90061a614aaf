#include "src/train/world/grounds.h"

#include "src/train/world/landscapes.h"

namespace latentreel::world {
namespace {

constexpr Ground::Kind kGroundsElsewhere[] = {Ground::Kind::space, Ground::Kind::under_water,
                                              Ground::Kind::room};

void draw_plain(Brush& brush, Colour colour) {
  const Rgb paper = paper_of(colour);
  brush.box(-1, -1, 102, 102).gradient(lighter(paper, 0.10), darker(paper, 0.08));
}

}  // namespace

Ground ground_number(int number) {
  if (number < kColours) return Ground::plain(static_cast<Colour>(number));
  number -= kColours;
  if (number < kSkies * kLands) {
    return Ground::outdoors(static_cast<Sky>(number / kLands), static_cast<Land>(number % kLands));
  }
  return {.kind = kGroundsElsewhere[number - kSkies * kLands]};
}

int number_of(const Ground& ground) {
  switch (ground.kind) {
    case Ground::Kind::plain:
      return static_cast<int>(ground.colour);
    case Ground::Kind::outdoors:
      return kColours + static_cast<int>(ground.sky) * kLands + static_cast<int>(ground.land);
    case Ground::Kind::space:
      return kGrounds - 3;
    case Ground::Kind::under_water:
      return kGrounds - 2;
    case Ground::Kind::room:
      break;
  }
  return kGrounds - 1;
}

bool has_floor(const Ground& ground) {
  if (ground.kind == Ground::Kind::outdoors) return ground.land != Land::none;
  return ground.kind == Ground::Kind::room;
}

void draw(Brush& brush, const Ground& ground, Random random) {
  switch (ground.kind) {
    case Ground::Kind::plain:
      return draw_plain(brush, ground.colour);
    case Ground::Kind::outdoors:
      draw_sky(brush, ground.sky, random);
      return draw_land(brush, ground.land, Light(ground.sky), random);
    case Ground::Kind::space:
      return draw_space(brush, random);
    case Ground::Kind::under_water:
      return draw_under_water(brush, random);
    case Ground::Kind::room:
      return draw_room(brush, random);
  }
}

}  // namespace latentreel::world
