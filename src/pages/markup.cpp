#include "src/pages/markup.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>

namespace latentreel::report {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

struct Character {
  utf8proc_int32_t code = -1;  // below 0 for a byte that is not UTF-8 and stands alone
  std::size_t length = 1;
};

Character character_at(std::string_view text, std::size_t at) {
  Character character;
  const auto length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                       static_cast<utf8proc_ssize_t>(text.size() - at), &character.code);
  if (length > 0) character.length = static_cast<std::size_t>(length);
  return character;
}

// Whether escape() leaves the character as it is, or escapes it.
bool can_be_shown(utf8proc_int32_t code) {
  return code == '\n' || code == '\t' ||
         (code >= 0 && utf8proc_category(code) != UTF8PROC_CATEGORY_CC);
}

// What has no width of its own counts as one: so no text is endless.
int columns_of(utf8proc_int32_t code) {
  return code >= 0 && utf8proc_charwidth(code) == 2 ? 2 : 1;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const auto character = character_at(text, i);
    if (!can_be_shown(character.code)) {
      result += kReplacement;
    } else if (character.code == '&') {
      result += "&amp;";
    } else if (character.code == '<') {
      result += "&lt;";
    } else if (character.code == '>') {
      result += "&gt;";
    } else if (character.code == '"') {
      result += "&quot;";
    } else if (character.code == '\'') {
      result += "&#39;";
    } else {
      result += text.substr(i, character.length);
    }
    i += character.length;
  }
  return result;
}

std::string elide(std::string_view text, int columns) {
  std::size_t end = 0;   // of what fits
  std::size_t kept = 0;  // of what fits together with the ellipsis
  int width = 0;
  while (end < text.size()) {
    const auto character = character_at(text, end);
    width += columns_of(character.code);
    if (width > columns) {
      while (kept > 0 && text[kept - 1] == ' ') --kept;
      return std::string(text.substr(0, kept)) + "…";
    }
    end += character.length;
    if (width < columns) kept = end;
  }
  return std::string(text);
}

std::string base64(std::span<const std::uint8_t> bytes) {
  std::string result((bytes.size() + 2) / 3 * 4, '\0');
  // It also writes a null byte, which is where the string has its own.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(result.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  return result;
}

std::string number(double value) {
  if (!std::isfinite(value)) return "not a number";
  const double size = std::abs(value);
  if (size >= 1e6) return fmt::format("{:.3g}", value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.01 ? 3 : 4;
  const auto text = fmt::format("{:.{}f}", value, decimals);
  // What rounds to zero is zero, without a sign.
  if (text.find_first_not_of("-0.") == std::string::npos) return "0";
  return text;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "not a number";
  seconds = std::max(0.0, seconds);
  if (seconds < 59.95) return fmt::format("{:.{}f} s", seconds, seconds < 0.095 ? 2 : 1);
  const auto total = std::llround(seconds);
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
}

std::string count(std::int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace latentreel::report
