// Lanczos-3 with a window that grows where a picture shrinks (so every source pixel counts), in
// integers, the horizontal direction first. Weights for 8-bit values have Pillow's 22 fraction
// bits; 16-bit values have 14, so that all sums fit 32 bits.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "ffmpeg/error.h"
#include "ffmpeg/image.h"
#include "ffmpeg/resizer.h"

namespace latentreel::ffmpeg {
namespace {

constexpr double kRadius = 3;

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) {
  return std::abs(x) < kRadius ? sinc(x) * sinc(x / kRadius) : 0;
}

template <class Sample>
constexpr int kFractionBits = sizeof(Sample) == 1 ? 22 : 14;

template <class Sample>
Sample round_and_clamp(std::int32_t sum) {
  return static_cast<Sample>(std::clamp<std::int32_t>(sum >> kFractionBits<Sample>, 0,
                                                      std::numeric_limits<Sample>::max()));
}

template <class Sample>
constexpr std::int32_t kHalf = std::int32_t{1} << (kFractionBits<Sample> - 1);

// The source pixels that make up one pixel of the result, and their weights.
template <class Sample>
std::vector<ResizeTaps> make_taps(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  const double support = kRadius * stretch;
  std::vector<ResizeTaps> all(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int end = std::min(from, static_cast<int>(center + support + 0.5));
    std::vector<double> weights;
    double total = 0;
    for (int x = first; x < end; ++x) {
      weights.push_back(lanczos((x - center + 0.5) / stretch));
      total += weights.back();
    }
    auto& taps = all[static_cast<std::size_t>(i)];
    taps.first = first;
    for (const double weight : weights) {
      taps.weights.push_back(
          static_cast<std::int32_t>(std::lround(weight / total * (1 << kFractionBits<Sample>))));
    }
  }
  return all;
}

}  // namespace

template <class Sample>
Resizer<Sample>::Resizer(int from_width, int from_height, int to_width, int to_height)
    : from_width_(from_width),
      from_height_(from_height),
      to_width_(to_width),
      to_height_(to_height) {
  if (from_width < 1 || from_height < 1 || to_width < 1 || to_height < 1) {
    throw MediaError(MediaError::Kind::internal, "resizing a picture: its size is not positive");
  }
  if (from_width != to_width) columns_ = make_taps<Sample>(from_width, to_width);
  if (from_height != to_height) rows_ = make_taps<Sample>(from_height, to_height);
}

template <class Sample>
void Resizer<Sample>::scale_row(const Sample* in, Sample* out) const {
  for (const auto& taps : columns_) {
    std::int32_t r = kHalf<Sample>, g = kHalf<Sample>, b = kHalf<Sample>;
    const Sample* pixel = in + static_cast<std::ptrdiff_t>(taps.first) * 3;
    for (const std::int32_t weight : taps.weights) {
      r += weight * pixel[0];
      g += weight * pixel[1];
      b += weight * pixel[2];
      pixel += 3;
    }
    *out++ = round_and_clamp<Sample>(r);
    *out++ = round_and_clamp<Sample>(g);
    *out++ = round_and_clamp<Sample>(b);
  }
}

template <class Sample>
std::vector<Sample> Resizer<Sample>::operator()(std::span<const Sample> in) const {
  const auto from_line = static_cast<std::size_t>(from_width_) * 3;
  const auto line = static_cast<std::size_t>(to_width_) * 3;
  if (in.size() != from_line * static_cast<std::size_t>(from_height_)) {
    throw MediaError(MediaError::Kind::internal,
                     "resizing a picture: it does not have the size it claims");
  }
  std::vector<Sample> wide;
  if (columns_.empty()) {
    wide.assign(in.begin(), in.end());
  } else {
    wide.resize(line * static_cast<std::size_t>(from_height_));
    for (std::size_t y = 0; y < static_cast<std::size_t>(from_height_); ++y) {
      scale_row(in.data() + y * from_line, wide.data() + y * line);
    }
  }
  if (rows_.empty()) return wide;

  std::vector<Sample> out(line * static_cast<std::size_t>(to_height_));
  std::vector<std::int32_t> sums(line);
  Sample* to = out.data();
  for (const auto& taps : rows_) {
    std::fill(sums.begin(), sums.end(), kHalf<Sample>);
    const Sample* row = wide.data() + static_cast<std::size_t>(taps.first) * line;
    for (const std::int32_t weight : taps.weights) {
      for (std::size_t x = 0; x < line; ++x) sums[x] += weight * row[x];
      row += line;
    }
    for (std::size_t x = 0; x < line; ++x) to[x] = round_and_clamp<Sample>(sums[x]);
    to += line;
  }
  return out;
}

template class Resizer<std::uint8_t>;
template class Resizer<std::uint16_t>;

Image resize(const Image& image, int width, int height) {
  const Resizer<std::uint8_t> resizer(image.width, image.height, width, height);
  return {width, height, resizer(image.rgb)};
}

Image16 resize(const Image16& image, int width, int height) {
  const Resizer<std::uint16_t> resizer(image.width, image.height, width, height);
  return {width, height, resizer(image.rgb)};
}

}  // namespace latentreel::ffmpeg
