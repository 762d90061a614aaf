#include "scenes/expression_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "scenes/mistakes.h"
#include "scenes/scene_error.h"

namespace latentreel::scenes {
namespace {

constexpr int kAnyNumber = std::numeric_limits<int>::max();

struct FunctionRule {
  std::string_view name;
  int least = 1;  // values that it takes
  int most = 1;
};

constexpr std::array kFunctionRules = {
    FunctionRule{"sin", 1, 1},          FunctionRule{"cos", 1, 1},
    FunctionRule{"min", 2, kAnyNumber}, FunctionRule{"max", 2, kAnyNumber},
    FunctionRule{"clamp", 3, 3},        FunctionRule{"lerp", 3, 3},
    FunctionRule{"smoothstep", 3, 3},   FunctionRule{"noise", 2, 2},
};

const FunctionRule* function_called(std::string_view name) {
  const auto found =
      std::find_if(kFunctionRules.begin(), kFunctionRules.end(),
                   [&](const FunctionRule& function) { return function.name == name; });
  return found == kFunctionRules.end() ? nullptr : &*found;
}

bool is_blank_char(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit_char(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_char(char c) {
  return is_digit_char(c) || c == '_' || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool is_comparison(std::string_view sign) {
  return sign == "<" || sign == ">" || sign == "<=" || sign == ">=" || sign == "==" || sign == "!=";
}

// Goes through an expression once, from its beginning to the first mistake.
class ExpressionScanner {
 public:
  ExpressionScanner(std::string_view text, std::span<const std::string_view> variables)
      : text_(text), variables_(variables), levels_(1) {}

  ScannedExpression scan() {
    if (text_.size() > kMaxExpressionBytes) {
      fail(0, fmt::format("the expression is longer than {} characters", kMaxExpressionBytes));
    }
    while (!result_.mistake && at_ < text_.size()) step();
    if (!result_.mistake) finish();
    return std::move(result_);
  }

 private:
  // A pair of parentheses that is open, or the whole expression.
  struct Level {
    const FunctionRule* function = nullptr;  // whose values they hold
    std::size_t offset = 0;                  // where they begin
    int values = 1;                          // of the function, so far
    int open_choices = 0;                    // of ?, whose : is still to come
    bool compared = false;                   // by a sign since the last && or ||
  };

  void fail(std::size_t offset, std::string message, std::string hint = {}) {
    result_.mistake = {offset, std::move(message), std::move(hint)};
  }

  void step() {
    const char c = text_[at_];
    if (is_blank_char(c)) {
      ++at_;
    } else if (is_digit_char(c) || c == '.') {
      read_number();
    } else if (is_name_char(c) && c != '_') {
      read_name();
    } else if (c == '(') {
      open(nullptr, at_);
    } else if (c == ')') {
      close();
    } else {
      read_sign();
    }
  }

  void finish() {
    const Level& level = levels_.back();
    if (text_.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      fail(0, "the expression is empty", "write a number, or an expression such as \"1 + kick\"");
    } else if (levels_.size() > 1) {
      fail(level.offset, "this parenthesis is never closed");
    } else if (wants_value_) {
      fail(text_.size(), "the expression ends where a value has to follow");
    } else if (level.open_choices > 0) {
      fail(text_.size(), "a choice without \":\"", "it is written condition ? value : other");
    }
  }

  // Whether a value may stand here, which begins with `shown`.
  bool begin_value(std::string_view shown) {
    if (!wants_value_) {
      fail(at_, fmt::format("an operator is missing before \"{}\"", printable(shown, 40)),
           "a product is written 2 * kick");
      return false;
    }
    wants_value_ = false;
    after_sign_ = false;
    return true;
  }

  // Whether an operator or the like may stand here.
  bool end_value(std::string_view shown) {
    if (wants_value_) fail(at_, fmt::format("a value is missing before \"{}\"", shown));
    return !wants_value_;
  }

  void emit(std::string_view token) {
    if (!result_.text.empty()) result_.text += ' ';
    result_.text += token;
  }

  void read_number() {
    double number = 0;
    const char* begin = text_.data() + at_;
    const auto read = std::from_chars(begin, text_.data() + text_.size(), number);
    const std::size_t begin_at = at_;
    std::size_t end = static_cast<std::size_t>(read.ptr - text_.data());
    const bool whole = read.ec == std::errc() && std::isfinite(number) &&
                       (end == text_.size() || (!is_name_char(text_[end]) && text_[end] != '.'));
    if (!whole) {
      while (end < text_.size() && (is_name_char(text_[end]) || text_[end] == '.')) ++end;
      end = std::max(end, begin_at + 1);
      fail(begin_at,
           fmt::format("\"{}\" is not a number",
                       printable(text_.substr(begin_at, end - begin_at), 40)),
           "numbers are written 0.5 or 2e-3, products 2 * kick");
      return;
    }
    const auto token = text_.substr(begin_at, end - begin_at);
    if (!begin_value(token)) return;
    emit(token);
    at_ = end;
  }

  void read_name() {
    const std::size_t begin = at_;
    std::size_t end = at_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    const auto name = text_.substr(begin, end - begin);
    std::size_t next = end;
    while (next < text_.size() && is_blank_char(text_[next])) ++next;
    const bool called = next < text_.size() && text_[next] == '(';
    const FunctionRule* function = function_called(name);
    const bool variable = std::find(variables_.begin(), variables_.end(), name) != variables_.end();
    if (function != nullptr && !called) {
      fail(begin, fmt::format("\"{}\" is a function: its values stand in parentheses", name));
    } else if (function != nullptr) {
      at_ = next;
      open(function, begin);
    } else if (variable && called) {
      fail(begin, fmt::format("\"{}\" is not a function", name),
           fmt::format("a product is written {} * (...)", name));
    } else if (variable) {
      if (!begin_value(name)) return;
      result_.uses.push_back({std::string(name), begin});
      emit(name);
      at_ = end;
    } else {
      fail_unknown(begin, name);
    }
  }

  void fail_unknown(std::size_t offset, std::string_view name) {
    std::vector<std::string_view> known(variables_.begin(), variables_.end());
    for (const FunctionRule& function : kFunctionRules) known.push_back(function.name);
    std::string hint = did_you_mean(name, known);
    if (hint.empty()) {
      hint = fmt::format("known names are {}; [signals] can define others", listed(known));
    }
    fail(offset, fmt::format("unknown name \"{}\"", printable(name, 40)), std::move(hint));
  }

  // A parenthesis at at_; `offset` is where a function's name begins, or it itself.
  void open(const FunctionRule* function, std::size_t offset) {
    const std::size_t parenthesis = at_;
    at_ = offset;
    if (!begin_value(text_.substr(offset, parenthesis + 1 - offset))) return;
    if (levels_.size() > static_cast<std::size_t>(kMaxExpressionDepth)) return fail_deep();
    levels_.push_back({.function = function, .offset = offset});
    emit(function == nullptr ? std::string("(") : std::string(function->name) + "(");
    wants_value_ = true;
    at_ = parenthesis + 1;
  }

  void fail_deep() {
    fail(at_, fmt::format("the expression is nested more than {} deep", kMaxExpressionDepth));
  }

  void close() {
    if (levels_.size() == 1) return fail(at_, "this parenthesis was never opened");
    if (!end_value(")") || !end_choices()) return;
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.function != nullptr && !takes(*level.function, level.values)) {
      fail(level.offset, fmt::format("{} takes {}{} values, not {}", level.function->name,
                                     level.function->most == kAnyNumber ? "at least " : "",
                                     level.function->least, level.values));
      return;
    }
    emit(")");
    ++at_;
  }

  static bool takes(const FunctionRule& function, int values) {
    return values >= function.least && values <= function.most;
  }

  bool end_choices() {
    if (levels_.back().open_choices == 0) return true;
    fail(at_, "a choice without \":\"", "it is written condition ? value : other");
    return false;
  }

  void read_sign() {
    for (const std::string_view sign : {"<=", ">=", "==", "!=", "&&", "||"}) {
      if (text_.substr(at_, 2) == sign) return add_operator(sign);
    }
    const std::string_view sign = text_.substr(at_, 1);
    switch (sign.front()) {
      case '+':
      case '-':
        return wants_value_ ? add_prefix(sign) : add_operator(sign);
      case '*':
      case '/':
      case '%':
      case '^':
      case '<':
      case '>':
        return add_operator(sign);
      case '?':
        return begin_choice();
      case ':':
        return continue_choice();
      case ',':
        return next_value();
      default:
        return fail_sign();
    }
  }

  void fail_sign() {
    const char c = text_[at_];
    const std::string hint = c == '='   ? "whether two values are equal is written =="
                             : c == '&' ? "\"and\" is written &&"
                             : c == '|' ? "\"or\" is written ||"
                             : c == '!' ? "\"not\" is written as in kick == 0"
                                        : "";
    const auto shown = printable(text_.substr(at_), 1);
    fail(at_, fmt::format("\"{}\" is no sign of an expression", shown.substr(0, shown.find("..."))),
         hint);
  }

  void add_prefix(std::string_view sign) {
    if (after_sign_) return fail(at_, fmt::format("a value is missing before \"{}\"", sign));
    after_sign_ = true;
    if (sign == "-") emit(sign);
    ++at_;
  }

  void add_operator(std::string_view sign) {
    if (!end_value(sign)) return;
    Level& level = levels_.back();
    if (is_comparison(sign)) {
      if (level.compared) {
        return fail(at_, fmt::format("a second comparison, \"{}\", of the same value", sign),
                    "write a < b && b < c");
      }
      level.compared = true;
    } else if (sign == "&&" || sign == "||") {
      level.compared = false;
    }
    put_between(sign);
  }

  void begin_choice() {
    if (!end_value("?")) return;
    if (++choices_ > kMaxExpressionDepth) return fail_deep();
    ++levels_.back().open_choices;
    levels_.back().compared = false;
    put_between("?");
  }

  void continue_choice() {
    if (!end_value(":")) return;
    if (levels_.back().open_choices == 0) {
      return fail(at_, "\":\" without a \"?\"", "a choice is written condition ? value : other");
    }
    --levels_.back().open_choices;
    levels_.back().compared = false;
    put_between(":");
  }

  void next_value() {
    if (levels_.back().function == nullptr) {
      return fail(at_, "a comma stands only between a function's values",
                  "decimals are written with a point: 0.5");
    }
    if (!end_value(",") || !end_choices()) return;
    ++levels_.back().values;
    levels_.back().compared = false;
    put_between(",");
  }

  void put_between(std::string_view sign) {
    emit(sign);
    wants_value_ = true;
    after_sign_ = false;
    at_ += sign.size();
  }

  std::string_view text_;
  std::span<const std::string_view> variables_;
  std::vector<Level> levels_;
  ScannedExpression result_;
  std::size_t at_ = 0;
  int choices_ = 0;
  bool wants_value_ = true;
  bool after_sign_ = false;
};

}  // namespace

ScannedExpression scan_expression(std::string_view expression,
                                  std::span<const std::string_view> variables) {
  return ExpressionScanner(expression, variables).scan();
}

bool is_function_name(std::string_view name) {
  return function_called(name) != nullptr;
}

}  // namespace latentreel::scenes
