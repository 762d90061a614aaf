#include "scenes/utf8.h"

#include <utf8proc.h>

namespace latentreel::scenes {

std::optional<CodePoint> first_code_point(std::string_view text) {
  utf8proc_int32_t value = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &value);
  if (length <= 0) return std::nullopt;
  return CodePoint{.value = static_cast<std::uint32_t>(value),
                   .length = static_cast<std::size_t>(length)};
}

}  // namespace latentreel::scenes
