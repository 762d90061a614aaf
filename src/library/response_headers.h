#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace latentreel::library {

// "bytes 100-999/1000" or "bytes */1000"; what is not said is below 0.
struct ContentRange {
  std::int64_t first = -1;
  std::int64_t total = -1;
};

// What of a response's headers matters to a download.
struct ResponseHeaders {
  std::string etag;
  std::string last_modified;
  ContentRange range;
  std::int64_t length = -1;  // below 0: not said

  // Takes in a line as it came. A status line begins anew: a proxy's answer may stand before the
  // server's.
  void add(std::string_view line);

  // What If-Range understands, or nothing: weak ETags do not promise the same bytes.
  std::string validator() const;
};

}  // namespace latentreel::library
