#include "src/cli/frame_range.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "scenes/time_text.h"
#include "src/files/error.h"

namespace latentreel::cli {
namespace {

struct Sides {
  std::string first, end;
};

std::optional<Sides> sides_of(const std::string& text) {
  const auto colons = std::count(text.begin(), text.end(), ':');
  if (colons % 2 == 0) return std::nullopt;
  size_t middle = text.find(':');
  for (auto i = colons / 2; i > 0; --i) middle = text.find(':', middle + 1);
  return Sides{text.substr(0, middle), text.substr(middle + 1)};
}

std::optional<std::int64_t> plain_frame(std::string_view text) {
  std::int64_t frame = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), frame);
  if (error != std::errc() || end != text.data() + text.size() || frame < 0) return std::nullopt;
  return frame;
}

// A number with decimals and without a unit: seconds, where nothing speaks for frames.
bool is_bare_decimal(std::string_view text) {
  return text.find('.') != text.npos && text.find_first_not_of("0123456789.") == text.npos;
}

std::string empty_range(std::int64_t first, std::int64_t end) {
  return fmt::format("{}:{} contains no frame: END must be greater than FIRST", first, end);
}

}  // namespace

std::string check_time(const std::string& text) {
  return scenes::mistake_in_any_song(text);
}

std::string check_frame_range(const std::string& text) {
  const auto sides = sides_of(text);
  if (!sides) {
    return files::quoted(text) + " is not FIRST:END, such as 0:48, 24:, 2s:4.5s or \"bar 3:bar 5\"";
  }
  for (const auto& side : {sides->first, sides->end}) {
    if (side.empty() || plain_frame(side)) continue;
    if (auto mistake = check_time(side); !mistake.empty()) return mistake;
  }
  const auto first = plain_frame(sides->first), end = plain_frame(sides->end);
  if ((first && is_bare_decimal(sides->end)) || (end && is_bare_decimal(sides->first))) {
    return files::quoted(text) +
           " mixes a frame with seconds: write \"s\" after seconds, as in 2s:4.5s";
  }
  const auto from = sides->first.empty() ? std::optional<std::int64_t>(0) : first;
  if (from && end && *from >= *end) return empty_range(*from, *end);
  return {};
}

scenes::FrameRange parse_frame_range(const std::string& text, const scenes::Scene& scene,
                                     std::int64_t total) {
  const auto sides = sides_of(text).value();
  const auto frame_of = [&](const std::string& side, std::int64_t otherwise) {
    if (side.empty()) return otherwise;
    if (const auto frame = plain_frame(side)) return *frame;
    const auto time = scenes::parse_time(side, scenes::time_context(scene));
    return scenes::nearest_frame(time, scene.video.fps);
  };
  const auto first = frame_of(sides.first, 0);
  // A range that begins behind the film's end is the scene's lack, not the range's.
  const auto end = frame_of(sides.end, std::max(total, first + 1));
  if (first >= end) throw CLI::ValidationError("--range", empty_range(first, end));
  return {first, end};
}

}  // namespace latentreel::cli
