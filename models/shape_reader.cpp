#include "models/shape_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <set>

#include "models/files/error.h"

namespace latentreel::models {
namespace {

// Far above any published model; a hostile file must not make us build ten million layers.
constexpr int64_t kMostNumbered = 1000;

}  // namespace

void ShapeReader::require(bool fits, std::string_view name, const std::string& problem) const {
  if (fits) return;
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = fmt::format("inferring the shape of {} from {}", network_,
                                           weights_.source().empty() ? "weights in memory"
                                                                     : weights_.source().string()),
                      .tensor = std::string(name),
                      .problem = problem,
                      .advice = fmt::format("Check that the file really is {}.", network_)});
}

int64_t ShapeReader::size(std::string_view name, int64_t rank, int64_t axis) const {
  const auto* tensor = weights_.find(name);
  require(tensor != nullptr, name, "is missing");
  require(tensor->dim() == rank, name,
          fmt::format("has {} axes where {} are expected", tensor->dim(), rank));
  require(tensor->size(axis) > 0, name, fmt::format("is empty along axis {}", axis));
  return tensor->size(axis);
}

std::optional<int64_t> ShapeReader::metadata_count(std::string_view key) const {
  const auto text = weights_.metadata(key);
  if (!text) return std::nullopt;
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  require(error == std::errc() && end == text->data() + text->size() && count > 0, key,
          "metadata is not a positive whole number");
  return count;
}

int64_t ShapeReader::count_numbered(std::string_view prefix) const {
  std::set<int64_t> numbers;
  for (const auto& name : weights_.names_below(prefix)) {
    const auto rest = std::string_view(name).substr(prefix.size());
    int64_t number = -1;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    require(error == std::errc() && number >= 0 && number < kMostNumbered, name,
            fmt::format("has no number from 0 to {} after \"{}\"", kMostNumbered - 1, prefix));
    numbers.insert(number);
  }
  const auto count = static_cast<int64_t>(numbers.size());
  require(count == 0 || *numbers.rbegin() == count - 1, prefix, "numbers have a gap");
  return count;
}

}  // namespace latentreel::models
