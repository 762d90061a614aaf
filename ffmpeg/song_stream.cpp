#include "ffmpeg/song_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

#include "ffmpeg/codec_table.h"
#include "ffmpeg/song.h"
#include "ffmpeg/song_decoder.h"
#include "ffmpeg/song_proof.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

// The part in samples of what is heard.
struct SongRange {
  SongMeasure song;
  std::int64_t from = 0;
  std::int64_t length = 0;
};

std::int64_t to_samples(Ratio seconds, int rate) {
  return av_rescale(seconds.num, rate, seconds.den);
}

SongRange find_range(const SongPart& part) {
  SongRange range{.song = measure_song(part.file)};
  const int rate = range.song.rate;
  range.from = to_samples(part.from, rate);
  std::int64_t to = range.song.samples;
  if (part.to) to = std::min(to, to_samples(*part.to, rate));
  range.length = to - range.from;
  if (range.length <= 0) {
    throw MediaError(
        Kind::usage,
        fmt::format("the song {} is {:.3f} seconds long, so nothing of it is left from "
                    "{:.3f} seconds on",
                    quoted(part.file.string()), static_cast<double>(range.song.samples) / rate,
                    part.from.value()));
  }
  return range;
}

// Samples that a decoder needs before the first one that counts.
std::int64_t warm_up(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_AAC:
      return 2048;
    case AV_CODEC_ID_OPUS:
      return 3840;  // 80 ms, says RFC 7845
    case AV_CODEC_ID_AC3:
    case AV_CODEC_ID_EAC3:
      return 1536;
    default:
      return 0;
  }
}

// MP3 frames of which no header says how much they lend, as with free bit rates.
constexpr std::size_t kMaxWarming = 64;

bool is_pcm(AVCodecID codec) {
  return av_get_exact_bits_per_sample(codec) > 0;
}

ParametersPtr copy_parameters(const AVCodecParameters& from) {
  ParametersPtr to(check_alloc(avcodec_parameters_alloc()));
  check(avcodec_parameters_copy(to.get(), &from), Kind::internal, "copying a song's parameters");
  to->codec_tag = 0;  // belongs to the container it comes from
  return to;
}

class CopiedSong final : public SongStream {
 public:
  CopiedSong(const SongPart& part, VideoCodec film, const SongRange& range)
      : range_(range),
        doing_("reading the song " + quoted(part.file.string())),
        input_(open_song_container(part.file, doing_)),
        stream_(find_sound(input_, doing_)),
        codec_(stream_->codecpar->codec_id),
        matroska_(file_extension(film) == ".mkv"),
        parameters_(copy_parameters(*stream_->codecpar)) {
    parameters_->sample_rate = range.song.rate;
    find_first();
    if (peek() == nullptr)
      throw MediaError(Kind::invalid, doing_ + ": nothing of it can be copied");
    // Matroska's name for what is decoded and not heard.
    if (matroska_)
      parameters_->initial_padding = static_cast<int>(std::max<std::int64_t>(0, -peek()->pts));
  }

  const AVCodecParameters& parameters() const override { return *parameters_; }
  int rate() const override { return range_.song.rate; }
  bool bytes_stay() const override {
    return codec_ != AV_CODEC_ID_AAC || parameters_->extradata_size > 0;
  }

  PacketPtr next(std::int64_t until) override {
    const AVPacket* packet = peek();
    if (packet == nullptr || packet->pts + packet->duration > until) return nullptr;
    return take();
  }

  PacketPtr last(std::int64_t end) override {
    const AVPacket* packet = peek();
    if (packet == nullptr || packet->pts >= end) return nullptr;
    PacketPtr taken = take();
    cut_end(*taken, end);
    return taken;
  }

  SongSummary summary() const override {
    return {.source_codec = avcodec_get_name(codec_),
            .film_codec = avcodec_get_name(codec_),
            .copied = true,
            .part_seconds = {range_.length, range_.song.rate},
            .film_seconds = {}};
  }

 private:
  // Reads on until a packet counts, keeping those before it that Note [Cutting songs] tells of.
  void find_first() {
    const bool cut = range_.from > 0;
    for (read(); upcoming_ && upcoming_->pts + upcoming_->duration <= 0; read()) {
      warming_.push_back(std::move(upcoming_));
      while (cut && !warming_.empty() && is_warm_without_front()) warming_.pop_front();
    }
    if (upcoming_ && is_pcm(codec_)) cut_beginning(*upcoming_);
  }

  bool is_warm_without_front() const {
    if (codec_ == AV_CODEC_ID_MP3) return is_mp3_warm_without_front();
    std::int64_t samples = 0;
    for (auto packet = warming_.begin() + 1; packet != warming_.end(); ++packet) {
      samples += (*packet)->duration;
    }
    return samples >= warm_up(codec_);
  }

  // The bits of an MP3 frame may lie in the frames before it, which can be many where they are
  // small. The two last ones must be decoded right too: they overlap what is heard.
  bool is_mp3_warm_without_front() const {
    constexpr std::size_t kOverlapping = 2;
    if (warming_.size() <= kOverlapping + 1) return false;
    int bytes = 0;
    for (std::size_t i = 1; i < warming_.size() - kOverlapping; ++i) {
      const auto frame =
          read_mp3_frame(warming_[i]->data, static_cast<std::size_t>(warming_[i]->size));
      if (!frame) continue;
      bytes += std::max(0, frame->main_bytes);
      if (bytes >= frame->reservoir) return true;
    }
    return warming_.size() > kMaxWarming;
  }

  const AVPacket* peek() {
    if (!warming_.empty()) return warming_.front().get();
    return upcoming_.get();
  }

  PacketPtr take() {
    PacketPtr packet;
    if (!warming_.empty()) {
      packet = std::move(warming_.front());
      warming_.pop_front();
    } else {
      packet = std::move(upcoming_);
      read();
    }
    return packet;
  }

  // The next packet with its place in the film; none behind the part's end.
  void read() {
    upcoming_.reset();
    PacketPtr packet = make_packet();
    if (!input_.read(packet.get())) return;
    if (starts_link(*packet, codec_)) {
      throw MediaError(Kind::invalid,
                       doing_ + ": it is several songs in a row, with headers between");
    }
    av_packet_free_side_data(packet.get());
    const AVRational unit = {1, range_.song.rate};
    const std::int64_t duration = is_pcm(codec_)
                                      ? packet->size / bytes_per_sample()
                                      : av_rescale_q(packet->duration, stream_->time_base, unit);
    place(packet->pts);
    packet->pts = packet->dts = position_ - range_.song.origin - range_.from;
    packet->duration = duration;
    packet->pos = -1;
    packet->stream_index = 0;
    position_ += duration;
    if (packet->pts >= range_.length) return;
    cut_end(*packet, range_.length);
    upcoming_ = std::move(packet);
  }

  // Where the container's time stamps are rounded, counting durations is exact; a jump beyond
  // rounding is a gap, and the container is right.
  void place(std::int64_t pts) {
    if (pts == AV_NOPTS_VALUE) return;
    const AVRational unit = {1, range_.song.rate};
    const std::int64_t stamped = av_rescale_q(pts, stream_->time_base, unit);
    const std::int64_t rounding = 2 + av_rescale_q_rnd(2, stream_->time_base, unit, AV_ROUND_UP);
    if (!placed_ || std::abs(stamped - position_) > rounding) position_ = stamped;
    placed_ = true;
  }

  int bytes_per_sample() const {
    return av_get_exact_bits_per_sample(codec_) / 8 * range_.song.channels;
  }

  void cut_beginning(AVPacket& packet) const {
    if (packet.pts >= 0) return;
    const auto bytes = static_cast<int>(-packet.pts) * bytes_per_sample();
    packet.data += bytes;
    packet.size -= bytes;
    packet.duration += packet.pts;
    packet.pts = packet.dts = 0;
  }

  void cut_end(AVPacket& packet, std::int64_t end) const {
    const std::int64_t extra = packet.pts + packet.duration - end;
    if (extra <= 0) return;
    packet.duration -= extra;
    if (is_pcm(codec_)) {
      av_shrink_packet(&packet, packet.size - static_cast<int>(extra) * bytes_per_sample());
      return;
    }
    // MP4 goes by the duration. Matroska stores this too, but libav's decoders that work in several
    // threads, which are the lossless ones, then cut an earlier packet.
    if (is_lossless(codec_)) return;
    std::uint8_t* side =
        check_alloc(av_packet_new_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, 10));
    std::memset(side, 0, 10);
    for (int i = 0; i < 4; ++i) side[4 + i] = static_cast<std::uint8_t>(extra >> (8 * i));
  }

  SongRange range_;
  std::string doing_;
  InputFile input_;
  AVStream* stream_;
  AVCodecID codec_;
  bool matroska_;
  ParametersPtr parameters_;
  std::deque<PacketPtr> warming_;
  PacketPtr upcoming_;
  std::int64_t position_ = 0;  // of the next packet, in the stream's own time
  bool placed_ = false;
};

class AlacSong final : public SongStream {
 public:
  AlacSong(const SongPart& part, const SongRange& range) : range_(range), decoder_(part.file) {
    // The first frame tells what the samples are.
    if (!decoder_.next(frame_.get())) throw MediaError(Kind::invalid, decoder_.doing());
    const auto format = static_cast<AVSampleFormat>(frame_->format);
    const bool small = av_get_bytes_per_sample(format) <= 2;
    open_encoder(small ? AV_SAMPLE_FMT_S16P : AV_SAMPLE_FMT_S32P);
    open_converter(format);
    fifo_.reset(check_alloc(
        av_audio_fifo_alloc(encoder_->sample_fmt, range.song.channels, encoder_->frame_size)));
    take_frame();
  }

  const AVCodecParameters& parameters() const override { return *parameters_; }
  int rate() const override { return range_.song.rate; }
  bool bytes_stay() const override { return true; }

  PacketPtr next(std::int64_t until) override {
    const std::int64_t size = std::min<std::int64_t>(encoder_->frame_size, range_.length - done_);
    if (size <= 0 || done_ + size > until) return nullptr;
    return encode(size);
  }

  PacketPtr last(std::int64_t end) override {
    const std::int64_t left = std::min(end, range_.length) - done_;
    if (left <= 0) return nullptr;
    return encode(std::min<std::int64_t>(encoder_->frame_size, left));
  }

  SongSummary summary() const override {
    return {.source_codec = avcodec_get_name(decoder_.stream()->codecpar->codec_id),
            .film_codec = "alac",
            .copied = false,
            .part_seconds = {range_.length, range_.song.rate},
            .film_seconds = {},
            .exact = exact_,
            .peak = peak_,
            .clipped = clipped_};
  }

 private:
  void open_encoder(AVSampleFormat format) {
    const std::string doing = decoder_.doing() + ", to store it as ALAC";
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_ALAC);
    if (codec == nullptr) throw MediaError(Kind::internal, doing + ": libav has no ALAC encoder");
    encoder_.reset(check_alloc(avcodec_alloc_context3(codec)));
    encoder_->sample_fmt = format;
    if (format == AV_SAMPLE_FMT_S32P) encoder_->bits_per_raw_sample = 24;
    encoder_->sample_rate = range_.song.rate;
    encoder_->time_base = {1, range_.song.rate};
    encoder_->thread_count = 1;
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    if (frame_->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
      av_channel_layout_default(&encoder_->ch_layout, range_.song.channels);
    } else {
      check(av_channel_layout_copy(&encoder_->ch_layout, &frame_->ch_layout), Kind::internal,
            doing);
    }
    const int opened = avcodec_open2(encoder_.get(), codec, nullptr);
    if (opened < 0) {
      throw MediaError(Kind::invalid,
                       fmt::format("{}: ALAC cannot hold its {} channels; mix it to stereo", doing,
                                   range_.song.channels));
    }
    parameters_.reset(check_alloc(avcodec_parameters_alloc()));
    check(avcodec_parameters_from_context(parameters_.get(), encoder_.get()), Kind::internal,
          doing);
  }

  // Rate and channels stay, so samples in are samples out.
  void open_converter(AVSampleFormat from) {
    SwrContext* converter = nullptr;
    check(swr_alloc_set_opts2(&converter, &encoder_->ch_layout, encoder_->sample_fmt,
                              range_.song.rate, &encoder_->ch_layout, from, range_.song.rate, 0,
                              nullptr),
          Kind::internal, decoder_.doing());
    converter_.reset(converter);
    check(swr_init(converter_.get()), Kind::internal, decoder_.doing());
  }

  // What 24 bits cannot hold of the frame's samples [begin, end). 16 bits and fewer stay as they
  // are.
  void measure_loss(std::int64_t begin, std::int64_t end) {
    switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(frame_->format))) {
      case AV_SAMPLE_FMT_S32:
        return for_each_sample<std::int32_t>(
            begin, end, [this](std::int32_t sample) { exact_ = exact_ && sample % 256 == 0; });
      case AV_SAMPLE_FMT_FLT:
        return for_each_sample<float>(begin, end, [this](float s) { measure_real(s); });
      case AV_SAMPLE_FMT_DBL:
        return for_each_sample<double>(begin, end, [this](double s) { measure_real(s); });
      default:
        return;
    }
  }

  template <class Sample, class See>
  void for_each_sample(std::int64_t begin, std::int64_t end, const See& see) const {
    const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(frame_->format)) != 0;
    const int planes = planar ? range_.song.channels : 1;
    const std::int64_t step = planar ? 1 : range_.song.channels;
    for (int p = 0; p < planes; ++p) {
      const auto* samples = reinterpret_cast<const Sample*>(frame_->extended_data[p]);
      std::for_each(samples + begin * step, samples + end * step, see);
    }
  }

  void measure_real(double sample) {
    constexpr double kSteps = 1 << 23;
    const double steps = sample * kSteps;
    if (!(steps >= -kSteps && steps <= kSteps - 1 && std::nearbyint(steps) == steps))
      exact_ = false;
    peak_ = std::max(peak_, std::abs(sample));
    if (!(std::abs(sample) <= 1)) ++clipped_;
  }

  // Moves the frame's samples that belong to the part into the queue.
  void take_frame() {
    const std::int64_t begin = decoder_.measure().samples - frame_->nb_samples;
    const std::int64_t skip = std::clamp<std::int64_t>(range_.from - begin, 0, frame_->nb_samples);
    if (skip == frame_->nb_samples) return;
    measure_loss(skip, std::clamp<std::int64_t>(range_.from + range_.length - begin, skip,
                                                frame_->nb_samples));
    FramePtr out = make_frame();
    out->format = encoder_->sample_fmt;
    out->nb_samples = frame_->nb_samples;
    out->sample_rate = range_.song.rate;
    check(av_channel_layout_copy(&out->ch_layout, &encoder_->ch_layout), Kind::internal,
          decoder_.doing());
    check(av_frame_get_buffer(out.get(), 0), Kind::internal, decoder_.doing());
    const int got = check(
        swr_convert(converter_.get(), out->extended_data, out->nb_samples,
                    const_cast<const std::uint8_t**>(frame_->extended_data), frame_->nb_samples),
        Kind::internal, decoder_.doing());
    std::vector<void*> planes;
    const int bytes = av_get_bytes_per_sample(encoder_->sample_fmt);
    for (int c = 0; c < range_.song.channels; ++c) {
      planes.push_back(out->extended_data[c] + skip * bytes);
    }
    check(av_audio_fifo_write(fifo_.get(), planes.data(), got - static_cast<int>(skip)),
          Kind::internal, decoder_.doing());
  }

  PacketPtr encode(std::int64_t size) {
    while (av_audio_fifo_size(fifo_.get()) < size) {
      if (!decoder_.next(frame_.get())) {
        throw MediaError(Kind::invalid, decoder_.doing() + ": it changed while it was read");
      }
      take_frame();
    }
    FramePtr samples = make_frame();
    samples->format = encoder_->sample_fmt;
    samples->nb_samples = static_cast<int>(size);
    samples->sample_rate = range_.song.rate;
    check(av_channel_layout_copy(&samples->ch_layout, &encoder_->ch_layout), Kind::internal,
          decoder_.doing());
    check(av_frame_get_buffer(samples.get(), 0), Kind::internal, decoder_.doing());
    check(av_audio_fifo_read(fifo_.get(), reinterpret_cast<void**>(samples->extended_data),
                             samples->nb_samples),
          Kind::internal, decoder_.doing());
    samples->pts = done_;
    check(avcodec_send_frame(encoder_.get(), samples.get()), Kind::internal, decoder_.doing());
    PacketPtr packet = make_packet();
    check(avcodec_receive_packet(encoder_.get(), packet.get()), Kind::internal, decoder_.doing());
    av_packet_free_side_data(packet.get());
    packet->pts = packet->dts = done_;
    packet->duration = size;
    done_ += size;
    return packet;
  }

  SongRange range_;
  SongDecoder decoder_;
  FramePtr frame_ = make_frame();
  CodecPtr encoder_;
  ParametersPtr parameters_;
  ResamplerPtr converter_;
  AudioFifoPtr fifo_;
  bool exact_ = true;
  double peak_ = 0;
  std::int64_t clipped_ = 0;
  std::int64_t done_ = 0;  // samples encoded
};

// Whether the muxer takes all packets. The song was decoded to its end before, so what is wrong
// with them is of no concern to AlacSong.
bool can_copy(const SongPart& part, VideoCodec film, const SongRange& range) {
  try {
    CopiedSong song(part, film, range);
    return refusal_of(song, film).empty();
  } catch (const MediaError& error) {
    if (error.kind() != Kind::invalid) throw;
    return false;
  }
}

}  // namespace

std::unique_ptr<SongStream> open_song(const SongPart& part, VideoCodec film) {
  const SongRange range = find_range(part);
  const std::string doing = "reading the song " + quoted(part.file.string());
  InputFile input = open_song_container(part.file, doing);
  const AVCodecID codec = find_sound(input, doing)->codecpar->codec_id;
  const bool hides_beginning = range.from == 0 || is_pcm(codec) ||
                               (file_extension(film) != ".mkv" && codec != AV_CODEC_ID_VORBIS);
  if (can_copy_song(avcodec_get_name(codec), film) && hides_beginning &&
      can_copy(part, film, range)) {
    return std::make_unique<CopiedSong>(part, film, range);
  }
  return std::make_unique<AlacSong>(part, range);
}

}  // namespace latentreel::ffmpeg
