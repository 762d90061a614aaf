#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// Internal to the room.

namespace latentreel::scenes {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // bytes
};

// What `text` begins with; nothing where that is not UTF-8, and for an empty text.
std::optional<CodePoint> first_code_point(std::string_view text);

}  // namespace latentreel::scenes
