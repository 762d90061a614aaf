#pragma once

#include <optional>
#include <string_view>

#include "src/train/world/brush.h"

namespace latentreel::world {

// What can be in a picture. The order matters: held-out compositions are computed from it.
enum class Thing {
  tree,
  pine_tree,
  palm_tree,
  cactus,
  house,
  castle,
  lighthouse,
  sailboat,
  hot_air_balloon,
  rocket,
  heart,
  star,
  flower,
  mushroom,
  apple,
  fish,
  butterfly,
  cat,
  umbrella,
  snowman,
  cup,
  key,
  candle,
  car,
  ghost,
  crown,
  ice_cream,
  pyramid,
  volcano,
  sun,
  moon,
  rainbow,
  dog,
  rabbit,
  bear,
  elephant,
  dinosaur,
  bird,
  duck,
  owl,
  penguin,
  whale,
  octopus,
  turtle,
  snail,
  robot,
  train,
  airplane,
  windmill,
  cake,
  banana,
  strawberry,
  carrot,
  teapot,
  bell,
  guitar,
  clock,
  kite,
  cloud,
  planet,
};
inline constexpr int kThings = static_cast<int>(Thing::planet) + 1;

std::string_view name(Thing thing);  // "pine tree"

// Whether it stands on the ground; else it hangs in the air.
bool stands(Thing thing);
// A rainbow has its own colours.
bool can_be_coloured(Thing thing);
// The natural colour of a thing, where it is one of the named colours.
std::optional<Colour> natural_colour(Thing thing);

// The thing in a square of 100 x 100, in that colour or its natural one. `tone` in [-1, 1] makes
// the colour a little paler or deeper.
void draw(Brush& brush, Thing thing, std::optional<Colour> colour, double tone = 0);

}  // namespace latentreel::world
