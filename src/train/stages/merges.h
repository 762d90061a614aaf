#pragma once

#include <string>
#include <vector>

namespace latentreel::training {

// The text of a merges file for CLIP's byte-pair encoding in which every one of `words` (lower-case
// a to z) is one token. Words are added one by one, each on top of what the merges so far make of
// it, left to right: a merge that comes later in the file never breaks a word that came earlier.
// The same words in the same order give the same text.
std::string merges_for(const std::vector<std::string>& words);

}  // namespace latentreel::training
