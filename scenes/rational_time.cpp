#include "scenes/rational_time.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace latentreel::scenes {
namespace {

__extension__ using Wide = __int128;

constexpr double kLargest = 1e9;

Wide gcd(Wide a, Wide b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

std::int64_t narrow(Wide value) {
  if (value < std::numeric_limits<std::int64_t>::min() ||
      value > std::numeric_limits<std::int64_t>::max()) {
    throw std::overflow_error("a time or frame number does not fit 64 bits");
  }
  return static_cast<std::int64_t>(value);
}

// Products of two 64-bit numbers always fit; those of three may not.
Wide multiply(Wide a, Wide b) {
  Wide product;
  if (__builtin_mul_overflow(a, b, &product)) {
    throw std::overflow_error("a time or frame number does not fit 128 bits");
  }
  return product;
}

RationalTime reduced(Wide numerator, Wide denominator) {
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const Wide divisor = gcd(numerator, denominator);
  return {narrow(numerator / divisor), narrow(denominator / divisor)};
}

// floor(numerator / denominator) for a positive denominator.
Wide floor_divide(Wide numerator, Wide denominator) {
  const Wide quotient = numerator / denominator;
  return quotient * denominator > numerator ? quotient - 1 : quotient;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What a decimal number consists of: `digits` without leading zeros, `decimals` of them after the
// point.
struct Decimal {
  bool negative = false;
  std::string digits;
  int decimals = 0;
};

std::optional<RationalTime> from_decimal(Decimal decimal, int most_decimals) {
  bool round_up = false;
  while (decimal.decimals > most_decimals) {
    round_up = !decimal.digits.empty() && decimal.digits.back() >= '5';
    if (!decimal.digits.empty()) decimal.digits.pop_back();
    --decimal.decimals;
  }
  Wide numerator = 0;
  for (const char digit : decimal.digits) {
    numerator = numerator * 10 + (digit - '0');
    if (numerator > static_cast<Wide>(1e30)) return std::nullopt;
  }
  if (round_up) ++numerator;
  Wide denominator = 1;
  for (int i = 0; i < decimal.decimals; ++i) denominator *= 10;
  if (numerator > denominator * static_cast<Wide>(kLargest)) return std::nullopt;
  // Ten digits before the point leave room for eight behind it.
  while (numerator > std::numeric_limits<std::int64_t>::max()) {
    numerator = (numerator + 5) / 10;
    denominator /= 10;
  }
  return reduced(decimal.negative ? -numerator : numerator, denominator);
}

}  // namespace

RationalTime::RationalTime(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) throw std::domain_error("a time with denominator 0");
  Wide n = numerator;
  Wide d = denominator;
  if (d < 0) {
    n = -n;
    d = -d;
  }
  const Wide divisor = gcd(n, d);
  numerator_ = narrow(n / divisor);
  denominator_ = narrow(d / divisor);
}

RationalTime RationalTime::from_seconds(double seconds) {
  if (!std::isfinite(seconds) || std::abs(seconds) > kLargest) {
    throw std::domain_error("a time must be a number of at most 1e9 seconds");
  }
  // Shortest digits that read back as `seconds`: "-3.7e-01".
  char text[64];
  const auto end =
      std::to_chars(text, text + sizeof text, std::abs(seconds), std::chars_format::scientific).ptr;
  Decimal decimal{.negative = seconds < 0, .digits = {}, .decimals = 0};
  const char* position = text;
  for (; position != end && *position != 'e'; ++position) {
    if (is_digit(*position)) decimal.digits += *position;
  }
  int exponent = 0;
  if (position != end) {
    ++position;
    if (position != end && *position == '+') ++position;
    std::from_chars(position, end, exponent);
  }
  decimal.decimals = static_cast<int>(decimal.digits.size()) - 1 - exponent;
  for (; decimal.decimals < 0; ++decimal.decimals) decimal.digits += '0';
  return from_decimal(decimal, 18).value();
}

RationalTime operator+(RationalTime a, RationalTime b) {
  return reduced(Wide{a.numerator_} * b.denominator_ + Wide{b.numerator_} * a.denominator_,
                 Wide{a.denominator_} * b.denominator_);
}

RationalTime operator-(RationalTime a, RationalTime b) {
  return reduced(Wide{a.numerator_} * b.denominator_ - Wide{b.numerator_} * a.denominator_,
                 Wide{a.denominator_} * b.denominator_);
}

RationalTime operator*(RationalTime a, RationalTime b) {
  return reduced(Wide{a.numerator_} * b.numerator_, Wide{a.denominator_} * b.denominator_);
}

RationalTime operator/(RationalTime a, RationalTime b) {
  if (b.numerator_ == 0) throw std::domain_error("a time divided by zero");
  return reduced(Wide{a.numerator_} * b.denominator_, Wide{a.denominator_} * b.numerator_);
}

std::strong_ordering operator<=>(const RationalTime& a, const RationalTime& b) {
  const Wide left = Wide{a.numerator_} * b.denominator_;
  const Wide right = Wide{b.numerator_} * a.denominator_;
  if (left < right) return std::strong_ordering::less;
  if (left > right) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

std::int64_t nearest_frame(RationalTime time, FrameRate fps) {
  const Wide numerator = Wide{time.numerator()} * fps.numerator;
  const Wide denominator = Wide{time.denominator()} * fps.denominator;
  // floor(x + 1/2)
  return narrow(floor_divide(multiply(numerator, 2) + denominator, multiply(denominator, 2)));
}

std::int64_t frames_to_cover(RationalTime time, FrameRate fps) {
  const Wide numerator = Wide{time.numerator()} * fps.numerator;
  const Wide denominator = Wide{time.denominator()} * fps.denominator;
  return narrow(-floor_divide(-numerator, denominator));
}

RationalTime time_of_frame(std::int64_t frame, FrameRate fps) {
  return reduced(Wide{frame} * fps.denominator, fps.numerator);
}

std::optional<RationalTime> parse_decimal(std::string_view text, int decimals) {
  Decimal decimal;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    decimal.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  bool point = false;
  bool any = false;
  for (const char c : text) {
    if (is_digit(c)) {
      any = true;
      if (c != '0' || !decimal.digits.empty()) decimal.digits += c;
      if (point) ++decimal.decimals;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      return std::nullopt;
    }
  }
  if (!any || text.size() > 64) return std::nullopt;
  return from_decimal(decimal, decimals);
}

std::optional<std::string> exact_decimal(RationalTime time) {
  Wide scale = 1;
  for (int decimals = 0; decimals <= 18; ++decimals, scale *= 10) {
    if (scale % time.denominator() != 0) continue;
    const Wide scaled = Wide{time.numerator()} * (scale / time.denominator());
    const Wide magnitude = scaled < 0 ? -scaled : scaled;
    const auto whole = static_cast<std::uint64_t>(magnitude / scale);
    const auto part = static_cast<std::uint64_t>(magnitude % scale);
    std::string text = fmt::format("{}{}", scaled < 0 ? "-" : "", whole);
    if (decimals > 0) text += fmt::format(".{:0{}}", part, decimals);
    return text;
  }
  return std::nullopt;
}

std::string format_seconds(RationalTime time) {
  const std::int64_t milliseconds = nearest_frame(time, {.numerator = 1000, .denominator = 1});
  return exact_decimal({milliseconds, 1000}).value() + " s";
}

}  // namespace latentreel::scenes
