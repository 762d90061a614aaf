#include "src/report/markup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace latentreel::report {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

struct Character {
  char32_t code = 0;
  std::size_t length = 1;
  bool valid = false;
};

// The UTF-8 character that begins at text[at]. An invalid byte stands alone.
Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return {};
  char32_t code = first & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(at + i) & 0x3f);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kSmallest[length] || code > 0x10ffff || surrogate) return {};
  return {code, length, true};
}

bool is_control(char32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
}

// Hangul, kana, ideographs, full-width forms and most emoji.
bool is_wide(char32_t code) {
  return (code >= 0x1100 && code < 0x1160) || (code >= 0x2e80 && code < 0xd800) ||
         (code >= 0xf900 && code < 0xfb00) || (code >= 0xfe30 && code < 0xfe70) ||
         (code >= 0xff00 && code < 0xff61) || code >= 0x1f300;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const auto character = character_at(text, i);
    if (!character.valid || is_control(character.code)) {
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
    width += is_wide(character.code) ? 2 : 1;
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
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  result.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto left = std::min<std::size_t>(3, bytes.size() - i);
    unsigned word = static_cast<unsigned>(bytes[i]) << 16;
    if (left > 1) word |= static_cast<unsigned>(bytes[i + 1]) << 8;
    if (left > 2) word |= bytes[i + 2];
    result += kDigits[word >> 18];
    result += kDigits[word >> 12 & 63];
    result += left > 1 ? kDigits[word >> 6 & 63] : '=';
    result += left > 2 ? kDigits[word & 63] : '=';
  }
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
