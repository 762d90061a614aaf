#include "ffmpeg/song_signal.h"

#include <algorithm>
#include <cmath>

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

FramePtr make_planes(int channels, int count) {
  FramePtr frame = make_frame();
  frame->format = AV_SAMPLE_FMT_DBLP;
  frame->nb_samples = count;
  frame->ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
  frame->ch_layout.nb_channels = channels;
  check(av_frame_get_buffer(frame.get(), 0), Kind::internal, "making room for a song's samples");
  return frame;
}

double* plane(const AVFrame& frame, int channel) {
  return reinterpret_cast<double*>(frame.extended_data[channel]);
}

}  // namespace

SongSignal::SongSignal(const SongPart& part, const SongRange& range, const ChannelMix& mix,
                       double gain)
    : range_(range), mix_(mix), decoder_(part.file) {
  for (double& amount : mix_.matrix) amount *= std::pow(10, gain / 20);
  fifo_.reset(check_alloc(av_audio_fifo_alloc(AV_SAMPLE_FMT_DBLP, mix_.outputs, 1)));
  // The first frame tells what the samples are.
  if (!decoder_.next(frame_.get())) throw MediaError(Kind::invalid, decoder_.doing());
  const auto format = static_cast<AVSampleFormat>(frame_->format);
  bits_ = av_get_bytes_per_sample(format) <= 2 ? 16 : 24;
  open_converter();
  take_frame();
}

FramePtr SongSignal::read(int count) {
  while (av_audio_fifo_size(fifo_.get()) < count) {
    if (!decoder_.next(frame_.get())) {
      throw MediaError(Kind::invalid, decoder_.doing() + ": it changed while it was read");
    }
    take_frame();
  }
  FramePtr samples = make_planes(mix_.outputs, count);
  check(av_audio_fifo_read(fifo_.get(), reinterpret_cast<void**>(samples->extended_data), count),
        Kind::internal, decoder_.doing());
  return samples;
}

// Rate and channels stay, so samples in are samples out.
void SongSignal::open_converter() {
  SwrContext* converter = nullptr;
  check(swr_alloc_set_opts2(&converter, &frame_->ch_layout, AV_SAMPLE_FMT_DBLP, range_.song.rate,
                            &frame_->ch_layout, static_cast<AVSampleFormat>(frame_->format),
                            range_.song.rate, 0, nullptr),
        Kind::internal, decoder_.doing());
  converter_.reset(converter);
  check(swr_init(converter_.get()), Kind::internal, decoder_.doing());
}

// Moves the frame's samples that are not before the part into the queue.
void SongSignal::take_frame() {
  const std::int64_t begin = decoder_.measure().samples - frame_->nb_samples;
  const auto skip =
      static_cast<int>(std::clamp<std::int64_t>(range_.from - begin, 0, frame_->nb_samples));
  if (skip == frame_->nb_samples) return;
  const FramePtr all = make_planes(range_.song.channels, frame_->nb_samples);
  const int got = check(
      swr_convert(converter_.get(), all->extended_data, all->nb_samples,
                  const_cast<const std::uint8_t**>(frame_->extended_data), frame_->nb_samples),
      Kind::internal, decoder_.doing());
  const FramePtr out = mixed(*all, skip, got - skip);
  check(av_audio_fifo_write(fifo_.get(), reinterpret_cast<void**>(out->extended_data),
                            out->nb_samples),
        Kind::internal, decoder_.doing());
}

FramePtr SongSignal::mixed(const AVFrame& from, int begin, int count) const {
  FramePtr out = make_planes(mix_.outputs, count);
  for (int o = 0; o < mix_.outputs; ++o) {
    double* to = plane(*out, o);
    std::fill_n(to, count, 0.0);
    for (int i = 0; i < mix_.inputs; ++i) {
      const double amount = mix_.matrix[static_cast<std::size_t>(o * mix_.inputs + i)];
      if (amount == 0) continue;
      const double* in = plane(from, i) + begin;
      for (int s = 0; s < count; ++s) to[s] += amount * in[s];
    }
  }
  return out;
}

double find_gain(const SongPart& part, const SongRange& range) {
  if (part.gain) return *part.gain;
  const std::string doing = "looking for the peak of the song " + quoted(part.file.string());
  const bool mixed = needs_mix(range.song.channels, part.channels);
  const ChannelMix mix = mixed ? mix_channels(range.song, part.channels, AV_CODEC_ID_ALAC, doing)
                               : separate_channels(range.song.channels);
  SongSignal signal(part, range, mix, 0);
  double peak = 0;
  constexpr std::int64_t kBlock = 4096;
  for (std::int64_t done = 0; done < range.length; done += kBlock) {
    const FramePtr samples = signal.read(static_cast<int>(std::min(kBlock, range.length - done)));
    for (int c = 0; c < mix.outputs; ++c) {
      for (int s = 0; s < samples->nb_samples; ++s) {
        const double size = std::abs(plane(*samples, c)[s]);
        if (std::isfinite(size)) peak = std::max(peak, size);
      }
    }
  }
  return peak > 1 ? kPeakBelowFullScale - 20 * std::log10(peak) : 0;
}

}  // namespace latentreel::ffmpeg
