#pragma once

#include <stdexcept>
#include <string>

namespace latentreel::music {

// What analysis needs is not on this machine (69). Songs that cannot be read throw
// ffmpeg::MediaError.
class MusicError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace latentreel::music
