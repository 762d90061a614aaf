#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Exact time. Seconds and frame rates are fractions of 64-bit integers, so a beat, a bar and a
// frame of 30000/1001 a second meet without drift, however long the song.

namespace latentreel::scenes {

// A point in time or a duration in seconds, always in lowest terms with a positive denominator.
// Arithmetic goes through 128 bits; a result that does not fit 64 bits throws std::overflow_error.
class RationalTime {
 public:
  constexpr RationalTime() = default;
  // `seconds` = numerator / denominator. Throws std::domain_error when denominator is 0.
  RationalTime(std::int64_t numerator, std::int64_t denominator);

  // The decimal number that a person would write for `seconds` (its shortest form): 0.37 is 37/100.
  // Digits beyond the 18th decimal are rounded. Throws std::domain_error for NaN, infinities and
  // magnitudes beyond 1e9.
  static RationalTime from_seconds(double seconds);

  std::int64_t numerator() const { return numerator_; }
  std::int64_t denominator() const { return denominator_; }
  double to_seconds() const { return static_cast<double>(numerator_) / denominator_; }

  friend RationalTime operator+(RationalTime a, RationalTime b);
  friend RationalTime operator-(RationalTime a, RationalTime b);
  friend RationalTime operator*(RationalTime a, RationalTime b);
  friend RationalTime operator/(RationalTime a, RationalTime b);  // std::domain_error by zero
  friend bool operator==(const RationalTime&, const RationalTime&) = default;
  friend std::strong_ordering operator<=>(const RationalTime& a, const RationalTime& b);

 private:
  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
};

// Frames per second, exact: 24/1, 30000/1001.
struct FrameRate {
  std::int64_t numerator = 24;
  std::int64_t denominator = 1;

  double to_double() const { return static_cast<double>(numerator) / denominator; }
  friend bool operator==(const FrameRate&, const FrameRate&) = default;
};

// The frame nearest to `time`, ties upwards. Throws std::overflow_error beyond 64 bits.
std::int64_t nearest_frame(RationalTime time, FrameRate fps);
// The smallest number of frames whose end is at or after `time`: ceil(time * fps).
std::int64_t frames_to_cover(RationalTime time, FrameRate fps);
// When `frame` begins.
RationalTime time_of_frame(std::int64_t frame, FrameRate fps);

// The decimal number `text` ("12.5", "-3", ".5"), exact up to `decimals` digits after the point and
// rounded beyond (halves away from zero); none if it is anything else or beyond 1e9. Knows no
// locale.
std::optional<RationalTime> parse_decimal(std::string_view text, int decimals = 18);

// `time` as a decimal number without exponent ("12.5"); none if that needs more than 18 decimals.
std::optional<std::string> exact_decimal(RationalTime time);

// "12.5 s", rounded to a millisecond, trailing zeros dropped: for people, not for parsing.
std::string format_seconds(RationalTime time);

}  // namespace latentreel::scenes
