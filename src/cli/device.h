#pragma once

#include "src/render/device.h"

namespace latentreel::cli {

using render::is_device_name;

}  // namespace latentreel::cli
