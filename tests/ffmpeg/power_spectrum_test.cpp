#include "ffmpeg/power_spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace latentreel::ffmpeg {
namespace {

TEST(PowerSpectrum, IsTheTransformWrittenOut) {
  for (const std::size_t size : {16u, 64u, 256u}) {
    std::vector<float> samples(size);
    for (std::size_t n = 0; n < size; ++n) {
      samples[n] = static_cast<float>(n * 37 % 101) / 50 - 1;
    }
    std::vector<float> power(size / 2 + 1);
    PowerSpectrum spectrum(static_cast<int>(size));
    spectrum(samples, power);
    for (std::size_t k = 0; k <= size / 2; ++k) {
      std::complex<double> sum = 0;
      for (std::size_t n = 0; n < size; ++n) {
        const double turn =
            -2 * std::numbers::pi * static_cast<double>(k * n) / static_cast<double>(size);
        sum += static_cast<double>(samples[n]) * std::polar(1.0, turn);
      }
      EXPECT_NEAR(power[k], std::norm(sum), 1e-4 * static_cast<double>(size * size)) << k;
    }
  }
}

TEST(PowerSpectrum, OfASineIsOneLine) {
  constexpr std::size_t kSize = 2048;
  std::vector<float> samples(kSize), power(kSize / 2 + 1);
  for (std::size_t n = 0; n < kSize; ++n) {
    samples[n] =
        static_cast<float>(std::sin(2 * std::numbers::pi * 100 * static_cast<double>(n) / kSize));
  }
  PowerSpectrum spectrum(kSize);
  for (int again = 0; again < 2; ++again) {
    spectrum(samples, power);
    EXPECT_NEAR(power[100], 1024.0 * 1024, 10);
    EXPECT_LT(power[99] + power[101] + power[0] + power[1024], 1);
  }
}

}  // namespace
}  // namespace latentreel::ffmpeg
