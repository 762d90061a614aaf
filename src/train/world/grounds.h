#pragma once

#include <string_view>

#include "src/train/world/brush.h"
#include "src/train/world/random.h"

namespace latentreel::world {

enum class Sky { blue, sunset, night, cloudy };
enum class Land { none, hills, sea, desert, snow, forest, mountains, city, beach, meadow };
inline constexpr int kSkies = 4, kLands = 10;

// The setting of a picture: plain paper, a sky (with or without a land), or another place.
struct Ground {
  enum class Kind { plain, outdoors, space, under_water, room };
  Kind kind = Kind::plain;
  Colour colour = Colour::white;  // plain
  Sky sky = Sky::blue;            // outdoors
  Land land = Land::none;         // outdoors

  friend bool operator==(const Ground&, const Ground&) = default;

  static Ground plain(Colour colour) { return {.kind = Kind::plain, .colour = colour}; }
  static Ground outdoors(Sky sky, Land land) {
    return {.kind = Kind::outdoors, .sky = sky, .land = land};
  }
};
// Plain colours, then sky by sky every land, then space, under water, a room.
inline constexpr int kGrounds = kColours + kSkies * kLands + 3;
Ground ground_number(int number);  // 0 … kGrounds - 1
int number_of(const Ground& ground);

// Whether things stand on something there: outdoors on a land, or in a room.
bool has_floor(const Ground& ground);

// Fills a square of 100 x 100. The same random numbers give the same picture.
void draw(Brush& brush, const Ground& ground, Random random);

}  // namespace latentreel::world
