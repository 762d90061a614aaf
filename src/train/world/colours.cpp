#include "src/train/world/colours.h"

namespace latentreel::world {
namespace {

struct NamedColour {
  std::string_view name;
  Rgb paint, paper;
};

constexpr std::array<NamedColour, kColours> kNamed{{
    {"red", rgb(226, 58, 52), rgb(218, 64, 58)},
    {"orange", rgb(245, 138, 38), rgb(244, 150, 64)},
    {"yellow", rgb(253, 208, 48), rgb(250, 216, 92)},
    {"green", rgb(78, 168, 74), rgb(104, 178, 96)},
    {"blue", rgb(58, 122, 216), rgb(74, 134, 214)},
    {"purple", rgb(142, 84, 190), rgb(140, 92, 182)},
    {"pink", rgb(246, 142, 178), rgb(246, 166, 190)},
    {"brown", rgb(148, 96, 58), rgb(142, 100, 68)},
    {"black", rgb(52, 50, 58), rgb(40, 39, 46)},
    {"white", rgb(250, 248, 243), rgb(248, 246, 240)},
    {"gray", rgb(150, 152, 158), rgb(158, 160, 164)},
}};

}  // namespace

std::string_view name(Colour colour) {
  return kNamed.at(static_cast<std::size_t>(colour)).name;
}

Rgb paint_of(Colour colour) {
  return kNamed.at(static_cast<std::size_t>(colour)).paint;
}

Rgb paper_of(Colour colour) {
  return kNamed.at(static_cast<std::size_t>(colour)).paper;
}

Rgb mix(Rgb from, Rgb to, double amount) {
  return {from.r + (to.r - from.r) * amount, from.g + (to.g - from.g) * amount,
          from.b + (to.b - from.b) * amount};
}

Rgb lighter(Rgb colour, double amount) {
  return mix(colour, rgb(255, 253, 244), amount);
}

Rgb darker(Rgb colour, double amount) {
  // Shadows in picture books lean towards violet: red and green fall faster than blue.
  return mix(colour, {colour.r * 0.30, colour.g * 0.22, colour.b * 0.36}, amount);
}

double brightness(Rgb colour) {
  return 0.299 * colour.r + 0.587 * colour.g + 0.114 * colour.b;
}

bool alike(Rgb one, Rgb other) {
  const double r = one.r - other.r, g = one.g - other.g, b = one.b - other.b;
  return r * r + g * g + b * b < 0.03;
}

Rgb ink_of(Rgb colour) {
  return brightness(colour) < 0.27 ? lighter(colour, 0.42) : darker(colour, 0.72);
}

}  // namespace latentreel::world
