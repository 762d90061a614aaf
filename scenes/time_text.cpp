#include "scenes/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <stdexcept>
#include <vector>

#include "scenes/mistakes.h"
#include "scenes/scene.h"
#include "scenes/scene_error.h"
#include "scenes/song_map.h"
#include "scenes/song_names.h"

namespace latentreel::scenes {
namespace {

constexpr int kTimeDecimals = 6;
constexpr std::size_t kMostBytes = 300;
constexpr std::string_view kTimeBlanks = " \t";
constexpr std::string_view kExamples =
    "write \"12.5s\", \"frame 96\", \"00:01:12.500\", \"beat 33\" or \"bar 9 beat 3\"";

[[noreturn]] void not_a_time(std::string_view text) {
  throw SceneError(fmt::format("\"{}\" is not a time", printable(text, 40)),
                   std::string(kExamples));
}

SceneError too_large(std::string_view text) {
  return SceneError(
      fmt::format("the time \"{}\" is too large or too finely divided", printable(text, 40)));
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

bool begins_like_word(std::string_view text) {
  const char first = text.empty() ? '\0' : lower(text.front());
  return (first >= 'a' && first <= 'z') || static_cast<unsigned char>(first) >= 0x80;
}

// Whether a song could have a section of this name: it begins like a word, or with a quotation
// mark.
bool may_be_name(std::string_view text) {
  const std::string_view name = trimmed(text, kTimeBlanks);
  if (name.empty()) return false;
  return begins_like_word(name) || name.front() == '"' || name.front() == '\'';
}

const TempoMap& tempo_of(const TimeContext& context, std::string_view text) {
  if (context.tempo) return *context.tempo;
  throw SceneError(fmt::format("\"{}\" needs a tempo", printable(text, 40)),
                   std::string(kHowToSetTempo));
}

// "frame 96", "beat 33", "bar 9 beat 3", clock times and seconds; none for other texts.
std::optional<RationalTime> counted_time(std::string_view text, const TimeContext& context) {
  const auto words = words_of(text);
  if (words.empty()) return std::nullopt;
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
    const RationalTime beats = tempo.beats_in_bar(bar.numerator() / bar.denominator());
    if (words.size() == 4 && beat >= beats + RationalTime(1, 1)) {
      throw SceneError(
          fmt::format("\"{}\" lies outside the bar", printable(text, 40)),
          fmt::format("it has {} beats (beats_per_bar in [music], or the beats file, says so)",
                      exact_decimal(beats).value_or(fmt::format("{}", beats.to_seconds()))));
    }
    return tempo.time_of_bar(bar, beat) - context.song_from;
  }
  if (words.size() == 1 && text.find(':') != std::string_view::npos) return clock_time(kind);
  const bool spaced_unit = words.size() == 2 && words[1] == "s";
  if (words.size() != 1 && !spaced_unit) return std::nullopt;
  const auto seconds = plain_seconds(spaced_unit ? std::string(kind) + "s" : std::string(kind));
  if (seconds && *seconds < RationalTime()) {
    throw SceneError(fmt::format("the time \"{}\" lies before 0", printable(text, 40)));
  }
  return seconds;
}

// What stands behind the word "lyric"; none where `text` does not begin with it.
std::optional<std::string_view> lyric_of(std::string_view text) {
  constexpr std::string_view kLyric = "lyric";
  if (text.substr(0, kLyric.size()) != kLyric) return std::nullopt;
  const std::string_view rest = text.substr(kLyric.size());
  if (rest.empty() || kTimeBlanks.find(rest.front()) == std::string_view::npos) return std::nullopt;
  return trimmed(rest, kTimeBlanks);
}

// A place of the song by its name, in film time; none where nothing is called so.
std::optional<RationalTime> named_time(std::string_view text, const TimeContext& context) {
  if (!context.names || text.empty()) return std::nullopt;
  const auto lyric = lyric_of(text);
  auto time = lyric ? context.names->lyric(*lyric) : std::nullopt;
  if (!time) time = context.names->marker(text);
  if (!time) return std::nullopt;
  return *time - context.song_from;
}

// A time that is no sum; none for other texts.
std::optional<RationalTime> single_time(std::string_view text, const TimeContext& context) {
  try {
    if (const auto time = counted_time(text, context)) return time;
  } catch (const SceneError&) {
    // A section may be called "beat drop".
    if (const auto time = named_time(text, context)) return time;
    throw;
  }
  return named_time(text, context);
}

enum class Unit { seconds, frames, beats, bars };

// How much later, or earlier, a sum is than its first part.
struct Shift {
  Unit unit = Unit::seconds;
  RationalTime count;
};

// "2 beats", "0.5s"; none for other texts.
std::optional<Shift> shift_of(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty() || words.size() > 2 || words[0].front() == '-') return std::nullopt;
  const std::string_view unit = words.size() == 2 ? words[1] : std::string_view();
  if (unit.empty() || unit == "s") {
    const std::string length = std::string(words[0]) + std::string(unit);
    const auto seconds = length.back() == 's' ? plain_seconds(length) : std::nullopt;
    return seconds ? std::optional(Shift{Unit::seconds, *seconds}) : std::nullopt;
  }
  const auto count = parse_decimal(words[0], kTimeDecimals);
  if (!count) return std::nullopt;
  if (unit == "beat" || unit == "beats") return Shift{Unit::beats, *count};
  if (unit == "bar" || unit == "bars") return Shift{Unit::bars, *count};
  if (unit == "frame" || unit == "frames") return Shift{Unit::frames, *count};
  return std::nullopt;
}

// Whether a song could have a section of this name, which no time is like: "2nd verse", but not
// "2 bars".
bool may_be_numbered_name(std::string_view text) {
  const auto words = words_of(text);
  return words.size() > 1 && words[0].front() >= '0' && words[0].front() <= '9' &&
         begins_like_word(words[1]) && !shift_of(text);
}

struct Sum {
  std::string_view first;
  Shift shift;
};

// "bar 9 + 2 beats" at its last sign; none where there is none.
std::optional<Sum> sum_of(std::string_view text) {
  for (std::size_t i = text.size(); i-- > 1;) {
    const bool sign = text[i] == '+' || text[i] == '-';
    const bool apart = i + 1 < text.size() &&
                       kTimeBlanks.find(text[i - 1]) != std::string_view::npos &&
                       kTimeBlanks.find(text[i + 1]) != std::string_view::npos;
    if (!sign || !apart) continue;
    auto shift = shift_of(text.substr(i + 1));
    if (!shift) return std::nullopt;
    if (text[i] == '-') shift->count = RationalTime() - shift->count;
    return Sum{trimmed(text.substr(0, i), kTimeBlanks), *shift};
  }
  return std::nullopt;
}

// The same beat, `bars` bars later; what is not whole of them is a part of the bar that is reached.
RationalTime bars_later(const TempoMap& tempo, RationalTime song_time, RationalTime bars) {
  const BarPosition from = tempo.position_at(song_time);
  const std::int64_t whole = bars.numerator() / bars.denominator();
  const RationalTime bar(from.bar + whole, 1);
  const RationalTime part = bars - RationalTime(whole, 1);
  return tempo.time_of_bar(bar, from.beat + part * tempo.beats_in_bar(from.bar + whole));
}

RationalTime shifted(RationalTime time, const Shift& shift, std::string_view text,
                     const TimeContext& context) {
  switch (shift.unit) {
    case Unit::seconds:
      return time + shift.count;
    case Unit::frames:
      return time + shift.count * time_of_frame(1, context.fps);
    case Unit::beats: {
      const TempoMap& tempo = tempo_of(context, text);
      const RationalTime beat = tempo.beat_at(time + context.song_from);
      return tempo.time_of_beat(beat + shift.count) - context.song_from;
    }
    case Unit::bars:
      break;
  }
  return bars_later(tempo_of(context, text), time + context.song_from, shift.count) -
         context.song_from;
}

[[noreturn]] void unknown_time(std::string_view text, const TimeContext& context) {
  if (const auto lyric = lyric_of(text)) {
    if (context.names && context.names->has_lyrics()) throw context.names->unknown_lyric(*lyric);
    throw SceneError(fmt::format("\"{}\" needs lyrics", printable(text, 40)),
                     "set lyrics in [music] to a file of timed lyrics (.lrc, .srt, .ass, .vtt)");
  }
  const bool name = may_be_name(text) || may_be_numbered_name(text);
  if (context.names && context.names->has_markers() && name) {
    throw context.names->unknown_marker(text);
  }
  not_a_time(text);
}

RationalTime parse(std::string_view text, const TimeContext& context) {
  if (text.size() > kMostBytes) not_a_time(text);
  std::string_view first = trimmed(text, kTimeBlanks);
  std::vector<Shift> shifts;
  std::optional<RationalTime> time;
  while (!(time = single_time(first, context))) {
    const auto sum = sum_of(first);
    if (!sum) unknown_time(shifts.empty() ? text : first, context);
    shifts.push_back(sum->shift);
    first = sum->first;
  }
  for (auto shift = shifts.rbegin(); shift != shifts.rend(); ++shift) {
    time = shifted(*time, *shift, text, context);
  }
  return *time;
}

}  // namespace

void add_song(const SongMap& song, TimeContext& context) {
  context.tempo = song.tempo;
  if (song.has_names()) context.names = std::make_shared<const SongNames>(song);
}

TimeContext time_context(const Scene& scene) {
  TimeContext context{.fps = scene.video.fps, .tempo = {}, .song_from = scene.music.from};
  add_song(scene.music.map ? *scene.music.map : read_song_map(scene.music), context);
  return context;
}

RationalTime parse_time(std::string_view text, const TimeContext& context) {
  try {
    return parse(text, context);
  } catch (const std::overflow_error&) {
    throw too_large(text);
  }
}

std::optional<RationalTime> musical_length(std::string_view text, RationalTime from,
                                           const TimeContext& context) {
  const auto length = text.size() > kMostBytes ? std::nullopt : shift_of(text);
  if (!length || (length->unit != Unit::beats && length->unit != Unit::bars)) return std::nullopt;
  try {
    return shifted(from, *length, text, context) - from;
  } catch (const std::overflow_error&) {
    throw too_large(text);
  }
}

std::string mistake_in_any_song(std::string_view text) {
  // Knows every beat of every bar.
  constexpr int kLongBar = std::numeric_limits<int>::max() - 1;
  TimeContext context{.fps = {}, .tempo = TempoMap::even({120, 1}, {}, kLongBar), .song_from = {}};
  std::string_view first = trimmed(text, kTimeBlanks);
  while (const auto sum = sum_of(first)) first = sum->first;
  // "beat drop" may be a section, "beat 0" is a mistake.
  const auto words = words_of(first);
  const bool counted = words.size() > 1 && words[1].find_first_of("0123456789") == 0 &&
                       (words[0] == "beat" || words[0] == "bar" || words[0] == "frame");
  const bool name = may_be_name(first) || may_be_numbered_name(first);
  if (name && !counted && first.size() <= kMostBytes) return {};
  try {
    parse(text, context);
  } catch (const std::overflow_error&) {
    // What does not fit in bars as long as these may fit in the song's own.
    if (!is_musical(text)) return too_large(text).what();
  } catch (const SceneError& error) {
    return error.what();
  }
  return {};
}

bool is_musical(std::string_view text) {
  std::string_view first = trimmed(text, kTimeBlanks);
  if (first.size() > kMostBytes) return false;
  while (const auto sum = sum_of(first)) {
    if (sum->shift.unit == Unit::beats || sum->shift.unit == Unit::bars) return true;
    first = sum->first;
  }
  const auto words = words_of(first);
  const bool frame = words.size() == 2 && words.front() == "frame";
  return may_be_name(first) && !frame;
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
