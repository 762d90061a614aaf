#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

// Just enough of HTML to hold our own pages to it.

namespace latentreel::report::testing {

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// What is wrong with the tags: a tag that does not close, one that closes another, a stray "<", an
// attribute that does not end, a script. Empty: nothing.
inline std::string tag_mistake(std::string_view html) {
  constexpr std::array<std::string_view, 4> kVoid{"meta", "img", "br", "link"};
  std::vector<std::string> open;
  for (std::size_t i = 0; i < html.size();) {
    if (html[i] != '<') {
      ++i;
      continue;
    }
    if (html.substr(i).starts_with("<!DOCTYPE html>")) {
      i += 15;
      continue;
    }
    const bool closes = html.substr(i, 2) == "</";
    std::size_t at = i + (closes ? 2 : 1);
    std::string name;
    while (at < html.size() && std::isalnum(static_cast<unsigned char>(html[at])))
      name += html[at++];
    if (name.empty()) return "a stray < at " + std::string(html.substr(i, 40));
    if (name == "script") return "a script";
    bool quoted = false;
    while (at < html.size() && (quoted || html[at] != '>')) {
      if (html[at] == '"') quoted = !quoted;
      if (html[at] == '<') return "an open tag at " + std::string(html.substr(i, 40));
      ++at;
    }
    if (at == html.size()) return "an unfinished tag " + name;
    const bool closed_itself = html[at - 1] == '/';
    i = at + 1;
    if (closes) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes another";
      open.pop_back();
    } else if (!closed_itself && std::find(kVoid.begin(), kVoid.end(), name) == kVoid.end()) {
      open.push_back(name);
      if (name == "style") i = html.find("</style>", i);  // ">" means something else there
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

}  // namespace latentreel::report::testing
