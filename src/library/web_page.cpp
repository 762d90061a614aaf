#include "src/library/web_page.h"

#include <algorithm>

namespace latentreel::library {
namespace {

constexpr std::size_t kLongestTitle = 80;

// One line that a terminal can show: without what is beyond ASCII, because nobody has said which
// encoding the page has.
std::string one_line(std::string_view text) {
  std::string line;
  bool blank = true;  // so that none stands at the beginning
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      if (!blank) line += ' ';
      blank = true;
    } else if (byte < 0x80) {
      line += c;
      blank = false;
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (line.size() > kLongestTitle) line.resize(kLongestTitle);
  return line;
}

std::size_t find_word(std::string_view text, std::string_view lower_case, std::size_t from) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size()));
  const auto found = std::search(begin, text.end(), lower_case.begin(), lower_case.end(), same);
  return found == text.end() ? text.npos : static_cast<std::size_t>(found - text.begin());
}

}  // namespace

std::optional<std::string> page_title(std::string_view head) {
  if (head.substr(0, 3) == "\xEF\xBB\xBF") head.remove_prefix(3);
  const auto first = head.find_first_not_of(" \t\r\n");
  if (first == head.npos || head[first] != '<') return std::nullopt;
  const auto tag = find_word(head, "<title", first);
  const auto begin = tag == head.npos ? tag : head.find('>', tag);
  const auto end = begin == head.npos ? begin : find_word(head, "</title", begin);
  if (end == head.npos) return std::string();
  return one_line(head.substr(begin + 1, end - begin - 1));
}

}  // namespace latentreel::library
