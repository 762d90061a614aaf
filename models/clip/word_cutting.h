#pragma once

#include <string_view>
#include <vector>

namespace latentreel::models {

// The words that stand for CLIP's special tokens.
inline constexpr std::string_view kStartWord = "<|startoftext|>";
inline constexpr std::string_view kEndWord = "<|endoftext|>";

// The words of a cleaned text (text_cleaning.h), as views of it: special tokens, contractions, runs
// of letters, single numbers, runs of anything else. White space is left out. This is CLIP's own
// pattern, which ignores case (models.md section 2.3).
std::vector<std::string_view> words_of(std::string_view clean);

}  // namespace latentreel::models
