#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Internal to the room.

namespace latentreel::scenes {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // bytes
};

// What `text` begins with; nothing where that is not UTF-8, and for an empty text.
std::optional<CodePoint> first_code_point(std::string_view text);

// `text` so that letters which differ only in case are equal (Unicode's case folding, composed). Of
// what is not UTF-8 only ASCII letters are folded.
std::string folded(std::string_view text);

// The words of `text`, folded, without punctuation: "Don't -- stop!" has "dont" and "stop".
std::vector<std::string> folded_words(std::string_view text);

}  // namespace latentreel::scenes
