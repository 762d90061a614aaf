#include "scenes/still.h"

#include "scenes/time_text.h"

namespace latentreel::scenes {

std::string still_name(const Still& still) {
  const auto name = still.file.filename().string();
  return still.is_moment() ? name + " at " + exact_time_text(*still.at) : name;
}

}  // namespace latentreel::scenes
