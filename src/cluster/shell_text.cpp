#include "src/cluster/shell_text.h"

namespace latentreel::cluster {

std::string shell_quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

}  // namespace latentreel::cluster
