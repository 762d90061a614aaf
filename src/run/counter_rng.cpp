#include "src/run/counter_rng.h"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace latentreel::render {
namespace {

constexpr std::array<std::uint32_t, 2> kMultiplier = {0xD2511F53u, 0xCD9E8D57u};
constexpr std::array<std::uint32_t, 2> kWeyl = {0x9E3779B9u, 0xBB67AE85u};

std::uint32_t low(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
std::uint32_t high(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(const std::array<std::uint32_t, 4>& counter,
                                        const std::array<std::uint32_t, 2>& key) {
  auto x = counter;
  auto k = key;
  for (int round = 0; round < 10; ++round) {
    const auto a = std::uint64_t{kMultiplier[0]} * x[0];
    const auto b = std::uint64_t{kMultiplier[1]} * x[2];
    x = {high(b) ^ x[1] ^ k[0], low(b), high(a) ^ x[3] ^ k[1], low(a)};
    k = {k[0] + kWeyl[0], k[1] + kWeyl[1]};
  }
  return x;
}

CounterRng::CounterRng(const RandomKey& key, std::int64_t iteration, std::uint32_t cutout,
                       std::uint32_t stream)
    : counter_{0, stream, cutout, low(static_cast<std::uint64_t>(iteration))} {
  if (iteration < 0 || iteration > 0xffffffffLL) {
    throw std::out_of_range("CounterRng: iteration " + std::to_string(iteration) +
                            " is not in 0 .. 2^32 - 1");
  }
  // Philox takes 64 bits of key and we have 128: Philox itself mixes them.
  const auto mixed =
      philox4x32({low(key.content), high(key.content), low(key.seed), high(key.seed)}, {0, 0});
  key_ = {mixed[0], mixed[1]};
}

std::uint32_t CounterRng::bits() {
  if (left_ == 0) {
    block_ = philox4x32(counter_, key_);
    ++counter_[0];
    left_ = 4;
  }
  return block_[static_cast<std::size_t>(4 - left_--)];
}

std::uint64_t CounterRng::seed() {
  const std::uint64_t first = bits();
  return first << 32 | bits();
}

double CounterRng::uniform() {
  return static_cast<double>(seed() >> 11) * 0x1p-53;
}

double CounterRng::uniform(double low_end, double high_end) {
  return low_end + (high_end - low_end) * uniform();
}

double CounterRng::normal() {
  const double radius = std::sqrt(-2 * std::log1p(-uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::int64_t CounterRng::below(std::int64_t n) {
  if (n < 1) throw std::out_of_range("CounterRng: no number is below " + std::to_string(n));
  const auto range = static_cast<std::uint64_t>(n);
  // 2^64 mod n numbers are too many for equal shares; draw again on those.
  const std::uint64_t surplus = (0 - range) % range;
  std::uint64_t drawn = seed();
  while (drawn < surplus) drawn = seed();
  return static_cast<std::int64_t>(drawn % range);
}

bool CounterRng::chance(double probability) {
  return uniform() < probability;
}

}  // namespace latentreel::render
