#include "src/train/world/composition.h"

#include <algorithm>

namespace latentreel::world {
namespace {

// The mix. Most pictures show one thing, because a short prompt names one.
constexpr double kNone = 0.10, kTwo = 0.20;         // without things, with two; the others show one
constexpr double kTwins = 0.20;                     // of those with two: the same thing twice
constexpr double kColoured = 0.5;                   // a thing in another than its natural colour
constexpr double kPlain = 0.34, kElsewhere = 0.14;  // grounds; the others lie under a sky
constexpr double kStyled = 0.18;                    // in a style other than the plain one

Ground draw_ground(Random& random) {
  const double kind = random.uniform();
  if (kind < kPlain) return Ground::plain(static_cast<Colour>(random.below(kColours)));
  if (kind < kPlain + kElsewhere) return ground_number(kGrounds - 1 - random.below(3));
  return Ground::outdoors(static_cast<Sky>(random.below(kSkies)),
                          static_cast<Land>(random.below(kLands)));
}

// A thing whose colour is that of the plain paper behind it teaches nothing.
bool is_lost(Thing thing, std::optional<Colour> colour, const Ground& ground) {
  if (ground.kind != Ground::Kind::plain) return false;
  return (colour ? colour : natural_colour(thing)) == ground.colour;
}

PlacedThing draw_thing(Random& random, bool coloured) {
  PlacedThing placed;
  placed.thing = static_cast<Thing>(random.below(kThings));
  if (random.chance(kColoured) && coloured) {
    placed.colour = normalized_colour(placed.thing, static_cast<Colour>(random.below(kColours)));
  }
  placed.turned = random.uniform(-0.15, 0.15);
  placed.stretch = random.uniform(0.91, 1.1);
  placed.mirrored = random.chance(0.5);
  return placed;
}

// Somewhere in columns [left, right]: on the floor, or in the air above it, wholly in the picture.
void place(PlacedThing& placed, const Ground& ground, double left, double right, Random& random) {
  const double half = 0.5 * placed.size + 0.02;
  placed.x =
      left + half < right - half ? random.uniform(left + half, right - half) : 0.5 * (left + right);
  double y = random.uniform(0.45, 0.55);
  if (has_floor(ground)) {
    y = stands(placed.thing) ? random.uniform(0.84, 0.95) - half : random.uniform(0.32, 0.46);
  }
  placed.y = half < 0.5 ? std::clamp(y, half, 1 - half) : 0.5;
}

Composition any_composition(Random& random) {
  Composition composition;
  composition.ground = draw_ground(random);
  composition.details = random.bits();
  composition.tone = random.uniform(-1, 1);
  if (random.chance(kStyled)) {
    composition.style = static_cast<Style>(1 + random.below(kStyles - 1));
  }
  const double count = random.uniform();
  if (count < kNone) {
    // A landscape rather than a sheet of mere colour.
    if (composition.ground.kind == Ground::Kind::plain && random.chance(0.6)) {
      composition.ground = draw_ground(random);
    }
    return composition;
  }
  const bool coloured = keeps_colours(composition.style);
  PlacedThing first = draw_thing(random, coloured);
  if (count >= kNone + kTwo) {
    first.size = random.uniform(0.50, 0.88);
    place(first, composition.ground, 0, 1, random);
    composition.things = {first};
    return composition;
  }
  PlacedThing second = draw_thing(random, coloured);
  if (random.chance(kTwins)) {
    second.thing = first.thing;
    second.colour = first.colour;
  }
  first.size = random.uniform(0.38, 0.50);
  second.size = random.uniform(0.38, 0.50);
  place(first, composition.ground, 0, 0.5, random);
  place(second, composition.ground, 0.5, 1, random);
  composition.things = {first, second};
  return composition;
}

bool is_useful(const Composition& composition) {
  const Ground& ground = composition.ground;
  // Plain paper alone is a picture of a colour; without colours it is nothing.
  if (ground.kind == Ground::Kind::plain && !keeps_colours(composition.style)) {
    const Colour paper = ground.colour;
    if (composition.things.empty()) return false;
    if (paper != Colour::white && paper != Colour::black && paper != Colour::gray) return false;
  }
  return std::none_of(
      composition.things.begin(), composition.things.end(),
      [&](const PlacedThing& placed) { return is_lost(placed.thing, placed.colour, ground); });
}

}  // namespace

std::optional<Colour> normalized_colour(Thing thing, std::optional<Colour> colour) {
  if (!can_be_coloured(thing) || colour == natural_colour(thing)) return std::nullopt;
  return colour;
}

bool is_held_out(Thing thing, std::optional<Colour> colour, const Ground& ground) {
  const int colour_number = colour ? 1 + static_cast<int>(*colour) : 0;
  return (5 * static_cast<int>(thing) + 3 * colour_number + 7 * number_of(ground)) % 13 == 0;
}

bool is_held_out(const Composition& composition) {
  return std::any_of(composition.things.begin(), composition.things.end(),
                     [&](const PlacedThing& placed) {
                       return is_held_out(placed.thing, placed.colour, composition.ground);
                     });
}

Composition draw_composition(Random& random, Purpose purpose) {
  for (;;) {
    Composition composition = any_composition(random);
    if (is_useful(composition) && is_held_out(composition) == (purpose == Purpose::test)) {
      return composition;
    }
  }
}

Composition portrait(Thing thing, std::optional<Colour> colour, const Ground& ground,
                     std::uint64_t details) {
  PlacedThing placed;
  placed.thing = thing;
  placed.colour = normalized_colour(thing, colour);
  placed.size = 0.78;
  if (has_floor(ground)) placed.y = stands(thing) ? 0.54 : 0.44;
  return {.things = {placed}, .ground = ground, .details = details};
}

}  // namespace latentreel::world
