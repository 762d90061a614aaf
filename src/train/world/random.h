#pragma once

#include <cstdint>

namespace latentreel::world {

// Random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood: Fast
// splittable pseudorandom number generators, 2014) and arithmetic that rounds in one way only.
// Number `index` of the stream `seed` starts its own sequence, so that picture 1000 needs none of
// the 999 before it.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t index = 0);

  std::uint64_t bits();                     // 64 random bits
  double uniform();                         // [0, 1)
  double uniform(double low, double high);  // [low, high)
  int below(int n);                         // 0 .. n-1, each equally likely; n >= 1
  bool chance(double probability);          // always takes one number

 private:
  std::uint64_t state_;
};

}  // namespace latentreel::world
