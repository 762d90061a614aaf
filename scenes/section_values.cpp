#include "scenes/section_values.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

#include "scenes/scene_reader.h"
#include "scenes/toml_text.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

constexpr int kMinSide = 16;
constexpr std::size_t kMostClips = 16;

template <class Number>
std::optional<Number> parse_integer(std::string_view text) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// Where the sign between width and height is, and its bytes: x, X, * or the multiplication sign.
std::pair<std::size_t, std::size_t> find_cross(std::string_view text) {
  using namespace std::string_view_literals;
  for (const auto cross : {"x"sv, "X"sv, "*"sv, "\u00d7"sv}) {
    const auto at = text.find(cross);
    if (at != std::string_view::npos) return {at, cross.size()};
  }
  return {text.size(), 0};
}

// What to write where a size was given as 256 or as [480, 270].
std::string size_meant(const Value& value) {
  const auto whole = [](const Value& side) {
    return side.kind == Value::Kind::integer && side.integer > 0;
  };
  if (whole(value)) return fmt::format("write \"{0}x{0}\"", value.integer);
  if (value.items.size() != 2 || !whole(value.items[0]) || !whole(value.items[1])) return {};
  return fmt::format("write \"{}x{}\"", value.items[0].integer, value.items[1].integer);
}

// The rate that a decimal stands for: those of television are 1000/1001 of a whole one, which
// nobody writes out: 29.97 is 30000/1001. Any other decimal is itself.
std::optional<RationalTime> decimal_rate(std::string_view text) {
  const auto decimal = parse_decimal(text, 6);
  if (!decimal) return std::nullopt;
  for (const std::int64_t whole : {12, 15, 24, 30, 48, 60, 72, 96, 120, 144, 240}) {
    const RationalTime exact(whole * 1000, 1001);
    if (std::abs(decimal->to_seconds() - exact.to_seconds()) < 0.0065) return exact;
  }
  return decimal;
}

std::optional<ClipChoice> read_clip(const Value& value, const NamedFiles& files,
                                    Mistakes& mistakes) {
  if (!value.is_table()) {
    const auto name = files.read_model(value, "clip", mistakes);
    if (!name) return std::nullopt;
    return ClipChoice{*name, 1.0};
  }
  using namespace std::string_view_literals;
  constexpr std::array kKeys = {"name"sv, "weight"sv};
  check_keys(value, "a table of clip", kKeys, mistakes);
  ClipChoice choice;
  const Entry* name = value.find("name");
  if (name == nullptr) {
    mistakes.add(value.position, "clip: a table without a name",
                 "write { name = \"ViT-B/32\", weight = 0.5 }");
    return std::nullopt;
  }
  const auto read = files.read_model(name->value, "name", mistakes);
  if (!read) return std::nullopt;
  choice.name = *read;
  if (const Entry* weight = value.find("weight")) {
    const auto number = read_number(weight->value, {.key = "weight", .example = "0.5"},
                                    {.min = 0, .max = 1000, .above_min = true}, mistakes);
    if (!number) return std::nullopt;
    choice.weight = *number;
  }
  return choice;
}

}  // namespace

std::optional<std::pair<int, int>> read_size(const Value& value, std::string_view key,
                                             Mistakes& mistakes) {
  if (value.kind != Value::Kind::text) {
    add_wrong_type(value, {.key = key, .example = "\"256x256\""}, "a string", mistakes,
                   size_meant(value));
    return std::nullopt;
  }
  const std::string_view text = value.text;
  const auto [at, length] = find_cross(text);
  const auto width = parse_integer<std::int64_t>(trimmed(text.substr(0, at), " "));
  const auto height = length == 0
                          ? std::nullopt
                          : parse_integer<std::int64_t>(trimmed(text.substr(at + length), " "));
  if (!width || !height) {
    mistakes.add(
        value.position, fmt::format("{}: \"{}\" is not WIDTHxHEIGHT", key, printable(text, 40)),
        width && length == 0 ? fmt::format("write \"{0}x{0}\"", *width) : "write \"256x256\"");
    return std::nullopt;
  }
  for (const std::int64_t side : {*width, *height}) {
    if (side >= kMinSide && side <= kMaxSide) continue;
    mistakes.add(value.position, fmt::format("{}: {} is out of range (from {} to {} pixels a side)",
                                             key, side, kMinSide, kMaxSide));
    return std::nullopt;
  }
  return std::pair(static_cast<int>(*width), static_cast<int>(*height));
}

std::string size_toml(int width, int height) {
  return toml_text(fmt::format("{}x{}", width, height));
}

std::optional<FrameRate> read_fps(const Value& value, Mistakes& mistakes) {
  constexpr Expected kExpected{.key = "fps", .example = "24 or \"30000/1001\""};
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  std::optional<RationalTime> decimal;
  if (value.kind == Value::Kind::integer) {
    numerator = value.integer;
  } else if (value.kind == Value::Kind::number && value.number >= 1 && value.number <= kMaxFps) {
    decimal = decimal_rate(fmt::format("{:.6f}", value.number));
  } else if (value.kind == Value::Kind::text) {
    const std::string_view text = value.text;
    const auto slash = text.find('/');
    const auto over = parse_integer<std::int64_t>(trimmed(text.substr(0, slash), " "));
    const auto under = slash == std::string_view::npos
                           ? std::optional<std::int64_t>(1)
                           : parse_integer<std::int64_t>(trimmed(text.substr(slash + 1), " "));
    if (!over || !under) decimal = decimal_rate(trimmed(text, " "));
    if ((!over || !under) && !decimal) {
      mistakes.add(value.position,
                   fmt::format("fps: \"{}\" is not a frame rate", printable(text, 40)),
                   "write an integer, a decimal or a fraction such as \"30000/1001\"");
      return std::nullopt;
    }
    numerator = over.value_or(0);
    denominator = under.value_or(1);
  } else if (value.kind != Value::Kind::number) {
    add_wrong_type(value, kExpected, "a number or a fraction", mistakes);
    return std::nullopt;
  }
  if (decimal)
    std::tie(numerator, denominator) = std::pair(decimal->numerator(), decimal->denominator());
  constexpr std::int64_t kMostParts = 1'000'000;
  const bool whole = numerator > 0 && numerator <= kMostParts * kMaxFps && denominator > 0 &&
                     denominator <= kMostParts;
  if (!whole || numerator < denominator || numerator > denominator * kMaxFps) {
    const std::string shown = value.kind == Value::Kind::number ? fmt::format("{}", value.number)
                              : decimal                         ? printable(value.text, 40)
                              : denominator == 1                ? fmt::format("{}", numerator)
                                                 : fmt::format("{}/{}", numerator, denominator);
    mistakes.add(value.position,
                 fmt::format("fps: {} is out of range (from 1 to {})", shown, kMaxFps));
    return std::nullopt;
  }
  const RationalTime reduced(numerator, denominator);
  return FrameRate{reduced.numerator(), reduced.denominator()};
}

std::string fps_toml(FrameRate fps) {
  if (fps.denominator == 1) return fmt::format("{}", fps.numerator);
  return toml_text(fmt::format("{}/{}", fps.numerator, fps.denominator));
}

std::optional<Codec> read_codec(const Value& value, Mistakes& mistakes) {
  // The name that most people know; by letters alone it would be taken for h264.
  if (value.kind == Value::Kind::text && (value.text == "h265" || value.text == "H265")) {
    mistakes.add(value.position, "codec: \"h265\" is called hevc here", "write \"hevc\"");
    return std::nullopt;
  }
  return read_enum<Codec>(value, "codec", mistakes);
}

std::vector<ClipChoice> read_clips(const Value& value, const NamedFiles& files,
                                   Mistakes& mistakes) {
  std::vector<ClipChoice> clips;
  const auto add = [&](const Value& item) {
    if (const auto choice = read_clip(item, files, mistakes)) clips.push_back(*choice);
  };
  if (!value.is_list()) {
    add(value);
  } else if (value.items.empty() || value.items.size() > kMostClips) {
    mistakes.add(value.position, fmt::format("clip: expected 1 to {} models, found {}", kMostClips,
                                             value.items.size()));
  } else {
    for (const Value& item : value.items) add(item);
  }
  return clips;
}

std::string clips_toml(const std::vector<ClipChoice>& clips) {
  return toml_list(clips, [](const ClipChoice& choice) {
    if (choice.weight == 1.0) return model_toml(choice.name);
    return fmt::format("{{ name = {}, weight = {} }}", model_toml(choice.name), choice.weight);
  });
}

std::string model_toml(const std::string& name) {
  if (!is_model_path(name)) return toml_text(name);
  const std::string last = std::filesystem::path(name).filename().string();
  return toml_text(is_model_path(last) ? last : "./" + last);
}

}  // namespace latentreel::scenes
