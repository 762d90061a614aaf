#pragma once

#include <span>
#include <string>
#include <vector>

namespace latentreel::report {

// A word that CLIP's tokenizer knows only in parts.
struct SplitWord {
  std::string word;
  std::vector<std::string> pieces;

  friend bool operator==(const SplitWord&, const SplitWord&) = default;
};

// A word of at least this many pieces is reported; plurals and compounds often have two.
inline constexpr std::size_t kOddPieces = 3;

// The words of a text that have at least kOddPieces pieces. pieces: as ClipTokenizer::pieces gives
// them, "</w>" at the end of each word.
std::vector<SplitWord> split_words(std::span<const std::string> pieces);

}  // namespace latentreel::report
