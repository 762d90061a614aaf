#include "ffmpeg/power_spectrum.h"

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/tx.h>
}

#include <algorithm>
#include <cstddef>

#include "ffmpeg/av_ptr.h"

namespace latentreel::ffmpeg {
namespace {

using TransformPtr = std::unique_ptr<AVTXContext, Deleter<av_tx_uninit>>;

// libav's transforms want memory that is aligned as av_malloc does it. (av_free would take the
// address of a pointer for one, so Deleter is not for it.)
struct FreeAligned {
  void operator()(void* p) const noexcept { av_free(p); }
};
template <class T>
using AlignedPtr = std::unique_ptr<T[], FreeAligned>;

template <class T>
AlignedPtr<T> make_aligned(std::size_t count) {
  return AlignedPtr<T>(check_alloc(static_cast<T*>(av_malloc(count * sizeof(T)))));
}

}  // namespace

struct PowerSpectrum::Impl {
  std::size_t size = 0;
  av_tx_fn transform = nullptr;
  TransformPtr context;
  AlignedPtr<float> in;
  AlignedPtr<AVComplexFloat> out;
};

PowerSpectrum::PowerSpectrum(int size) : impl_(std::make_unique<Impl>()) {
  impl_->size = static_cast<std::size_t>(size);
  impl_->in = make_aligned<float>(impl_->size);
  impl_->out = make_aligned<AVComplexFloat>(impl_->size / 2 + 1);
  AVTXContext* made = nullptr;
  const float scale = 1.0f;
  check(av_tx_init(&made, &impl_->transform, AV_TX_FLOAT_RDFT, 0, size, &scale, 0),
        MediaError::Kind::internal, "preparing a Fourier transform");
  impl_->context.reset(made);
}

PowerSpectrum::~PowerSpectrum() = default;
PowerSpectrum::PowerSpectrum(PowerSpectrum&&) noexcept = default;
PowerSpectrum& PowerSpectrum::operator=(PowerSpectrum&&) noexcept = default;

void PowerSpectrum::operator()(std::span<const float> samples, std::span<float> power) {
  std::copy_n(samples.begin(), impl_->size, impl_->in.get());
  impl_->transform(impl_->context.get(), impl_->out.get(), impl_->in.get(), sizeof(float));
  // The last value is real, and libav 5.1 writes no more than that.
  impl_->out[impl_->size / 2].im = 0;
  for (std::size_t k = 0; k <= impl_->size / 2; ++k) {
    const AVComplexFloat value = impl_->out[k];
    power[k] = value.re * value.re + value.im * value.im;
  }
}

}  // namespace latentreel::ffmpeg
