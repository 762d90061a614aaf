#include "models/prefixes.h"

#include <algorithm>
#include <tuple>

#include "models/files/weights_file.h"

namespace latentreel::models {

std::vector<std::string> prefixes_of(const WeightsFile& file, std::string_view name) {
  std::vector<std::string> prefixes;
  for (const auto& whole : file.names()) {
    if (!std::string_view(whole).ends_with(name)) continue;
    auto prefix = whole.substr(0, whole.size() - name.size());
    if (prefix.empty() || prefix.back() == '.') prefixes.push_back(std::move(prefix));
  }
  std::sort(prefixes.begin(), prefixes.end(), [](const auto& a, const auto& b) {
    return std::forward_as_tuple(a.size(), a) < std::forward_as_tuple(b.size(), b);
  });
  return prefixes;
}

}  // namespace latentreel::models
