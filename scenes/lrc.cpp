#include "scenes/lrc.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "scenes/mistakes.h"
#include "scenes/utf8.h"

namespace latentreel::scenes {
namespace {

constexpr std::string_view kLyricBlanks = " \t\r";
constexpr std::size_t kMostLyricMistakes = 20;
constexpr std::string_view kLyricForm = "a line of lyrics is [mm:ss.xx]text";

bool is_digit_of_stamp(char c) {
  return c >= '0' && c <= '9';
}

bool is_digits(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::all_of(text.begin(), text.end(), is_digit_of_stamp);
}

// "01:20", "01:20.5", "01:20.50", "01:20.500".
std::optional<RationalTime> stamp_time(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view minutes = text.substr(0, colon);
  const std::string_view seconds = text.substr(colon + 1);
  const auto point = seconds.find('.');
  const std::string_view whole = seconds.substr(0, point);
  if (!is_digits(minutes, 1, 4) || !is_digits(whole, 2, 2) || whole[0] > '5') return std::nullopt;
  if (point != std::string_view::npos && !is_digits(seconds.substr(point + 1), 1, 3)) {
    return std::nullopt;
  }
  return *parse_decimal(minutes) * RationalTime(60, 1) + *parse_decimal(seconds);
}

bool is_tag(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || c == '#' || c == '_';
  });
}

// With one blank between words and none at the ends.
std::string with_single_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && (result.empty() || result.back() == ' ')) continue;
    result += blank ? ' ' : c;
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

// What stands behind the stamps of a line.
struct Sung {
  std::string text;
  std::vector<LyricWord> words;
  std::optional<RationalTime> end;  // of the last word
};

class LrcReader {
 public:
  LrcReader(std::string_view text, const std::filesystem::path& file)
      : text_(text), mistakes_(file, text, {}) {}

  std::vector<LyricLine> read() {
    std::string_view rest = text_;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
    for (number_ = 1; !rest.empty() && mistakes_.size() < kMostLyricMistakes; ++number_) {
      line_ = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line_.size() + 1));
      if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
      if (is_readable()) read_line();
    }
    if (mistakes_.empty() && lines_.size() > kMaxLyricLines) {
      complain(0, fmt::format("more than {} lines of lyrics", kMaxLyricLines));
    }
    mistakes_.throw_if_any();
    auto lyrics = finished();
    if (lyrics.empty()) {
      mistakes_.add({}, "the file has no timed lyrics", std::string(kLyricForm));
    }
    mistakes_.throw_if_any();
    return lyrics;
  }

  const SongTags& tags() const { return tags_; }

 private:
  // `at`: bytes from the line's beginning.
  void complain(std::size_t at, std::string message, std::string_view hint = {}) {
    int column = 1;
    for (const char c : line_.substr(0, at)) {
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
    }
    mistakes_.add({.line = number_, .column = column}, std::move(message), std::string(hint));
  }

  // UTF-8 without control characters.
  bool is_readable() {
    for (std::size_t at = 0; at < line_.size();) {
      const auto next = first_code_point(line_.substr(at));
      if (!next) {
        complain(at, "the lyrics are not UTF-8", "save the file again as UTF-8");
        return false;
      }
      const bool control = next->value < 0x20 || (next->value >= 0x7F && next->value < 0xA0);
      if (control && next->value != '\t') {
        complain(at, fmt::format("the lyrics contain the control character U+{:04X}", next->value),
                 "remove it");
        return false;
      }
      at += next->length;
    }
    return true;
  }

  void read_line() {
    std::size_t at = std::min(line_.find_first_not_of(kLyricBlanks), line_.size());
    if (at == line_.size()) return;
    std::vector<RationalTime> stamps;
    while (at < line_.size() && line_[at] == '[') {
      const auto close = line_.find(']', at);
      const std::string_view inside = close == std::string_view::npos
                                          ? std::string_view()
                                          : line_.substr(at + 1, close - at - 1);
      if (const auto time = stamp_time(inside)) {
        stamps.push_back(*time);
      } else if (stamps.empty() && is_tag(inside)) {
        if (trimmed(line_.substr(close + 1), kLyricBlanks).empty()) {
          read_tag(inside, at);
        } else {
          complain(close + 1, "text behind a tag", kLyricForm);
        }
        return;
      } else if (stamps.empty() || (!inside.empty() && is_digit_of_stamp(inside[0]))) {
        complain(at, "expected a time such as [01:20.50], or a tag such as [ti:Night drive]");
        return;
      } else {
        break;  // "[00:20.00][softly] again"
      }
      at = close + 1;
    }
    if (stamps.empty()) {
      complain(at, "a line without its time", kLyricForm);
      return;
    }
    if (const auto sung = read_sung(at)) add(stamps, *sung);
  }

  void read_tag(std::string_view inside, std::size_t at) {
    const auto colon = inside.find(':');
    std::string key(inside.substr(0, colon));
    std::transform(key.begin(), key.end(), key.begin(), lower);
    const std::string_view value = trimmed(inside.substr(colon + 1), kLyricBlanks);
    if (key == "ti") tags_.title = value;
    if (key == "ar") tags_.artist = value;
    if (key == "la") tags_.language = value;
    if (key != "offset") return;
    const auto offset = parse_decimal(value, 3);
    if (!offset || *offset > RationalTime(3'600'000, 1) || *offset < RationalTime(-3'600'000, 1)) {
      complain(at, "expected an offset in milliseconds, an hour at most, such as [offset:+500]");
      return;
    }
    if (has_offset_ && *offset != offset_) {
      complain(at, "a second offset, and not the same");
      return;
    }
    has_offset_ = true;
    offset_ = *offset;
  }

  // The text from `at` on, with or without times of its words.
  std::optional<Sung> read_sung(std::size_t at) {
    if (line_.size() - at > kMaxLyricBytes) {
      complain(at, fmt::format("a line of more than {} bytes", kMaxLyricBytes));
      return std::nullopt;
    }
    Sung sung;
    std::string all;
    std::optional<RationalTime> begin;
    const auto finish_word = [&](std::string_view piece) {
      all += piece;
      const std::string word = with_single_blanks(piece);
      if (begin && !word.empty()) sung.words.push_back({.text = word, .start = *begin});
      if (!word.empty()) begin.reset();
    };
    while (at < line_.size()) {
      const auto open = std::min(line_.find('<', at), line_.size());
      finish_word(line_.substr(at, open - at));
      at = open;
      if (open == line_.size()) break;
      const auto close = line_.find('>', open);
      const auto time = close == std::string_view::npos
                            ? std::nullopt
                            : stamp_time(line_.substr(open + 1, close - open - 1));
      if (!time) {
        all += '<';  // "I <3 you"
        ++at;
        continue;
      }
      begin = time;
      at = close + 1;
    }
    if (begin && !sung.words.empty()) sung.end = begin;
    sung.text = with_single_blanks(all);
    return sung;
  }

  // One line for each of its stamps; words move along.
  void add(const std::vector<RationalTime>& stamps, const Sung& sung) {
    for (const RationalTime stamp : stamps) {
      if (lines_.size() > kMaxLyricLines) return;
      const RationalTime later = stamp - stamps.front();
      LyricLine line{.text = sung.text, .start = stamp};
      if (sung.end) line.end = *sung.end + later;
      for (LyricWord word : sung.words) {
        word.start = word.start + later;
        line.words.push_back(std::move(word));
      }
      lines_.push_back(std::move(line));
    }
  }

  RationalTime moved(RationalTime time) const {
    return std::max(RationalTime(), time - offset_ * RationalTime(1, 1000));
  }

  // In order, each until the next begins; without the empty ones, which only end others.
  std::vector<LyricLine> finished() {
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const LyricLine& a, const LyricLine& b) { return a.start < b.start; });
    std::vector<LyricLine> lyrics;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      LyricLine& line = lines_[i];
      // Lines of one time, as of a song in two languages, last equally long.
      auto next = i + 1;
      while (next < lines_.size() && lines_[next].start == line.start) ++next;
      if (next < lines_.size()) {
        line.end = std::min(line.end.value_or(lines_[next].start), lines_[next].start);
      }
      line.start = moved(line.start);
      if (line.end) line.end = moved(*line.end);
      for (LyricWord& word : line.words) word.start = moved(word.start);
      if (!line.text.empty()) lyrics.push_back(std::move(line));
    }
    return lyrics;
  }

  std::string_view text_;
  Mistakes mistakes_;
  std::string_view line_;
  int number_ = 0;
  std::vector<LyricLine> lines_;
  SongTags tags_;
  bool has_offset_ = false;
  RationalTime offset_;  // milliseconds
};

}  // namespace

std::vector<LyricLine> parse_lrc(std::string_view text, const std::filesystem::path& file,
                                 SongTags* tags) {
  LrcReader reader(text, file);
  auto lyrics = reader.read();
  if (tags != nullptr) *tags = reader.tags();
  return lyrics;
}

}  // namespace latentreel::scenes
