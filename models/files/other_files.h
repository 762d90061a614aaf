#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latentreel::models {

// A file that holds no weights which can be read, in words for a person who took it for one.
struct OtherFile {
  std::string problem;  // "it is a web page, not a model"
  std::string advice;   // whole sentences
};

// What a file is by its first bytes: an archive, a picture, a configuration, a web page, a Git LFS
// pointer, … Nothing where they do not tell. `text` is the whole file.
std::optional<OtherFile> other_file(std::string_view text);

}  // namespace latentreel::models
