#include "src/train/stages/merges.h"

#include <algorithm>
#include <map>
#include <utility>

namespace latentreel::training {
namespace {

constexpr const char* kEnd = "</w>";
using Pair = std::pair<std::string, std::string>;

// The pieces that CLIP's tokenizer cuts a word into: the earliest merge first, wherever it applies.
std::vector<std::string> pieces_of(const std::string& word, const std::map<Pair, size_t>& merges) {
  std::vector<std::string> pieces;
  for (const char c : word) pieces.emplace_back(1, c);
  pieces.back() += kEnd;
  while (true) {
    auto best = merges.end();
    for (size_t i = 0; i + 1 < pieces.size(); ++i) {
      const auto found = merges.find({pieces[i], pieces[i + 1]});
      if (found != merges.end() && (best == merges.end() || found->second < best->second)) {
        best = found;
      }
    }
    if (best == merges.end()) return pieces;
    const auto [left, right] = best->first;
    std::vector<std::string> joined;
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (i + 1 < pieces.size() && pieces[i] == left && pieces[i + 1] == right) {
        joined.push_back(left + right);
        ++i;
      } else {
        joined.push_back(pieces[i]);
      }
    }
    pieces = std::move(joined);
  }
}

}  // namespace

std::string merges_for(const std::vector<std::string>& words) {
  std::map<Pair, size_t> merges;
  std::string text = "#version: 0.2\n";
  for (const auto& word : words) {
    if (word.empty()) continue;
    auto pieces = pieces_of(word, merges);
    while (pieces.size() > 1) {
      const Pair merge{pieces[0], pieces[1]};
      merges.emplace(merge, merges.size());
      text += merge.first + " " + merge.second + "\n";
      pieces = pieces_of(word, merges);
    }
  }
  return text;
}

}  // namespace latentreel::training
