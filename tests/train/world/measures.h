#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "src/train/world/picture.h"

// What tests measure in pictures.

namespace latentreel::world {

// Mean absolute difference of the bytes of two pictures of one size, in [0, 1].
inline double mean_difference(const Picture& one, const Picture& other) {
  double sum = 0;
  for (std::size_t i = 0; i < one.pixels.size(); ++i) {
    sum += std::abs(one.pixels[i] - other.pixels[i]);
  }
  return sum / (255.0 * static_cast<double>(one.pixels.size()));
}

// The largest difference of the three channels, pixel by pixel, in [0, 1].
inline std::vector<double> differences(const Picture& one, const Picture& other) {
  std::vector<double> all;
  for (std::size_t i = 0; i < one.pixels.size(); i += 3) {
    int largest = 0;
    for (std::size_t c = i; c < i + 3; ++c) {
      largest = std::max(largest, std::abs(one.pixels[c] - other.pixels[c]));
    }
    all.push_back(largest / 255.0);
  }
  return all;
}

// Each pixel the mean of `factor` x `factor`.
inline Picture reduced(const Picture& picture, int factor) {
  Picture small{.size = picture.size / factor, .pixels = {}};
  for (int y = 0; y < small.size; ++y) {
    for (int x = 0; x < small.size; ++x) {
      for (int c = 0; c < 3; ++c) {
        int sum = 0;
        for (int dy = 0; dy < factor; ++dy) {
          for (int dx = 0; dx < factor; ++dx) {
            const int at = ((y * factor + dy) * picture.size + x * factor + dx) * 3 + c;
            sum += picture.pixels[static_cast<std::size_t>(at)];
          }
        }
        const int mean = (sum + factor * factor / 2) / (factor * factor);
        small.pixels.push_back(static_cast<std::uint8_t>(mean));
      }
    }
  }
  return small;
}

}  // namespace latentreel::world
