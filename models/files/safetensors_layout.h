#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/files/safetensors.h"

// What reading and writing a safetensors file share.

namespace latentreel::models {

// The key of the file's metadata, which therefore cannot name a tensor.
inline constexpr std::string_view kSafetensorsMetadata = "__metadata__";

// Bytes that `type` and `shape` need, or nothing where that is beyond 63 bits (zero-sized
// dimensions count as one in that check, so that strides fit too) or not a whole number.
std::optional<std::uint64_t> bytes_needed(SafetensorsType type,
                                          const std::vector<std::int64_t>& shape);

}  // namespace latentreel::models
