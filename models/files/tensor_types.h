#pragma once

#include <c10/core/ScalarType.h>

#include <optional>

#include "models/files/safetensors.h"

namespace latentreel::models {

// Between the element types of safetensors and LibTorch; nothing for those that only one of them
// has, such as those of less than a byte.
std::optional<at::ScalarType> torch_type(SafetensorsType type);
std::optional<SafetensorsType> file_type(at::ScalarType type);

}  // namespace latentreel::models
