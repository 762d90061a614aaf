#include "scenes/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <vector>

#include "scenes/mistakes.h"
#include "scenes/scene.h"
#include "scenes/scene_error.h"

namespace latentreel::scenes {
namespace {

constexpr int kTimeDecimals = 6;
constexpr std::string_view kExamples =
    "write \"12.5s\", \"frame 96\", \"00:01:12.500\", \"beat 33\" or \"bar 9 beat 3\"";

[[noreturn]] void not_a_time(std::string_view text) {
  throw SceneError(fmt::format("\"{}\" is not a time", printable(text, 40)),
                   std::string(kExamples));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find_first_of(" \t", begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// A number of at least `least`: beats and bars count from 1, frames from 0.
RationalTime count_of(std::string_view kind, std::string_view number, std::int64_t least) {
  const auto value = parse_decimal(number, kTimeDecimals);
  if (!value || *value < RationalTime(least, 1)) {
    throw SceneError(fmt::format("\"{} {}\" is not a time", kind, printable(number, 40)),
                     fmt::format("{}s count from {}", kind, least));
  }
  return *value;
}

RationalTime clock_time(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = text;;) {
    const auto colon = rest.find(':');
    parts.push_back(rest.substr(0, colon));
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  if (parts.size() > 3) not_a_time(text);
  RationalTime time;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const auto value = parse_decimal(parts[i], kTimeDecimals);
    const bool plain = !parts[i].empty() && parts[i].front() >= '0' && parts[i].front() <= '9';
    if (!value || !plain || (!last && value->denominator() != 1)) not_a_time(text);
    if (i > 0 && *value >= RationalTime(60, 1)) {
      throw SceneError(fmt::format("\"{}\" is not a time", printable(text, 40)),
                       "minutes and seconds after a colon go up to 59");
    }
    time = time * RationalTime(60, 1) + *value;
  }
  return time;
}

// "12.5s", "12.5", "377/118s"; the sign is for the caller to judge.
std::optional<RationalTime> plain_seconds(std::string_view text) {
  const bool unit = !text.empty() && text.back() == 's';
  if (unit) text.remove_suffix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return parse_decimal(text, kTimeDecimals);
  std::int64_t parts[2] = {};
  const std::array<std::string_view, 2> texts = {text.substr(0, slash), text.substr(slash + 1)};
  for (std::size_t i = 0; i < 2; ++i) {
    const char* end = texts[i].data() + texts[i].size();
    const auto result = std::from_chars(texts[i].data(), end, parts[i]);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  }
  if (!unit || parts[1] <= 0) return std::nullopt;
  const RationalTime time(parts[0], parts[1]);
  if (time > RationalTime(1'000'000'000, 1)) return std::nullopt;
  return time;
}

const TempoMap& tempo_of(const TimeContext& context, std::string_view text) {
  if (context.tempo) return *context.tempo;
  throw SceneError(fmt::format("\"{}\" needs a tempo", printable(text, 40)),
                   "set bpm in [music], or beats to a label file");
}

RationalTime parse(std::string_view text, const TimeContext& context) {
  const auto words = words_of(text);
  if (words.empty()) not_a_time(text);
  const std::string_view kind = words.front();
  if (kind == "frame" && words.size() == 2) {
    const RationalTime frame = count_of("frame", words[1], 0);
    if (frame.denominator() != 1) {
      throw SceneError(fmt::format("\"{}\" is not a time", printable(text, 40)),
                       "frames are whole numbers");
    }
    return time_of_frame(frame.numerator(), context.fps);
  }
  if (kind == "beat" && words.size() == 2) {
    const RationalTime beat = count_of("beat", words[1], 1);
    return tempo_of(context, text).time_of_beat(beat) - context.song_from;
  }
  if (kind == "bar" && (words.size() == 2 || (words.size() == 4 && words[2] == "beat"))) {
    const RationalTime bar = count_of("bar", words[1], 1);
    const RationalTime beat =
        words.size() == 4 ? count_of("beat", words[3], 1) : RationalTime(1, 1);
    const TempoMap& tempo = tempo_of(context, text);
    if (words.size() == 4 && beat >= RationalTime(tempo.beats_per_bar() + 1, 1)) {
      throw SceneError(
          fmt::format("\"{}\" lies outside the bar", printable(text, 40)),
          fmt::format("a bar has {} beats (beats_per_bar in [music])", tempo.beats_per_bar()));
    }
    return tempo.time_of_bar(bar, beat) - context.song_from;
  }
  if (words.size() == 1 && text.find(':') != std::string_view::npos) return clock_time(kind);
  const bool spaced_unit = words.size() == 2 && words[1] == "s";
  if (words.size() == 1 || spaced_unit) {
    const std::string joined = spaced_unit ? std::string(kind) + "s" : std::string(kind);
    const auto seconds = plain_seconds(joined);
    if (seconds && *seconds < RationalTime()) {
      throw SceneError(fmt::format("the time \"{}\" lies before 0", printable(text, 40)));
    }
    if (seconds) return *seconds;
  }
  not_a_time(text);
}

}  // namespace

TimeContext time_context(const Scene& scene) {
  return {.fps = scene.video.fps, .tempo = tempo_map(scene.music), .song_from = scene.music.from};
}

RationalTime parse_time(std::string_view text, const TimeContext& context) {
  try {
    return parse(text, context);
  } catch (const std::overflow_error&) {
    throw SceneError(
        fmt::format("the time \"{}\" is too large or too finely divided", printable(text, 40)));
  }
}

bool is_musical(std::string_view text) {
  const auto words = words_of(text);
  return !words.empty() && (words.front() == "beat" || words.front() == "bar");
}

std::string exact_time_text(RationalTime time) {
  const auto decimal = exact_decimal(time);
  const auto point = decimal ? decimal->find('.') : std::string::npos;
  const bool readable =
      decimal && (point == std::string::npos || decimal->size() - point - 1 <= kTimeDecimals);
  if (readable) return *decimal + "s";
  return fmt::format("{}/{}s", time.numerator(), time.denominator());
}

}  // namespace latentreel::scenes
