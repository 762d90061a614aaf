#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace latentreel::library {

// "bytes 100-999/1000" or "bytes */1000"; a missing number is below 0.
struct ContentRange {
  std::int64_t first = -1;
  std::int64_t total = -1;
};

// What of a response's headers matters to a download.
struct ResponseHeaders {
  std::string etag;
  std::string last_modified;
  ContentRange range;
  std::int64_t length = -1;  // below 0: not known

  // Reads one header line as received. A status line resets everything, because a proxy's answer
  // may precede the server's.
  void add(std::string_view line);

  // A validator for If-Range, or nothing: weak ETags do not promise the same bytes.
  std::string validator() const;
};

}  // namespace latentreel::library
