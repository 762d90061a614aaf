#pragma once

#include <string>
#include <string_view>

#include "scenes/enum_names.h"
#include "scenes/rational_time.h"

// Values as TOML writes them.

namespace latentreel::scenes {

// A text in double quotes, escaped so that it is also a JSON string.
std::string toml_text(std::string_view text);
std::string toml(double value);  // the shortest that reads back as the same double
std::string toml(bool value);
std::string toml(RationalTime value);  // exact, between quotes

template <class Enum>
std::string toml_word(Enum value) {
  return toml_text(name_of(value));
}

template <class Items, class Text>
std::string toml_list(const Items& items, Text text) {
  std::string result = "[";
  for (const auto& item : items) {
    if (result.size() > 1) result += ", ";
    result += text(item);
  }
  return result + "]";
}

}  // namespace latentreel::scenes
