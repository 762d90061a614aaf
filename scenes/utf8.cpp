#include "scenes/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "scenes/mistakes.h"

namespace latentreel::scenes {
namespace {

bool is_of_word(CodePoint point) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point.value));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

bool is_apostrophe(CodePoint point) {
  return point.value == '\'' || point.value == 0x2018 || point.value == 0x2019 ||
         point.value == 0x02BC;
}

}  // namespace

std::optional<CodePoint> first_code_point(std::string_view text) {
  utf8proc_int32_t value = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &value);
  if (length <= 0) return std::nullopt;
  return CodePoint{.value = static_cast<std::uint32_t>(value),
                   .length = static_cast<std::size_t>(length)};
}

std::string folded(std::string_view text) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &mapped,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size >= 0) return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
  std::string plain(text);
  std::transform(plain.begin(), plain.end(), plain.begin(), lower);
  return plain;
}

std::vector<std::string> folded_words(std::string_view text) {
  const std::string whole = folded(text);
  std::vector<std::string> words;
  bool inside = false;
  for (std::string_view rest = whole; !rest.empty();) {
    const CodePoint point = first_code_point(rest).value_or(CodePoint{.value = 0, .length = 1});
    const bool of_word = is_of_word(point);
    if (of_word && !is_apostrophe(point)) {
      if (!inside) words.emplace_back();
      words.back() += rest.substr(0, point.length);
    }
    if (!is_apostrophe(point)) inside = of_word;
    rest.remove_prefix(point.length);
  }
  return words;
}

}  // namespace latentreel::scenes
