#include "scenes/tempo_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "scenes/mistakes.h"
#include "scenes/scene.h"
#include "scenes/scene_error.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMaxLabelBytes = 4 * 1024 * 1024;
constexpr int kLabelDecimals = 6;
constexpr std::string_view kBlanks = " \t\r";

std::int64_t floor_of(RationalTime value) {
  return frames_to_cover(value, {.numerator = 1, .denominator = 1}) -
         (value.denominator() == 1 ? 0 : 1);
}

}  // namespace

TempoMap TempoMap::even(RationalTime bpm, RationalTime offset, int beats_per_bar) {
  if (bpm <= RationalTime() || beats_per_bar < 1) {
    throw std::domain_error("a tempo needs more than 0 beats a minute and a bar");
  }
  TempoMap map;
  map.period_ = RationalTime(60, 1) / bpm;
  map.offset_ = offset;
  map.beats_per_bar_ = beats_per_bar;
  return map;
}

TempoMap TempoMap::from_beats(std::vector<RationalTime> times, int beats_per_bar) {
  const bool falls =
      std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end();
  if (times.size() < 2 || falls || beats_per_bar < 1) {
    throw std::domain_error("a list of beats needs two or more, in order");
  }
  TempoMap map;
  map.beats_ = std::move(times);
  map.beats_per_bar_ = beats_per_bar;
  return map;
}

RationalTime TempoMap::time_of_beat(RationalTime beat) const {
  const RationalTime index = beat - RationalTime(1, 1);
  if (beats_.empty()) return offset_ + index * period_;
  // The period that holds the beat, or the nearest one at the ends.
  const auto last_period = static_cast<std::int64_t>(beats_.size()) - 2;
  const std::int64_t period = std::clamp<std::int64_t>(floor_of(index), 0, last_period);
  const RationalTime begin = beats_[static_cast<std::size_t>(period)];
  const RationalTime end = beats_[static_cast<std::size_t>(period) + 1];
  return begin + (index - RationalTime(period, 1)) * (end - begin);
}

RationalTime TempoMap::time_of_bar(RationalTime bar, RationalTime beat) const {
  const RationalTime bars = bar - RationalTime(1, 1);
  return time_of_beat(bars * RationalTime(beats_per_bar_, 1) + beat);
}

RationalTime TempoMap::beat_at(RationalTime time) const {
  const RationalTime one(1, 1);
  if (beats_.empty()) return one + (time - offset_) / period_;
  const auto after = std::upper_bound(beats_.begin(), beats_.end(), time);
  const auto last_period = static_cast<std::int64_t>(beats_.size()) - 2;
  const std::int64_t period = std::clamp<std::int64_t>(after - beats_.begin() - 1, 0, last_period);
  const RationalTime begin = beats_[static_cast<std::size_t>(period)];
  const RationalTime end = beats_[static_cast<std::size_t>(period) + 1];
  return one + RationalTime(period, 1) + (time - begin) / (end - begin);
}

RationalTime TempoMap::bar_at(RationalTime time) const {
  const RationalTime one(1, 1);
  return one + (beat_at(time) - one) / RationalTime(beats_per_bar_, 1);
}

std::string format_bar(const TempoMap& tempo, RationalTime song_time) {
  // Hundredths first, so that 3.999 becomes beat 4 and, where it ends the bar, beat 1 of the next.
  const std::int64_t hundredths =
      nearest_frame(tempo.beat_at(song_time) - RationalTime(1, 1), {.numerator = 100});
  const std::int64_t per_bar = 100 * static_cast<std::int64_t>(tempo.beats_per_bar());
  const std::int64_t bar =
      hundredths >= 0 ? hundredths / per_bar : -((-hundredths + per_bar - 1) / per_bar);
  const RationalTime beat(hundredths - bar * per_bar + 100, 100);
  return fmt::format("bar {} beat {}", bar + 1, exact_decimal(beat).value());
}

std::vector<RationalTime> parse_beat_labels(std::string_view text,
                                            const std::filesystem::path& file) {
  std::vector<Diagnostic> wrong;
  std::vector<RationalTime> beats;
  const auto complain = [&](int line, std::string_view source, std::string message) {
    if (wrong.size() >= 20) return;
    wrong.push_back({.file = file.string(),
                     .line = line,
                     .column = 1,
                     .message = std::move(message),
                     .source_line = std::string(source),
                     .hint = "a label is start<TAB>end<TAB>text, in seconds"});
  };
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (trimmed(line, kBlanks).empty() || line.front() == '\\') continue;
    const auto first_tab = line.find('\t');
    const auto second_tab =
        first_tab == std::string_view::npos ? first_tab : line.find('\t', first_tab + 1);
    const auto start = parse_decimal(trimmed(line.substr(0, first_tab), kBlanks), kLabelDecimals);
    if (!start) {
      complain(number, line, "the label's start is not a number of seconds");
      continue;
    }
    if (first_tab != std::string_view::npos) {
      const std::string_view end_text =
          trimmed(line.substr(first_tab + 1, second_tab - first_tab - 1), kBlanks);
      const auto end = parse_decimal(end_text, kLabelDecimals);
      if (!end || *end < *start) {
        complain(number, line, "the label's end is not a number of seconds at or after its start");
        continue;
      }
    }
    const std::string_view label =
        second_tab == std::string_view::npos ? std::string_view() : line.substr(second_tab + 1);
    if (label.substr(0, 7) == "section") continue;
    beats.push_back(*start);
  }
  if (!wrong.empty()) throw SceneError(SceneError::Kind::invalid, std::move(wrong));
  std::sort(beats.begin(), beats.end());
  beats.erase(std::unique(beats.begin(), beats.end()), beats.end());
  if (beats.size() < 2) {
    throw SceneError(SceneError::Kind::invalid,
                     {{.file = file.string(),
                       .message = "the label file has fewer than two beats",
                       .hint = "a line start<TAB>end<TAB>text for every beat"}});
  }
  return beats;
}

std::vector<RationalTime> read_beat_labels(const std::filesystem::path& file) {
  std::error_code error;
  const auto complaint = [&](SceneError::Kind kind, std::string message) {
    return SceneError(kind, {{.file = file.string(), .message = std::move(message)}});
  };
  if (!std::filesystem::exists(file, error)) {
    throw complaint(SceneError::Kind::missing, "there is no such label file");
  }
  std::ifstream stream(file, std::ios::binary);
  if (std::filesystem::is_directory(file, error) || !stream) {
    throw complaint(SceneError::Kind::unreadable, "the label file cannot be read");
  }
  std::string text(kMaxLabelBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxLabelBytes) {
    throw complaint(SceneError::Kind::invalid, "the label file is larger than 4 MB");
  }
  return parse_beat_labels(text, file);
}

std::optional<TempoMap> tempo_map(const MusicOptions& music) {
  if (music.bpm) return TempoMap::even(*music.bpm, music.offset, music.beats_per_bar);
  if (music.beats.empty()) return std::nullopt;
  return TempoMap::from_beats(read_beat_labels(music.beats), music.beats_per_bar);
}

}  // namespace latentreel::scenes
