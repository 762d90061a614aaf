#pragma once

#include <cstddef>
#include <ctime>
#include <span>
#include <string>
#include <string_view>

namespace latentreel::models::testing {

// The text's bytes; it must outlive them.
inline std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// `count` times `text`.
inline std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// Processor seconds that this thread has used: other work on the machine does not count.
inline double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace latentreel::models::testing
