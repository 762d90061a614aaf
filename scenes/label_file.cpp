#include "scenes/label_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "scenes/mistakes.h"

namespace latentreel::scenes {
namespace {

constexpr int kLabelDecimals = 6;
constexpr std::string_view kLabelBlanks = " \t\r";
constexpr std::size_t kMostMistakes = 20;
constexpr std::int64_t kMostBars = 1'000'000'000;
constexpr std::string_view kSection = "section";
constexpr std::string_view kForm = "a label is start<TAB>end<TAB>text, in seconds";

// What a label's text says of a beat.
struct BeatName {
  bool begins_bar = false;
  std::int64_t bar = 0;  // 0: not said
};

struct LabelledBeat {
  RationalTime time;
  BeatName name;
  int line = 0;
};

std::string in_lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

// A number from 1 that is all of `text`.
std::optional<std::int64_t> counted(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 ||
      number > kMostBars) {
    return std::nullopt;
  }
  return number;
}

// "3", or "3.1": beat 1 of bar 3.
std::optional<BeatName> numbered_beat(std::string_view text) {
  const auto point = text.find('.');
  const auto first = counted(text.substr(0, point));
  if (!first) return std::nullopt;
  if (point == std::string_view::npos) return BeatName();
  const auto second = counted(text.substr(point + 1));
  if (!second) return std::nullopt;
  return *second == 1 ? BeatName{.begins_bar = true, .bar = *first} : BeatName();
}

// None where the label is no beat.
std::optional<BeatName> beat_name(std::string_view label) {
  const std::string text = in_lower_case(label);
  if (text.empty() || text == "b") return BeatName();
  const auto blank = text.find(' ');
  const std::string_view word = std::string_view(text).substr(0, blank);
  const std::string_view rest = blank == std::string::npos
                                    ? std::string_view()
                                    : trimmed(std::string_view(text).substr(blank), kLabelBlanks);
  if (word == "beat")
    return rest.empty() || counted(rest) ? std::optional(BeatName()) : std::nullopt;
  if (word == "bar" && rest.empty()) return BeatName{.begins_bar = true};
  if (word == "bar") {
    const auto number = counted(rest);
    return number ? std::optional(BeatName{.begins_bar = true, .bar = *number}) : std::nullopt;
  }
  return numbered_beat(text);
}

// "section A" is called "A".
std::string marker_name(std::string_view label) {
  const bool section = in_lower_case(label.substr(0, kSection.size())) == kSection;
  const std::string_view rest =
      section ? trimmed(label.substr(kSection.size()), kLabelBlanks) : std::string_view();
  return std::string(rest.empty() ? label : rest);
}

class LabelReader {
 public:
  LabelReader(std::string_view text, const std::filesystem::path& file)
      : text_(text), mistakes_(file, text, {}) {}

  SongMap read(int beats_per_bar) {
    std::string_view rest = text_;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
    for (int number = 1; !rest.empty() && mistakes_.size() < kMostMistakes; ++number) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      read_line(line, number);
    }
    mistakes_.throw_if_any();
    const auto by_start = [](const SongMarker& a, const SongMarker& b) {
      return a.start < b.start;
    };
    std::stable_sort(map_.markers.begin(), map_.markers.end(), by_start);
    make_tempo(beats_per_bar);
    mistakes_.throw_if_any();
    return std::move(map_);
  }

 private:
  void read_line(std::string_view line, int number) {
    if (trimmed(line, kLabelBlanks).empty() || line.front() == '\\') return;
    const auto tab = line.find('\t');
    const auto start = parse_decimal(trimmed(line.substr(0, tab), kLabelBlanks), kLabelDecimals);
    if (!start) {
      mistakes_.add({.line = number, .column = 1}, "the label's start is not a number of seconds",
                    std::string(kForm));
      return;
    }
    if (tab == std::string_view::npos) {
      beats_.push_back({*start, {}, number});
      return;
    }
    const std::string_view behind = line.substr(tab + 1);
    const auto second_tab = behind.find('\t');
    const auto end =
        parse_decimal(trimmed(behind.substr(0, second_tab), kLabelBlanks), kLabelDecimals);
    if (!end || *end < *start) {
      mistakes_.add({.line = number, .column = static_cast<int>(tab) + 2},
                    "the label's end is not a number of seconds at or after its start",
                    std::string(kForm));
      return;
    }
    const std::string_view label = second_tab == std::string_view::npos
                                       ? std::string_view()
                                       : trimmed(behind.substr(second_tab + 1), kLabelBlanks);
    if (const auto beat = beat_name(label)) {
      beats_.push_back({*start, *beat, number});
    } else {
      map_.markers.push_back(
          {.name = marker_name(label), .start = *start, .end = *end > *start ? end : std::nullopt});
    }
  }

  // In order of time, those of one time as one.
  void join_beats() {
    std::stable_sort(beats_.begin(), beats_.end(),
                     [](const LabelledBeat& a, const LabelledBeat& b) { return a.time < b.time; });
    std::vector<LabelledBeat> joined;
    for (const LabelledBeat& beat : beats_) {
      const bool same = !joined.empty() && joined.back().time == beat.time;
      if (same && beat.name.begins_bar) joined.back() = beat;
      if (!same) joined.push_back(beat);
    }
    beats_ = std::move(joined);
  }

  // The beats that begin bars, as bars of changing lengths.
  std::vector<Meter> meters(int beats_per_bar) {
    std::vector<std::size_t> firsts;
    for (std::size_t i = 0; i < beats_.size(); ++i) {
      if (beats_[i].name.begins_bar) firsts.push_back(i);
    }
    if (firsts.empty()) return {{.beats_per_bar = beats_per_bar}};
    const std::int64_t first_bar = std::max<std::int64_t>(1, beats_[firsts[0]].name.bar);
    std::vector<Meter> meters;
    int length = beats_per_bar;
    for (std::size_t i = 0; i < firsts.size(); ++i) {
      const std::int64_t bar = first_bar + static_cast<std::int64_t>(i);
      const LabelledBeat& beat = beats_[firsts[i]];
      if (beat.name.bar != 0 && beat.name.bar != bar) {
        mistakes_.add(
            {.line = beat.line, .column = 1},
            fmt::format("the label begins bar {}, but bar {} comes next", beat.name.bar, bar),
            "number the bars anew, or call each of them \"bar\"");
        break;
      }
      // The last bar is as long as the one before it.
      if (i + 1 < firsts.size()) length = static_cast<int>(firsts[i + 1] - firsts[i]);
      if (!meters.empty() && meters.back().beats_per_bar == length) continue;
      meters.push_back({.beat = RationalTime(static_cast<std::int64_t>(firsts[i]) + 1, 1),
                        .bar = bar,
                        .beats_per_bar = length});
    }
    return meters;
  }

  void make_tempo(int beats_per_bar) {
    join_beats();
    if (beats_.size() < 2) return;
    auto bars = meters(beats_per_bar);
    if (!mistakes_.empty()) return;
    std::vector<RationalTime> times;
    for (const LabelledBeat& beat : beats_) times.push_back(beat.time);
    map_.tempo = TempoMap::from_beats(std::move(times), std::move(bars));
  }

  std::string_view text_;
  Mistakes mistakes_;
  SongMap map_;
  std::vector<LabelledBeat> beats_;
};

}  // namespace

SongMap parse_labels(std::string_view text, const std::filesystem::path& file, int beats_per_bar) {
  return LabelReader(text, file).read(beats_per_bar);
}

}  // namespace latentreel::scenes
