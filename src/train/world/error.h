#pragma once

#include <stdexcept>

namespace latentreel::world {

// Something of the world could not be drawn or written; the message says what and why.
class WorldError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace latentreel::world
