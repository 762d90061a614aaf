#include "ffmpeg/song_reader.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ffmpeg/song_decoder.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

// To one channel at `rate` from what `frame` holds.
ResamplerPtr mono_resampler(const AVFrame& frame, int rate, const std::string& doing) {
  AVChannelLayout from = {};
  if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
    av_channel_layout_default(&from, frame.ch_layout.nb_channels);
  } else {
    check(av_channel_layout_copy(&from, &frame.ch_layout), Kind::internal, doing);
  }
  AVChannelLayout one = AV_CHANNEL_LAYOUT_MONO;
  SwrContext* made = nullptr;
  const int set =
      swr_alloc_set_opts2(&made, &one, AV_SAMPLE_FMT_FLT, rate, &from,
                          static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
  ResamplerPtr resampler(made);
  av_channel_layout_uninit(&from);
  check(set, Kind::internal, doing);
  // Without it the sum of two channels may be above full scale.
  check(av_opt_set_double(resampler.get(), "rematrix_maxval", 1.0, 0), Kind::internal, doing);
  check(swr_init(resampler.get()), Kind::invalid, doing);
  return resampler;
}

}  // namespace

struct SongReader::Impl {
  Impl(const std::filesystem::path& file, int wanted_rate) : song(file), rate(wanted_rate) {}

  bool refill();
  void convert(const AVFrame* from);

  SongDecoder song;
  int rate;
  FramePtr frame = make_frame();
  ResamplerPtr resampler;
  std::vector<float> ready;  // converted and, from `next` on, not yet handed out
  std::size_t next = 0;
  bool ended = false;
};

// Appends what comes of a frame or, where there is none, the resampler's rest.
void SongReader::Impl::convert(const AVFrame* from) {
  const int most = swr_get_out_samples(resampler.get(), from != nullptr ? from->nb_samples : 0);
  check(most, Kind::internal, song.doing());
  const std::size_t before = ready.size();
  ready.resize(before + static_cast<std::size_t>(most));
  auto* to = reinterpret_cast<std::uint8_t*>(ready.data() + before);
  const auto** data =
      from != nullptr ? const_cast<const std::uint8_t**>(from->extended_data) : nullptr;
  const int made =
      check(swr_convert(resampler.get(), &to, most, data, from != nullptr ? from->nb_samples : 0),
            Kind::internal, song.doing());
  ready.resize(before + static_cast<std::size_t>(made));
  std::replace_if(
      ready.begin() + static_cast<std::ptrdiff_t>(before), ready.end(),
      [](float sample) { return !std::isfinite(sample); }, 0.0f);
}

bool SongReader::Impl::refill() {
  ready.clear();
  next = 0;
  while (ready.empty() && !ended) {
    if (song.next(frame.get())) {
      if (rate == 0) rate = frame->sample_rate;
      if (!resampler) resampler = mono_resampler(*frame, rate, song.doing());
      convert(frame.get());
    } else {
      ended = true;
      convert(nullptr);
    }
  }
  return !ready.empty();
}

SongReader::SongReader(const std::filesystem::path& file, int rate)
    : impl_(std::make_unique<Impl>(file, rate)) {}

SongReader::~SongReader() = default;
SongReader::SongReader(SongReader&&) noexcept = default;
SongReader& SongReader::operator=(SongReader&&) noexcept = default;

std::size_t SongReader::read(std::span<float> samples) {
  std::size_t filled = 0;
  while (filled < samples.size()) {
    if (impl_->next == impl_->ready.size() && !impl_->refill()) break;
    const std::size_t count = std::min(impl_->ready.size() - impl_->next, samples.size() - filled);
    std::copy_n(impl_->ready.begin() + static_cast<std::ptrdiff_t>(impl_->next), count,
                samples.begin() + static_cast<std::ptrdiff_t>(filled));
    impl_->next += count;
    filled += count;
  }
  return filled;
}

int SongReader::sample_rate() const {
  return impl_->rate;
}

}  // namespace latentreel::ffmpeg
