#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The grammar of expressions (expression.h), checked before anything computes with one: what passes
// here is short, not deeply nested, and uses nothing but the names and signs below. Internal to the
// room.

namespace latentreel::scenes {

struct ExpressionMistake {
  std::size_t offset = 0;  // bytes from the expression's beginning
  std::string message;
  std::string hint;
};

// Where an expression names one of the variables.
struct VariableUse {
  std::string name;
  std::size_t offset = 0;
};

struct ScannedExpression {
  std::optional<ExpressionMistake> mistake;  // the first; the rest is then unfinished
  // The same expression with single blanks, without signs that change nothing.
  std::string text;
  std::vector<VariableUse> uses;  // in the order of the text
};

// An expression is at most this long, in bytes, and its parentheses and choices this deep.
inline constexpr std::size_t kMaxExpressionBytes = 1000;
inline constexpr int kMaxExpressionDepth = 50;

// `variables`: the names that stand for numbers.
ScannedExpression scan_expression(std::string_view expression,
                                  std::span<const std::string_view> variables);

// Whether a variable cannot have this name because a function has it.
bool is_function_name(std::string_view name);

}  // namespace latentreel::scenes
