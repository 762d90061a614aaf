#include "src/report/words.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace latentreel::report {
namespace {

// A piece's bytes: those that are no whole character are spelt \xNN there.
std::string bytes_of(std::string_view piece) {
  std::string bytes;
  while (!piece.empty()) {
    unsigned value = 0;
    if (piece.starts_with("\\x") && piece.size() >= 4 &&
        std::from_chars(piece.data() + 2, piece.data() + 4, value, 16).ptr == piece.data() + 4) {
      bytes += static_cast<char>(value);
      piece.remove_prefix(4);
    } else {
      bytes += piece.front();
      piece.remove_prefix(1);
    }
  }
  return bytes;
}

}  // namespace

std::vector<SplitWord> split_words(std::span<const std::string> pieces) {
  constexpr std::string_view kEnd = "</w>";
  std::vector<SplitWord> result;
  SplitWord current;
  for (const auto& piece : pieces) {
    const bool ends = piece.ends_with(kEnd);
    current.pieces.push_back(ends ? piece.substr(0, piece.size() - kEnd.size()) : piece);
    current.word += bytes_of(current.pieces.back());
    if (!ends) continue;
    if (current.pieces.size() >= kOddPieces) result.push_back(std::move(current));
    current = {};
  }
  return result;
}

}  // namespace latentreel::report
