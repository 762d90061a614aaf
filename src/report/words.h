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

// From so many pieces on a word is named: two are a common plural or compound.
inline constexpr std::size_t kOddPieces = 3;

// The words of a text of at least kOddPieces pieces. pieces: as ClipTokenizer::pieces gives them,
// "</w>" at the end of each word.
std::vector<SplitWord> split_words(std::span<const std::string> pieces);

}  // namespace latentreel::report
