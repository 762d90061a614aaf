#pragma once

#include <array>
#include <cstdint>

// Random numbers that are a function of where they are used. A sequential generator gives other
// numbers as soon as anything before it changes; this one is addressed (which keyframe, which
// iteration, which cutout, for what), so inserting a keyframe, continuing a stopped run or dividing
// the cutouts into other chunks changes nothing.
//
// The function is Philox4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: Parallel random numbers:
// as easy as 1, 2, 3; 2011), the same on every machine. A CounterRng is a small value; use it from
// one thread at a time.

namespace latentreel::render {

// The keyframe and seed that numbers are drawn for.
struct RandomKey {
  std::uint64_t content = 0;  // hash of what the keyframe is, not of where it stands
  std::uint64_t seed = 0;     // chosen by the user

  friend bool operator==(const RandomKey&, const RandomKey&) = default;
};

// One block of Philox4x32-10.
std::array<std::uint32_t, 4> philox4x32(const std::array<std::uint32_t, 4>& counter,
                                        const std::array<std::uint32_t, 2>& key);

class CounterRng {
 public:
  // Stands for the cutout in draws that all cutouts of an iteration share.
  static constexpr std::uint32_t kShared = 0xffffffffu;

  // stream: what the numbers are for; any number that no other use of the same key, iteration and
  // cutout has.
  CounterRng(const RandomKey& key, std::int64_t iteration, std::uint32_t cutout,
             std::uint32_t stream);

  std::uint32_t bits();                     // 32 random bits
  double uniform();                         // [0, 1), 53 bits
  double uniform(double low, double high);  // [low, high); low where both are equal
  double normal();                          // mean 0, standard deviation 1
  std::int64_t below(std::int64_t n);       // 0 .. n-1, each equally likely; n >= 1
  bool chance(double probability);          // always takes one number
  std::uint64_t seed();                     // for a generator of another kind

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;  // block, stream, cutout, iteration
  std::array<std::uint32_t, 4> block_{};
  int left_ = 0;  // numbers of the block not yet given out
};

}  // namespace latentreel::render
