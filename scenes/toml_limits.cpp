#include "scenes/toml_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "scenes/utf8.h"

namespace latentreel::scenes {
namespace {

// Walks over the text one code point at a time and knows where it is.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") index_ = 3;
  }

  bool done() const { return index_ >= text_.size(); }
  // A byte that is not UTF-8 stands alone.
  std::string_view code_point() const {
    const auto first = first_code_point(text_.substr(index_));
    return text_.substr(index_, first ? first->length : 1);
  }
  char peek() const { return done() ? '\0' : text_[index_]; }
  bool at(std::string_view word) const { return text_.substr(index_, word.size()) == word; }
  Position position() const { return {.line = line_, .column = column_}; }

  // False where the text stops being UTF-8.
  bool advance() {
    const auto first = first_code_point(text_.substr(index_));
    if (!first) return false;
    if (text_[index_] == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
    index_ += first->length;
    return true;
  }

  bool advance(int count) {
    for (; count > 0 && !done(); --count) {
      if (!advance()) return false;
    }
    return true;
  }

 private:
  std::string_view text_;
  std::size_t index_ = 0;
  int line_ = 1;
  int column_ = 1;
};

// The cursor stands on a quote: goes behind the string. A single-line string also ends with its
// line, where the parser will complain. False where the text stops being UTF-8.
bool skip_string(Cursor& cursor) {
  const char quote = cursor.peek();
  const std::string fence(3, quote);
  const bool many_lines = cursor.at(fence);
  if (!cursor.advance(many_lines ? 3 : 1)) return false;
  while (!cursor.done()) {
    const char c = cursor.peek();
    if (!many_lines && (c == quote || c == '\n')) return cursor.advance();
    if (many_lines && cursor.at(fence)) {
      if (!cursor.advance(3)) return false;
      // Up to two more quotes belong to the string: """a """""
      for (int more = 0; more < 2 && cursor.peek() == quote; ++more) {
        if (!cursor.advance()) return false;
      }
      return true;
    }
    const bool escape = quote == '"' && c == '\\';
    if (!cursor.advance(escape ? 2 : 1)) return false;
  }
  return true;
}

// Where a text may begin: after one of these, blanks aside.
bool opens_text(char before) {
  return std::string_view("\n=[{,.").find(before) != std::string_view::npos;
}

void add_outside_quotes(std::string_view point, Position where, Mistakes& mistakes) {
  const std::uint32_t scalar = first_code_point(point)->value;
  constexpr std::array<std::uint32_t, 8> kCurly = {0x2018, 0x2019, 0x201A, 0x201C,
                                                   0x201D, 0x201E, 0xAB,   0xBB};
  const bool curly = std::find(kCurly.begin(), kCurly.end(), scalar) != kCurly.end();
  mistakes.add(where,
               fmt::format("the character {} (U+{:04X}) stands outside quotes", point, scalar),
               curly ? "write straight quotes: \"" : "strings need quotes");
}

bool skip_comment(Cursor& cursor) {
  while (!cursor.done() && cursor.peek() != '\n') {
    if (!cursor.advance()) return false;
  }
  return true;
}

}  // namespace

bool within_toml_limits(std::string_view text, Mistakes& mistakes) {
  Cursor cursor(text);
  int brackets = 0;
  int dots = 0;
  char before = '\n';  // the last character that is no blank
  const auto not_utf8 = [&] {
    mistakes.add(cursor.position(), "the text is not UTF-8 from here on",
                 "save the scene as UTF-8 in your editor");
    return false;
  };
  while (!cursor.done()) {
    const char c = cursor.peek();
    if (c == '"' || c == '\'') {
      if (!opens_text(before)) {
        mistakes.add(cursor.position(), "a quote where no string can begin",
                     "a quote inside a string is written \\\"");
        return false;
      }
      before = c;
      if (!skip_string(cursor)) return not_utf8();
      continue;
    }
    if (c == '#') {
      if (!skip_comment(cursor)) return not_utf8();
      continue;
    }
    if (static_cast<unsigned char>(c) >= 0x80) {
      const std::string_view point = cursor.code_point();
      if (point.size() == 1) return not_utf8();
      add_outside_quotes(point, cursor.position(), mistakes);
      return false;
    }
    if (c != ' ' && c != '\t' && c != '\r') before = c;
    if (c == '.' && ++dots > kMaxDots) {
      mistakes.add(cursor.position(), fmt::format("a key with more than {} dots", kMaxDots));
      return false;
    }
    if ((c == '[' || c == '{') && ++brackets > kMaxBrackets) {
      mistakes.add(cursor.position(), fmt::format("more than {} nested brackets", kMaxBrackets));
      return false;
    }
    if ((c == ']' || c == '}') && brackets > 0) --brackets;
    if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') dots = 0;
    if (!cursor.advance()) return not_utf8();
  }
  return true;
}

}  // namespace latentreel::scenes
