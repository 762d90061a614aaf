#include "src/cli/sizes.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace latentreel::cli {

std::optional<std::uint64_t> parse_bytes(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  std::string unit(end, text.data() + text.size());
  std::erase(unit, ' ');
  if (!unit.empty() && unit.back() == 'B') unit.pop_back();
  const std::string_view kUnits = "kMGT";
  if (unit.empty()) return static_cast<std::uint64_t>(number);
  const auto power = kUnits.find(unit == "K" ? 'k' : unit.front());
  if (unit.size() != 1 || power == kUnits.npos) return std::nullopt;
  const double bytes = number * std::pow(1000.0, static_cast<double>(power + 1));
  if (bytes > 1e18) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::optional<double> parse_duration(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number > 0) || !std::isfinite(number)) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (unit.empty() || unit == "s") return number;
  if (unit == "m") return number * 60;
  if (unit == "h") return number * 3600;
  return std::nullopt;
}

}  // namespace latentreel::cli
