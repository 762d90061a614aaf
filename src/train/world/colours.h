#pragma once

#include <array>
#include <string_view>

namespace latentreel::world {

// Red, green, blue as a screen shows them (sRGB values), each in [0, 1].
struct Rgb {
  double r = 0, g = 0, b = 0;
  friend bool operator==(const Rgb&, const Rgb&) = default;
};

constexpr Rgb rgb(int r, int g, int b) {
  return {r / 255.0, g / 255.0, b / 255.0};
}

// The colours that have a name.
enum class Colour { red, orange, yellow, green, blue, purple, pink, brown, black, white, gray };
inline constexpr int kColours = 11;

std::string_view name(Colour colour);
// The paint of a thing, and of a plain ground, of that colour.
Rgb paint_of(Colour colour);
Rgb paper_of(Colour colour);

Rgb mix(Rgb from, Rgb to, double amount);  // amount 0: from, 1: to
Rgb lighter(Rgb colour, double amount);    // towards a warm white
Rgb darker(Rgb colour, double amount);     // towards a deep shade of its own
double brightness(Rgb colour);             // [0, 1], as the eye weighs it
// Whether a child would call them the same.
bool alike(Rgb one, Rgb other);
// The ink for outlines and details on that colour: a deep shade, or a pale one where the colour is
// dark itself.
Rgb ink_of(Rgb colour);

}  // namespace latentreel::world
