#include "src/report/words.h"

#include <string_view>
#include <utility>

namespace latentreel::report {

std::vector<SplitWord> split_words(std::span<const std::string> pieces) {
  constexpr std::string_view kEnd = "</w>";
  std::vector<SplitWord> result;
  SplitWord current;
  for (const auto& piece : pieces) {
    const bool ends = piece.ends_with(kEnd);
    current.pieces.push_back(ends ? piece.substr(0, piece.size() - kEnd.size()) : piece);
    current.word += current.pieces.back();
    if (!ends) continue;
    if (current.pieces.size() >= kOddPieces) result.push_back(std::move(current));
    current = {};
  }
  return result;
}

}  // namespace latentreel::report
