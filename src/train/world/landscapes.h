#pragma once

#include "src/train/world/grounds.h"

// What grounds are painted from. Without outlines and a little pale, so that things stand out.

namespace latentreel::world {

// What a sky does to the colours below it.
class Light {
 public:
  explicit Light(Sky sky) : sky_(sky) {}
  Rgb operator()(Rgb colour) const;
  bool is_night() const { return sky_ == Sky::night; }

 private:
  Sky sky_;
};

void draw_sky(Brush& brush, Sky sky, Random& random);
void draw_land(Brush& brush, Land land, const Light& light, Random& random);
void draw_space(Brush& brush, Random& random);
void draw_under_water(Brush& brush, Random& random);
void draw_room(Brush& brush, Random& random);

// Small lights over a part of the square, down to `bottom`.
void draw_stars(Brush& brush, int count, double bottom, Random& random);

}  // namespace latentreel::world
