#include "scenes/song_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "scenes/mistakes.h"
#include "scenes/song_map.h"
#include "scenes/utf8.h"

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kNameBlanks = " \t";
constexpr std::size_t kMostListedNames = 12;

// What names are compared by: "Section  A" and "a" are the same.
std::string key_of(std::string_view name) {
  const std::string text = folded(name);
  std::string key;
  for (const char c : text) {
    const bool blank = kNameBlanks.find(c) != std::string_view::npos;
    if (blank && (key.empty() || key.back() == ' ')) continue;
    key += blank ? ' ' : c;
  }
  if (!key.empty() && key.back() == ' ') key.pop_back();
  constexpr std::string_view kPrefix = "section ";
  return key.size() > kPrefix.size() && key.compare(0, kPrefix.size(), kPrefix) == 0
             ? key.substr(kPrefix.size())
             : key;
}

struct Occurrence {
  std::string_view name;
  std::size_t number = 1;
};

// "chorus 2" as the second "chorus"; none where no number is at the end.
std::optional<Occurrence> occurrence_of(std::string_view text) {
  const auto blank = text.find_last_of(kNameBlanks);
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(blank + 1);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 1) {
    return std::nullopt;
  }
  return Occurrence{trimmed(text.substr(0, blank), kNameBlanks), number};
}

// What stands between quotation marks and the number behind them; none where there are no marks.
std::optional<Occurrence> quoted_words(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMarks = {
      {{"\"", "\""}, {"'", "'"}, {"\u201C", "\u201D"}, {"\u201E", "\u201C"}, {"\u00AB", "\u00BB"}}};
  for (const auto& [open, close] : kMarks) {
    if (text.substr(0, open.size()) != open) continue;
    const auto end = text.rfind(close);
    if (end == std::string_view::npos || end < open.size()) continue;
    const std::string_view words = text.substr(open.size(), end - open.size());
    const std::string_view behind = trimmed(text.substr(end + close.size()), kNameBlanks);
    if (behind.empty()) return Occurrence{words, 1};
    const auto number = occurrence_of("x " + std::string(behind));
    return number ? std::optional(Occurrence{words, number->number}) : std::nullopt;
  }
  return std::nullopt;
}

template <class Items, class Matches>
std::optional<RationalTime> start_of(const Items& items, std::size_t number,
                                     const Matches& matches) {
  for (const auto& item : items) {
    if (matches(item) && --number == 0) return item.start;
  }
  return std::nullopt;
}

bool begins_with_words(const std::vector<std::string>& line,
                       const std::vector<std::string>& words) {
  return !words.empty() && words.size() <= line.size() &&
         std::equal(words.begin(), words.end(), line.begin());
}

std::string joined_words(const std::vector<std::string>& words, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, words.size()); ++i) {
    text += (i > 0 ? " " : "") + words[i];
  }
  return text;
}

std::string times_text(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

}  // namespace

SongNames::SongNames(const SongMap& song) {
  for (const SongMarker& marker : song.markers) {
    markers_.push_back({key_of(marker.name), marker.name, marker.start});
  }
  for (const LyricLine& line : song.lyrics) {
    lyrics_.push_back({folded_words(line.text), line.start});
  }
}

std::optional<RationalTime> SongNames::marker(std::string_view name) const {
  const auto find = [&](std::string_view called, std::size_t number) {
    return start_of(markers_, number,
                    [key = key_of(called)](const Marker& marker) { return marker.key == key; });
  };
  if (const auto start = find(name, 1)) return start;
  if (const auto quoted = quoted_words(name)) return find(quoted->name, quoted->number);
  const auto counted = occurrence_of(name);
  return counted ? find(counted->name, counted->number) : std::nullopt;
}

std::optional<RationalTime> SongNames::lyric(std::string_view text) const {
  const auto find = [&](std::string_view beginning, std::size_t number) {
    return start_of(lyrics_, number, [words = folded_words(beginning)](const Line& line) {
      return begins_with_words(line.words, words);
    });
  };
  if (const auto quoted = quoted_words(text)) return find(quoted->name, quoted->number);
  if (const auto start = find(text, 1)) return start;
  const auto counted = occurrence_of(text);
  return counted ? find(counted->name, counted->number) : std::nullopt;
}

SceneError SongNames::unknown_marker(std::string_view name) const {
  const auto quoted = quoted_words(name);
  if (const auto counted = quoted ? quoted : occurrence_of(name)) {
    const auto count = std::count_if(
        markers_.begin(), markers_.end(),
        [key = key_of(counted->name)](const Marker& marker) { return marker.key == key; });
    if (count > 0) {
      return SceneError(fmt::format("\"{}\" is not in the song", printable(name, 40)),
                        fmt::format("\"{}\" comes {}", printable(counted->name, 40),
                                    times_text(static_cast<std::size_t>(count))));
    }
  }
  std::vector<std::string_view> known;
  std::set<std::string_view> keys;
  for (const Marker& marker : markers_) {
    if (keys.insert(marker.key).second) known.push_back(marker.name);
  }
  std::string hint = did_you_mean(name, known);
  if (hint.empty() && known.size() <= kMostListedNames) {
    hint = fmt::format("the song has {}", printable(listed(known)));
  }
  if (hint.empty()) hint = "its sections and markers are in the files that [music] names";
  return SceneError(
      fmt::format("\"{}\" is neither a time nor a place in the song", printable(name, 40)), hint);
}

SceneError SongNames::unknown_lyric(std::string_view text) const {
  const auto quoted = quoted_words(text);
  const std::string_view wanted = quoted ? quoted->name : text;
  const auto words = folded_words(wanted);
  const auto count =
      static_cast<std::size_t>(std::count_if(lyrics_.begin(), lyrics_.end(), [&](const Line& line) {
        return begins_with_words(line.words, words);
      }));
  const auto message = [&](std::string_view what) {
    return fmt::format("{} of the lyrics begins with \"{}\"", what, printable(wanted, 40));
  };
  if (count > 0) {
    return SceneError(message("no such line"), fmt::format("lines begin so {}", times_text(count)));
  }
  std::vector<std::string> beginnings;
  for (const Line& line : lyrics_) beginnings.push_back(joined_words(line.words, words.size()));
  const std::vector<std::string_view> known(beginnings.begin(), beginnings.end());
  std::string hint = did_you_mean(joined_words(words, words.size()), known);
  if (hint.empty()) hint = "write the first words of a line";
  return SceneError(message("no line"), hint);
}

}  // namespace latentreel::scenes
