#include "src/train/world/random.h"

namespace latentreel::world {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t index)
    : state_(mixed(mixed(seed + kStep) + mixed(index + 2 * kStep))) {}

std::uint64_t Random::bits() {
  state_ += kStep;
  return mixed(state_);
}

double Random::uniform() {
  return static_cast<double>(bits() >> 11) * 0x1p-53;
}

double Random::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

int Random::below(int n) {
  // The high half of a product: unequal by less than n / 2^32, which no use here can notice.
  return static_cast<int>(((bits() >> 32) * static_cast<std::uint64_t>(n)) >> 32);
}

bool Random::chance(double probability) {
  return uniform() < probability;
}

}  // namespace latentreel::world
