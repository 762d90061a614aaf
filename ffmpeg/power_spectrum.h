// The power spectrum of samples, by libav's transform of real numbers.
#pragma once

#include <memory>
#include <span>

namespace latentreel::ffmpeg {

class PowerSpectrum {
 public:
  // For blocks of `size` samples, a power of two from 16 on. Throws MediaError (internal).
  explicit PowerSpectrum(int size);
  ~PowerSpectrum();
  PowerSpectrum(PowerSpectrum&&) noexcept;
  PowerSpectrum& operator=(PowerSpectrum&&) noexcept;

  // |X[k]|^2 for k = 0 .. size / 2, where X[k] is the sum over n of samples[n] exp(-2 pi i k n /
  // size). `samples` holds size values, `power` takes size / 2 + 1.
  void operator()(std::span<const float> samples, std::span<float> power);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentreel::ffmpeg
