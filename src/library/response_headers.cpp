#include "src/library/response_headers.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace latentreel::library {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

ContentRange parse_range(std::string_view text) {
  ContentRange range;
  const auto slash = text.find('/');
  if (text.substr(0, 6) != "bytes " || slash == text.npos) return range;
  range.total = number(text.substr(slash + 1)).value_or(-1);
  const auto span = text.substr(6, slash - 6);
  range.first = number(span.substr(0, std::min(span.find('-'), span.size()))).value_or(-1);
  return range;
}

}  // namespace

void ResponseHeaders::add(std::string_view line) {
  if (line.substr(0, 5) == "HTTP/") *this = {};
  const auto colon = line.find(':');
  if (colon == line.npos) return;
  const auto name = lower(line.substr(0, colon));
  const auto value = trimmed(line.substr(colon + 1));
  if (name == "etag") etag = value;
  if (name == "last-modified") last_modified = value;
  if (name == "content-range") range = parse_range(value);
  if (name == "content-length") length = number(value).value_or(-1);
}

std::string ResponseHeaders::validator() const {
  if (!etag.empty() && etag.substr(0, 2) != "W/") return etag;
  return last_modified;
}

}  // namespace latentreel::library
