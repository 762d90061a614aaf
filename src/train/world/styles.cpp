#include "src/train/world/styles.h"

#include <algorithm>
#include <cmath>

#include "src/train/world/colours.h"
#include "src/train/world/random.h"

namespace latentreel::world {
namespace {

std::uint8_t byte_of(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255));
}

class Pixels {
 public:
  Pixels(std::vector<std::uint8_t>& bytes, int size) : bytes_(bytes), size_(size) {}

  Rgb at(int x, int y) const {
    const std::uint8_t* pixel = &bytes_[offset(x, y)];
    return rgb(pixel[0], pixel[1], pixel[2]);
  }
  // At a place between pixels, the border going on outside.
  Rgb between(double x, double y) const {
    x = std::clamp(x, 0.0, size_ - 1.0);
    y = std::clamp(y, 0.0, size_ - 1.0);
    const int left = static_cast<int>(x), top = static_cast<int>(y);
    const int right = std::min(left + 1, size_ - 1), bottom = std::min(top + 1, size_ - 1);
    return mix(mix(at(left, top), at(right, top), x - left),
               mix(at(left, bottom), at(right, bottom), x - left), y - top);
  }
  void set(int x, int y, Rgb colour) {
    std::uint8_t* pixel = &bytes_[offset(x, y)];
    pixel[0] = byte_of(colour.r);
    pixel[1] = byte_of(colour.g);
    pixel[2] = byte_of(colour.b);
  }
  template <typename Change>
  void change(Change change) {
    for (int y = 0; y < size_; ++y) {
      for (int x = 0; x < size_; ++x) set(x, y, change(at(x, y)));
    }
  }

 private:
  std::size_t offset(int x, int y) const {
    return 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(size_) +
                static_cast<std::size_t>(x));
  }

  std::vector<std::uint8_t>& bytes_;
  int size_;
};

// Smooth random heights in [-1, 1] over the unit square, with so many waves along a side.
class Waves {
 public:
  Waves(int waves, std::uint64_t seed) : side_(waves + 2) {
    Random random(seed, static_cast<std::uint64_t>(waves));
    heights_.resize(static_cast<std::size_t>(side_ * side_));
    for (double& height : heights_) height = random.uniform(-1, 1);
  }

  double operator()(double x, double y) const {
    x *= side_ - 2;
    y *= side_ - 2;
    const int left = static_cast<int>(x), top = static_cast<int>(y);
    const double u = eased(x - left), v = eased(y - top);
    const double above = height(left, top) * (1 - u) + height(left + 1, top) * u;
    const double below = height(left, top + 1) * (1 - u) + height(left + 1, top + 1) * u;
    return above * (1 - v) + below * v;
  }

 private:
  static double eased(double t) { return t * t * (3 - 2 * t); }
  double height(int x, int y) const { return heights_[static_cast<std::size_t>(y * side_ + x)]; }

  int side_;
  std::vector<double> heights_;
};

// Wobbling edges, pigment that gathers in blotches and at edges, white paper that shines through.
void watercolor(std::vector<std::uint8_t>& bytes, int size, std::uint64_t grain) {
  std::vector<std::uint8_t> copy = bytes;
  const Pixels before(copy, size);
  Pixels after(bytes, size);
  const Waves across(14, grain + 1), down(14, grain + 2), blotches(6, grain + 3),
      paper(40, grain + 4);
  const double reach = 0.012 * size;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const double u = (x + 0.5) / size, v = (y + 0.5) / size;
      const double sx = x + reach * across(u, v), sy = y + reach * down(u, v);
      const Rgb here = before.between(sx, sy);
      const Rgb right = before.between(sx + reach, sy), below = before.between(sx, sy + reach);
      const double edge = std::abs(brightness(right) - brightness(here)) +
                          std::abs(brightness(below) - brightness(here));
      const double pigment = 0.86 + 0.20 * blotches(u, v) + 0.07 * paper(u, v) + 0.35 * edge;
      const Rgb white = rgb(254, 252, 246);
      after.set(x, y, mix(white, here, std::clamp(pigment, 0.35, 1.1)));
    }
  }
}

void pixel_art(std::vector<std::uint8_t>& bytes, int size) {
  constexpr int kBlocks = 32;
  Pixels pixels(bytes, size);
  for (int row = 0; row < kBlocks; ++row) {
    for (int column = 0; column < kBlocks; ++column) {
      const int left = column * size / kBlocks, right = (column + 1) * size / kBlocks;
      const int top = row * size / kBlocks, bottom = (row + 1) * size / kBlocks;
      Rgb sum;
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) {
          const Rgb pixel = pixels.at(x, y);
          sum = {sum.r + pixel.r, sum.g + pixel.g, sum.b + pixel.b};
        }
      }
      const double count = (right - left) * (bottom - top);
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x)
          pixels.set(x, y, {sum.r / count, sum.g / count, sum.b / count});
      }
    }
  }
}

}  // namespace

bool keeps_colours(Style style) {
  return style != Style::black_and_white && style != Style::sepia;
}

void apply(Style style, std::vector<std::uint8_t>& pixels, int size, std::uint64_t grain) {
  Pixels all(pixels, size);
  switch (style) {
    case Style::plain:
      return;
    case Style::watercolor:
      return watercolor(pixels, size, grain);
    case Style::black_and_white:
      return all.change([](Rgb colour) {
        const double gray = std::clamp((brightness(colour) - 0.5) * 1.15 + 0.5, 0.0, 1.0);
        return Rgb{gray, gray, gray};
      });
    case Style::sepia:
      return all.change(
          [](Rgb colour) { return mix(rgb(52, 32, 18), rgb(252, 236, 204), brightness(colour)); });
    case Style::pastel:
      return all.change([](Rgb colour) {
        return mix(mix(colour, rgb(250, 240, 250), 0.48), rgb(236, 200, 226), 0.06);
      });
    case Style::pixel_art:
      return pixel_art(pixels, size);
  }
}

}  // namespace latentreel::world
