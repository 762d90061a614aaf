#include "models/clip/code_points.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

namespace latentreel::models {

Text decoded(std::string_view text) {
  Text result;
  result.reserve(text.size());
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t c = -1;
    const auto length =
        utf8proc_iterate(data + i, static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (length <= 0) {
      throw std::invalid_argument("byte " + std::to_string(i) + " is not UTF-8");
    }
    result += static_cast<char32_t>(c);
    i += static_cast<std::size_t>(length);
  }
  return result;
}

std::string encoded(View text) {
  std::string result;
  result.reserve(text.size());
  for (const auto c : text) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
    result.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
  }
  return result;
}

Text normalized(View text, int options) {
  const auto bytes = encoded(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                                   static_cast<utf8proc_ssize_t>(bytes.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(mapped, &std::free);
  if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (length < 0) throw std::invalid_argument(utf8proc_errmsg(length));
  return decoded({reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)});
}

Text nfc(View text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x300; });
  return plain ? Text(text) : normalized(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char32_t windows_1252(char32_t c) {
  static constexpr std::array<char32_t, 32> kCharacters{
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
  };
  return kCharacters[c - 0x80];
}

}  // namespace latentreel::models
