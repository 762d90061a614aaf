#include "ffmpeg/encoded_song.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "ffmpeg/song_channels.h"
#include "ffmpeg/song_signal.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr std::int64_t kAacBitsPerChannel = 160'000;  // a second

// The nearest of the values that so many bits hold; no number at all is silence.
std::int32_t rounded(double sample, int bits) {
  const double steps = std::ldexp(1.0, bits - 1);
  if (std::isnan(sample)) return 0;
  return static_cast<std::int32_t>(std::lrint(std::clamp(sample * steps, -steps, steps - 1)));
}

// The sample as encoders want it. They take 24 bits as the upper ones of 32.
template <class Sample>
Sample stored(double sample) {
  if constexpr (std::is_same_v<Sample, float>) {
    return std::isnan(sample) ? 0.0f : static_cast<float>(std::clamp(sample, -1.0, 1.0));
  } else if constexpr (std::is_same_v<Sample, std::int16_t>) {
    return static_cast<std::int16_t>(rounded(sample, 16));
  } else {
    return rounded(sample, 24) * 256;
  }
}

// What storing the samples costs.
struct Loss {
  bool exact = true;  // all are among the values of 24 bits
  double peak = 0;
  std::int64_t clipped = 0;

  void see(double sample) {
    constexpr double kSteps = 1 << 23;
    const double steps = sample * kSteps;
    if (!(steps >= -kSteps && steps <= kSteps - 1 && std::nearbyint(steps) == steps)) exact = false;
    peak = std::max(peak, std::abs(sample));
    if (!(std::abs(sample) <= 1)) ++clipped;
  }
};

class EncodedSong final : public SongStream {
 public:
  EncodedSong(const SongPart& part, const SongRange& range, AVCodecID codec, double gain)
      : range_(range),
        gain_(gain),
        doing_(fmt::format("storing the song {} as {}", quoted(part.file.string()),
                           codec == AV_CODEC_ID_AAC ? "AAC" : "ALAC")),
        mix_(mix_channels(range.song, part.channels, codec, doing_)),
        signal_(part, range, mix_, gain) {
    open_encoder(codec);
    position_ = -encoder_->initial_padding;
  }

  const AVCodecParameters& parameters() const override { return *parameters_; }
  int rate() const override { return range_.song.rate; }
  bool bytes_stay() const override { return true; }

  PacketPtr next(std::int64_t until) override {
    if (position_ >= range_.length) return nullptr;
    if (std::min(position_ + encoder_->frame_size, range_.length) > until) return nullptr;
    return encode(range_.length);
  }

  PacketPtr last(std::int64_t end) override {
    end = std::min(end, range_.length);
    return position_ < end ? encode(end) : nullptr;
  }

  SongSummary summary() const override {
    return {.source_codec = avcodec_get_name(range_.song.codec),
            .film_codec = avcodec_get_name(encoder_->codec_id),
            .copied = false,
            .part_seconds = {range_.length, range_.song.rate},
            .film_seconds = {},
            .exact = loss_.exact && is_lossless(encoder_->codec_id) && !is_changed(),
            .mixed = mix_.mixed,
            .gain = gain_,
            .speakers = mix_.renamed,
            .peak = loss_.peak,
            .clipped = loss_.clipped};
  }

 private:
  bool is_changed() const { return mix_.mixed || gain_ != 0; }

  void open_encoder(AVCodecID id) {
    // By name: there are other encoders of AAC, which count their silence differently.
    const AVCodec* codec = avcodec_find_encoder_by_name(avcodec_get_name(id));
    if (codec == nullptr)
      throw MediaError(Kind::internal, doing_ + ": libav has no encoder for it");
    encoder_.reset(check_alloc(avcodec_alloc_context3(codec)));
    if (id == AV_CODEC_ID_AAC) {
      encoder_->sample_fmt = AV_SAMPLE_FMT_FLTP;
      encoder_->bit_rate = kAacBitsPerChannel * mix_.outputs;
    } else if (signal_.bits() == 16 && !is_changed()) {
      encoder_->sample_fmt = AV_SAMPLE_FMT_S16P;
    } else {
      encoder_->sample_fmt = AV_SAMPLE_FMT_S32P;
      encoder_->bits_per_raw_sample = 24;
    }
    encoder_->sample_rate = range_.song.rate;
    encoder_->time_base = {1, range_.song.rate};
    encoder_->thread_count = 1;
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    check(av_channel_layout_from_mask(&encoder_->ch_layout, mix_.speakers), Kind::internal, doing_);
    const int opened = avcodec_open2(encoder_.get(), codec, nullptr);
    if (opened < 0) {
      throw MediaError(Kind::invalid,
                       fmt::format("{}: libav's encoder does not take {} channels at {} Hz ({}); "
                                   "convert the song to 48000 Hz with another program",
                                   doing_, mix_.outputs, range_.song.rate, av_text(opened)));
    }
    parameters_.reset(check_alloc(avcodec_parameters_alloc()));
    check(avcodec_parameters_from_context(parameters_.get(), encoder_.get()), Kind::internal,
          doing_);
  }

  // The next packet, of which only what sounds before `end` counts. ALAC gets no further samples;
  // AAC, whose packets overlap, gets them as long as there are any.
  PacketPtr encode(std::int64_t end) {
    const bool lossless = is_lossless(encoder_->codec_id);
    PacketPtr packet = make_packet();
    int got = 0;
    while ((got = avcodec_receive_packet(encoder_.get(), packet.get())) == AVERROR(EAGAIN)) {
      feed(lossless ? end : range_.length);
    }
    check(got, Kind::internal, doing_);
    av_packet_free_side_data(packet.get());
    packet->pts = packet->dts = position_;
    packet->duration = lossless ? std::min<std::int64_t>(encoder_->frame_size, end - position_)
                                : encoder_->frame_size;
    position_ += packet->duration;
    if (position_ > end) hide_end(*packet, position_ - end);
    return packet;
  }

  void feed(std::int64_t end) {
    const std::int64_t size = std::min<std::int64_t>(encoder_->frame_size, end - fed_);
    if (size <= 0) {
      check(avcodec_send_frame(encoder_.get(), nullptr), Kind::internal, doing_);
      return;
    }
    const FramePtr signal = signal_.read(static_cast<int>(size));
    FramePtr samples = make_frame();
    samples->format = encoder_->sample_fmt;
    samples->nb_samples = signal->nb_samples;
    samples->sample_rate = range_.song.rate;
    check(av_channel_layout_copy(&samples->ch_layout, &encoder_->ch_layout), Kind::internal,
          doing_);
    check(av_frame_get_buffer(samples.get(), 0), Kind::internal, doing_);
    switch (encoder_->sample_fmt) {
      case AV_SAMPLE_FMT_FLTP:
        store<float>(*signal, *samples);
        break;
      case AV_SAMPLE_FMT_S16P:
        store<std::int16_t>(*signal, *samples);
        break;
      default:
        store<std::int32_t>(*signal, *samples);
    }
    samples->pts = fed_;
    fed_ += size;
    check(avcodec_send_frame(encoder_.get(), samples.get()), Kind::internal, doing_);
  }

  template <class Sample>
  void store(const AVFrame& signal, AVFrame& samples) {
    for (int c = 0; c < mix_.outputs; ++c) {
      const auto* from = reinterpret_cast<const double*>(signal.extended_data[c]);
      auto* to = reinterpret_cast<Sample*>(samples.extended_data[c]);
      for (int s = 0; s < signal.nb_samples; ++s) {
        loss_.see(from[s]);
        to[s] = stored<Sample>(from[s]);
      }
    }
  }

  SongRange range_;
  double gain_;
  std::string doing_;
  ChannelMix mix_;
  SongSignal signal_;
  CodecPtr encoder_;
  ParametersPtr parameters_;
  Loss loss_;
  std::int64_t fed_ = 0;       // samples that the encoder got
  std::int64_t position_ = 0;  // of the next packet
};

}  // namespace

std::unique_ptr<SongStream> encode_song(const SongPart& part, const SongRange& range,
                                        AVCodecID codec, double gain) {
  return std::make_unique<EncodedSong>(part, range, codec, gain);
}

}  // namespace latentreel::ffmpeg
