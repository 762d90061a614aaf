#include "scenes/option_values.h"

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
  std::vector<OptionValue> result = {{"name", toml_word(step.kind)}};
  for (const auto* row : augment_rows(step.kind)) {
    result.push_back({row->key, text_of(*row, step)});
  }
  return result;
}

std::vector<OptionValue> option_values(const InterpolateOptions& options) {
  return values(interpolate_rows(), options);
}

std::vector<OptionValue> option_values(const FeedbackOptions& options) {
  return values(feedback_rows().subspan(1), options);
}

std::vector<OptionValue> option_values(const SourceOptions& options) {
  return values(source_rows().subspan(1), options);
}

}  // namespace latentreel::scenes
