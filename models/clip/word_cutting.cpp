#include "models/clip/word_cutting.h"

#include <utf8proc.h>

#include <array>
#include <cstddef>

namespace latentreel::models {
namespace {

// Characters of cleaned text by what the cutting into words asks of them.
enum class CharacterKind { space, letter, number, other };

CharacterKind kind_of(utf8proc_int32_t c) {
  // The one mark that folds to a letter, which the original's case-blind pattern takes it for.
  constexpr utf8proc_int32_t kIotaBelow = 0x345;
  if (c == kIotaBelow) return CharacterKind::letter;
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return CharacterKind::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return CharacterKind::number;
    default:
      return c == ' ' ? CharacterKind::space
                      : CharacterKind::other;  // all white space is a blank by now
  }
}

struct Character {
  std::size_t length = 0;  // 0 at the end
  CharacterKind kind = CharacterKind::space;
};

Character character_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  utf8proc_int32_t c = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  if (length <= 0) return {1, CharacterKind::other};
  return {static_cast<std::size_t>(length), kind_of(c)};
}

// The ends of "it's", "don't", "we're", …: matched before anything else that begins with "'".
// The long s is an s to the original's case-blind pattern.
constexpr std::array<std::string_view, 8> kContractions{"'s", "'t",  "'re", "'ve",
                                                        "'m", "'ll", "'d",  "'\u017f"};

// Length of the word that begins at `at`, which is no blank: the first of these that fits: a
// special token, a contraction, letters, one number, anything else up to one of those.
std::size_t word_length(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  for (const auto special : {kStartWord, kEndWord}) {
    if (rest.starts_with(special)) return special.size();
  }
  for (const auto contraction : kContractions) {
    if (rest.starts_with(contraction)) return contraction.size();
  }
  const auto first = character_at(text, at);
  auto end = at + first.length;
  if (first.kind == CharacterKind::number) return first.length;
  for (auto next = character_at(text, end); next.length > 0 && next.kind == first.kind;
       next = character_at(text, end)) {
    end += next.length;
  }
  return end - at;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view clean) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < clean.size();) {
    const auto length = clean[at] == ' ' ? 1 : word_length(clean, at);
    if (clean[at] != ' ') words.push_back(clean.substr(at, length));
    at += length;
  }
  return words;
}

}  // namespace latentreel::models
