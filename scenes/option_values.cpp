#include "scenes/option_values.h"

#include <algorithm>

#include "scenes/augment_rows.h"
#include "scenes/optimize_rows.h"
#include "scenes/section_rows.h"

namespace latentreel::scenes {
namespace {

template <class Owner>
std::vector<OptionValue> values(std::span<const Row<Owner>> rows, const Owner& owner) {
  std::vector<OptionValue> result;
  for (const auto& row : rows) result.push_back({row.key, text_of(row, owner)});
  return result;
}

}  // namespace

std::vector<OptionValue> option_values(const OptimizeOptions& options) {
  return values(optimize_rows(), options);
}

std::vector<OptionValue> option_values(const Augment& step) {
  auto result = values(augment_rows(), step);
  const auto keys = augment_keys(step.kind);
  std::erase_if(result, [&](const OptionValue& value) {
    return std::find(keys.begin(), keys.end(), value.key) == keys.end();
  });
  result.insert(result.begin(), {"name", toml_word(step.kind)});
  return result;
}

std::vector<OptionValue> option_values(const InterpolateOptions& options) {
  return values(interpolate_rows(), options);
}

}  // namespace latentreel::scenes
