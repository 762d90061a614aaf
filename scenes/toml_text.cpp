#include "scenes/toml_text.h"

#include <fmt/format.h>

#include "scenes/time_text.h"

namespace latentreel::scenes {

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      result += fmt::format("\\u{:04X}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string toml(double value) {
  return fmt::format("{}", value);
}

std::string toml(bool value) {
  return value ? "true" : "false";
}

std::string toml(RationalTime value) {
  return toml_text(exact_time_text(value));
}

}  // namespace latentreel::scenes
