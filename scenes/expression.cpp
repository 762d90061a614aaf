#include "scenes/expression.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "scenes/expression_scan.h"

namespace latentreel::scenes {
namespace {

double modulo(double x, double y) {
  return x - y * std::floor(x / y);
}

double smallest(const double* values, int count) {
  return *std::min_element(values, values + count);
}

double largest(const double* values, int count) {
  return *std::max_element(values, values + count);
}

double clamped(double x, double lo, double hi) {
  return std::isnan(x) ? x : std::max(lo, std::min(x, hi));
}

double lerp_between(double a, double b, double x) {
  return a + (b - a) * x;
}

double smooth(double u) {
  return u * u * (3 - 2 * u);
}

double smooth_step(double a, double b, double x) {
  if (a == b) return x < a ? 0 : 1;
  return smooth(clamped((x - a) / (b - a), 0, 1));
}

// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): every bit of `x` counts in all others.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// In [-1, 1): the first 53 of the bits made of both numbers. Their own bits, as not every double is
// a whole number that an integer type can hold.
double lattice_value(double seed, double whole) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x == 0 ? 0.0 : x); };
  const std::uint64_t random = mixed(mixed(bits(seed)) ^ bits(whole));
  return static_cast<double>(random >> 11) * 0x1p-52 - 1;
}

double value_noise(double seed, double x) {
  if (!std::isfinite(seed) || !std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const double whole = std::floor(x);
  const double before = lattice_value(seed, whole);
  return lerp_between(before, lattice_value(seed, whole + 1), smooth(x - whole));
}

// std::min and std::max pass NaN or swallow it, depending on which comes first.
template <double (*kFunction)(double, double, double)>
double nan_or(double a, double b, double c) {
  const bool any = std::isnan(a) || std::isnan(b) || std::isnan(c);
  return any ? std::numeric_limits<double>::quiet_NaN() : kFunction(a, b, c);
}

template <double (*kFunction)(const double*, int)>
double nan_or(const double* values, int count) {
  const bool any = std::any_of(values, values + count, [](double x) { return std::isnan(x); });
  return any ? std::numeric_limits<double>::quiet_NaN() : kFunction(values, count);
}

// muParser with the functions of expressions in place of its own.
void prepare(mu::Parser& parser) {
  parser.ClearFun();
  parser.ClearConst();
  parser.ClearPostfixOprt();
  // Its rewriting of formulas would change last bits from version to version.
  parser.EnableOptimizer(false);
  parser.DefineOprt("%", modulo, mu::prMUL_DIV);
  parser.DefineFun("sin", static_cast<double (*)(double)>(std::sin));
  parser.DefineFun("cos", static_cast<double (*)(double)>(std::cos));
  parser.DefineFun("min", nan_or<smallest>);
  parser.DefineFun("max", nan_or<largest>);
  parser.DefineFun("clamp", nan_or<clamped>);
  parser.DefineFun("lerp", lerp_between);
  parser.DefineFun("smoothstep", nan_or<smooth_step>);
  parser.DefineFun("noise", value_noise);
}

}  // namespace

class Expression::Parser {
 public:
  Parser(std::string_view text, std::span<const std::string_view> variables) {
    const ScannedExpression scanned = scan_expression(text, variables);
    if (scanned.mistake) throw std::invalid_argument(scanned.mistake->message);
    for (const VariableUse& use : scanned.uses) {
      if (std::find(names_.begin(), names_.end(), use.name) == names_.end()) {
        names_.push_back(use.name);
      }
    }
    values_.resize(names_.size());
    // muParser's errors are not of this room; what was scanned gives it no cause for any.
    try {
      prepare(parser_);
      for (std::size_t i = 0; i < names_.size(); ++i) parser_.DefineVar(names_[i], &values_[i]);
      parser_.SetExpr(scanned.text);
      parser_.Eval();
    } catch (const mu::ParserError& error) {
      throw std::invalid_argument(
          fmt::format("the expression \"{}\": {}", scanned.text, error.GetMsg()));
    }
  }

  const std::vector<std::string>& names() const { return names_; }

  double at(std::span<const double> values) {
    std::copy_n(values.begin(), values_.size(), values_.begin());
    return parser_.Eval();
  }

 private:
  std::vector<std::string> names_;
  std::vector<double> values_;  // muParser reads them here
  mu::Parser parser_;
};

Expression::Expression(std::string_view text, std::span<const std::string_view> variables)
    : parser_(std::make_unique<Parser>(text, variables)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

const std::vector<std::string>& Expression::variables() const {
  return parser_->names();
}

double Expression::at(std::span<const double> values) {
  return parser_->at(values);
}

}  // namespace latentreel::scenes
