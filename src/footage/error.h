#pragma once

#include <stdexcept>
#include <string>

namespace latentreel::footage {

// What looking at motion needs is not on this machine (69). Clips that cannot be read throw
// ffmpeg::MediaError.
class FootageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace latentreel::footage
