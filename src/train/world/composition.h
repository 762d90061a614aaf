#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/train/world/grounds.h"
#include "src/train/world/styles.h"
#include "src/train/world/things.h"

namespace latentreel::world {

// A thing in a picture. Lengths are shares of the picture's side, y downwards.
struct PlacedThing {
  Thing thing = Thing::heart;
  std::optional<Colour> colour;  // nothing: its natural one, which is never named here
  double x = 0.5, y = 0.5;       // its middle
  double size = 0.7;             // of its square
  double stretch = 1;            // width to height
  double turned = 0;             // radians, clockwise
  bool mirrored = false;

  friend bool operator==(const PlacedThing&, const PlacedThing&) = default;
};

// All that a picture shows. The same composition is the same picture at every size.
struct Composition {
  std::vector<PlacedThing> things;  // none, one or two
  Ground ground;
  Style style = Style::plain;
  double tone = 0;            // of the things' colours, in [-1, 1]
  std::uint64_t details = 0;  // chooses clouds, stars, trees, paper

  friend bool operator==(const Composition&, const Composition&) = default;
};

// That colour as a composition stores it: nothing where it is the natural one of the thing, or
// where the thing cannot be coloured.
std::optional<Colour> normalized_colour(Thing thing, std::optional<Colour> colour);

// Whether a combination of a thing, its colour and its ground is held out for tests. One in
// thirteen is: (5 thing + 3 colour + 7 ground) mod 13 = 0, where colour 0 is the natural one. A
// picture is held out if any of its things is; one without things never is.
bool is_held_out(Thing thing, std::optional<Colour> colour, const Ground& ground);
bool is_held_out(const Composition& composition);

enum class Purpose { training, test };  // training: nothing that is held out; test: only that

// One composition of the mix that the networks learn from (for tests: of its held-out part, so
// never a ground without things). The same numbers give the same composition on every machine.
Composition draw_composition(Random& random, Purpose purpose = Purpose::training);

// That thing alone, large and upright, where it belongs on that ground.
Composition portrait(Thing thing, std::optional<Colour> colour, const Ground& ground,
                     std::uint64_t details = 0);

}  // namespace latentreel::world
