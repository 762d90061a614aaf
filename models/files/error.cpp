#include "models/files/error.h"

#include <fmt/core.h>
#include <utf8proc.h>

namespace latentreel::models {
namespace {

std::string message(const WeightsError::Parts& parts) {
  std::string text = parts.doing;
  const auto add = [&text](std::string_view separator, std::string_view part) {
    if (part.empty()) return;
    if (!text.empty()) text += separator;
    text += part;
  };
  if (!parts.tensor.empty()) add(": ", "tensor " + shown(parts.tensor));
  add(": ", parts.problem);
  add(". ", parts.advice);
  return text;
}

bool is_control(utf8proc_int32_t c) {
  const auto category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

WeightsError::WeightsError(Kind kind, const Parts& parts)
    : std::runtime_error(message(parts)), kind_(kind) {}

std::string shown(std::string_view text, std::size_t longest) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size();) {
    if (result.size() > longest) {
      result += "…";
      break;
    }
    utf8proc_int32_t c = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + i,
                                         static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (length <= 0) {
      result += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[i]));
      ++i;
      continue;
    }
    if (c == '"' || c == '\\') {
      result += '\\';
      result += static_cast<char>(c);
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (is_control(c)) {
      result += c < 0x80 ? fmt::format("\\x{:02X}", c) : fmt::format("\\u{:04X}", c);
    } else {
      result += text.substr(i, static_cast<std::size_t>(length));
    }
    i += static_cast<std::size_t>(length);
  }
  return result + '"';
}

}  // namespace latentreel::models
