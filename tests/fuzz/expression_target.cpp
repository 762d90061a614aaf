#include "scenes/expression.h"

#include <array>
#include <bit>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "scenes/expression_scan.h"
#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

constexpr std::array<std::string_view, 3> kVariables = {"t", "beat_phase", "kick"};

std::uint64_t bits_of(std::string_view text) {
  scenes::Expression expression(text, kVariables);
  expect(expression.variables().size() <= kVariables.size(), "variables are those given");
  const std::vector<double> values(expression.variables().size(), 0.75);
  const double first = expression.at(values);
  const auto bits = std::bit_cast<std::uint64_t>(first);
  expect(std::bit_cast<std::uint64_t>(expression.at(values)) == bits, "a value is the same twice");
  return bits;
}

}  // namespace

void fuzz_expression(FuzzBytes bytes) {
  const auto text = text_of_bytes(bytes);
  const auto scanned = scenes::scan_expression(text, kVariables);
  if (scanned.mistake) {
    expect(scanned.mistake->offset <= text.size(), "a mistake lies within the text");
    expect(!scanned.mistake->message.empty(), "a mistake is explained");
    expect(scanned.mistake->message.size() < 1000, "a mistake can be read");
    return;
  }
  expect(text.size() <= scenes::kMaxExpressionBytes, "an expression is short");
  try {
    // What is computed is the text with its blanks and signs put in order.
    if (scanned.text.size() <= scenes::kMaxExpressionBytes) {
      expect(bits_of(text) == bits_of(scanned.text), "both texts mean the same");
    } else {
      bits_of(text);
    }
  } catch (const std::exception&) {
    expect(false, "what has no mistake can be computed");
  }
}

}  // namespace latentreel::models
