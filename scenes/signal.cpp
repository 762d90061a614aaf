#include "scenes/signal.h"

#include <cmath>
#include <cstddef>

namespace latentreel::scenes {

double Signal::at(double song_time) const {
  const double position = (song_time - start) / step;
  if (!(position >= 0) || values.empty()) return 0;
  const double last = static_cast<double>(values.size() - 1);
  if (position > last) return 0;
  const auto before = static_cast<std::size_t>(position);
  if (before + 1 >= values.size()) return values.back();
  const double part = position - static_cast<double>(before);
  return (1 - part) * values[before] + part * values[before + 1];
}

}  // namespace latentreel::scenes
