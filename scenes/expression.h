#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// A formula that computes a number, such as `1 + 2 * (beat_phase < 0.1)`. By rising precedence:
//
//   c ? a : b                  a where c is not 0, else b
//   ||  &&                     1 or 0
//   == != < > <= >=            1 or 0; two in a row need parentheses or &&
//   + -   * / %   -a   ^       x % y = x - y floor(x / y), of the sign of y; -2 ^ 2 is -4
//   sin(a) cos(a)              of radians
//   min(a, b, ...) max(a, b, ...)
//   clamp(x, lo, hi)           max(lo, min(x, hi))
//   lerp(a, b, x)              a + (b - a) x
//   smoothstep(a, b, x)        3 u^2 - 2 u^3 with u = clamp((x - a) / (b - a), 0, 1)
//   noise(seed, x)             value noise in [-1, 1]: a random number at every whole x, smoothstep
//                              between; the same on every machine
//
// Numbers are decimal, with a point whatever the locale. There are no assignments, no loops and no
// other names than those given. Internal to the room.

namespace latentreel::scenes {

class Expression {
 public:
  // Throws std::invalid_argument for a text in which scan_expression finds a mistake.
  Expression(std::string_view text, std::span<const std::string_view> variables);
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // The variables that it uses, each once.
  const std::vector<std::string>& variables() const;

  // Its value where variables()[i] is values[i]; an infinity or NaN where there is none, as of a
  // division by 0. For one thread at a time.
  double at(std::span<const double> values);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace latentreel::scenes
