#pragma once

#include <string>

namespace latentreel::cluster {

// `text` as one word of a POSIX shell, whatever is in it but NUL, which no path holds. Always in
// quotes, so that it can be seen in a script that it was thought of.
std::string shell_quoted(const std::string& text);

}  // namespace latentreel::cluster
