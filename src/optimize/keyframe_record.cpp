#include "src/optimize/keyframe_record.h"

namespace latentreel::render {

bool is_snapshot(int iteration) {
  if (iteration < 0) return false;
  int unit = 1;
  while (iteration / 10 >= unit) unit *= 10;
  return iteration == 0 || iteration == unit || iteration == 2 * unit || iteration == 5 * unit;
}

}  // namespace latentreel::render
