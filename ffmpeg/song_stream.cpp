#include "ffmpeg/song_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <string>

#include "ffmpeg/codec_table.h"
#include "ffmpeg/encoded_song.h"
#include "ffmpeg/mp3_frame.h"
#include "ffmpeg/opus_packet.h"
#include "ffmpeg/song.h"
#include "ffmpeg/song_channels.h"
#include "ffmpeg/song_decoder.h"
#include "ffmpeg/song_proof.h"
#include "ffmpeg/song_signal.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

std::int64_t to_samples(Ratio seconds, int rate) {
  return av_rescale(seconds.num, rate, seconds.den);
}

// All of the part.
SongRange find_range(const SongPart& part) {
  SongRange range{.song = measure_song(part.file)};
  const int rate = range.song.rate;
  range.from = to_samples(part.from, rate);
  std::int64_t to = range.song.samples;
  if (part.to) to = std::min(to, to_samples(*part.to, rate));
  range.length = to - range.from;
  if (range.length <= to_samples(part.skip, rate)) {
    throw MediaError(
        Kind::usage,
        fmt::format("the song {} is {:.3f} seconds long, so nothing of it is left from "
                    "{:.3f} seconds on",
                    quoted(part.file.string()), static_cast<double>(range.song.samples) / rate,
                    part.from.value() + part.skip.value()));
  }
  return range;
}

// The same from where the film begins: each film of the part has its samples where all have them.
SongRange without_skipped(SongRange range, const SongPart& part) {
  const std::int64_t skipped = to_samples(part.skip, range.song.rate);
  range.from += skipped;
  range.length -= skipped;
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
        parameters_(copy_parameters(*stream_->codecpar)) {
    parameters_->sample_rate = range.song.rate;
    find_first();
    if (peek() == nullptr)
      throw MediaError(Kind::invalid, doing_ + ": nothing of it can be copied");
    // Matroska's name for what is decoded and not heard.
    if (is_matroska(film)) {
      parameters_->initial_padding = static_cast<int>(std::max<std::int64_t>(0, -peek()->pts));
    }
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
    packet->flags &= ~AV_PKT_FLAG_DISCARD;  // of an edit list that the film does not have
    const std::int64_t duration = length_of(*packet);
    if (number_ == 1) position_ = place_of_first(duration);
    packet->pts = packet->dts = position_ - range_.from;
    packet->duration = duration;
    packet->pos = -1;
    packet->stream_index = 0;
    position_ += duration;
    if (packet->pts >= range_.length) return;
    cut_end(*packet, range_.length);
    upcoming_ = std::move(packet);
  }

  // In samples: what it is decoded to. Containers round their time stamps, and some give none.
  std::int64_t length_of(const AVPacket& packet) {
    if (number_ == range_.song.packets.size())
      throw MediaError(Kind::invalid, doing_ + ": it changed while it was read");
    const int decoded = range_.song.packets[number_++];
    if (is_pcm(codec_)) return packet.size / bytes_per_sample();
    if (codec_ == AV_CODEC_ID_OPUS) {
      // libav holds back some of a packet's samples until the next one.
      const auto size = static_cast<std::size_t>(packet.size);
      return opus_samples(packet.data, size).value_or(decoded);
    }
    if (decoded > 0) return decoded;
    // Vorbis begins with a packet that has no sound.
    return std::max<std::int64_t>(
        1, av_rescale_q(packet.duration, stream_->time_base, {1, range_.song.rate}));
  }

  // What is silent takes no time from what follows.
  std::int64_t place_of_first(std::int64_t duration) const {
    return range_.song.first - (range_.song.packets[0] == 0 ? duration : 0);
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
    if (is_pcm(codec_)) {
      packet.duration -= extra;
      av_shrink_packet(&packet, packet.size - static_cast<int>(extra) * bytes_per_sample());
      return;
    }
    // MP4 goes by the duration. Matroska stores what is hidden too, but libav's decoders that work
    // in several threads, which are the lossless ones, then cut an earlier packet.
    if (is_lossless(codec_)) {
      packet.duration -= extra;
    } else {
      hide_end(packet, extra);
    }
  }

  SongRange range_;
  std::string doing_;
  InputFile input_;
  AVStream* stream_;
  AVCodecID codec_;
  ParametersPtr parameters_;
  std::deque<PacketPtr> warming_;
  PacketPtr upcoming_;
  std::size_t number_ = 0;     // of packets read
  std::int64_t position_ = 0;  // of the next packet, in the song
};

constexpr std::int64_t kTriedSeconds = 10;

// What goes wrong with the packets in a film; empty where nothing does. The beginning is tried by
// itself, as the whole may be too large to be read again. The song was decoded to its end before,
// so what is wrong with its packets does not matter to an encoder.
std::string refusal_of_copy(const SongPart& part, VideoCodec film, const SongRange& range) {
  SongRange beginning = range;
  beginning.length = std::min(range.length, kTriedSeconds * range.song.rate);
  try {
    CopiedSong first(part, film, beginning);
    std::string refusal = refusal_of(first, film);
    if (!refusal.empty() || beginning.length == range.length) return refusal;
    CopiedSong whole(part, film, range);
    return refusal_of(whole, film);
  } catch (const MediaError& error) {
    if (error.kind() != Kind::invalid) throw;
    return error.what();
  }
}

// What is wanted of the song's codec; nothing where any will do.
std::optional<AVCodecID> wanted_codec(SongCodec codec) {
  if (codec == SongCodec::alac) return AV_CODEC_ID_ALAC;
  if (codec == SongCodec::aac) return AV_CODEC_ID_AAC;
  return std::nullopt;
}

// Why the song's packets cannot go into the film as they are; empty where they can.
std::string why_not_copied(const SongPart& part, VideoCodec film, const SongRange& range,
                           double gain) {
  const AVCodecID codec = range.song.codec;
  const std::string name = avcodec_get_name(codec);
  const auto container = file_extension(film);
  if (needs_mix(range.song.channels, part.channels)) return "its channels are to be mixed";
  if (gain != 0) return fmt::format("its sound is to change by {:.1f} dB", gain);
  if (wanted_codec(part.codec).value_or(codec) != codec) return "it is to have another codec";
  if (!can_copy_song(name, film)) return fmt::format("{} films cannot carry {}", container, name);
  if (range.song.cut_inside) return "parts of it are cut out, which its packets hold";
  if (is_matroska(film) && is_pcm(codec) && !go_without_saying(range.song)) {
    return fmt::format("{} in {} films does not say which speakers its channels belong to", name,
                       container);
  }
  const bool hides_beginning =
      range.from == 0 || is_pcm(codec) || (!is_matroska(film) && codec != AV_CODEC_ID_VORBIS);
  if (!hides_beginning) {
    return fmt::format("{} in {} films begins between packets only, and not exactly at from", name,
                       container);
  }
  return refusal_of_copy(part, film, range);
}

}  // namespace

void hide_end(AVPacket& packet, std::int64_t samples) {
  packet.duration -= samples;
  constexpr std::size_t kSize = 10;  // little endian: samples at the beginning, at the end, reasons
  std::uint8_t* side =
      check_alloc(av_packet_new_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, kSize));
  std::memset(side, 0, kSize);
  for (int i = 0; i < 4; ++i) side[4 + i] = static_cast<std::uint8_t>(samples >> (8 * i));
}

std::unique_ptr<SongStream> open_song(const SongPart& part, VideoCodec film) {
  const SongRange all = find_range(part);
  const double gain = find_gain(part, all);
  const SongRange range = without_skipped(all, part);
  const std::string obstacle = why_not_copied(part, film, range, gain);
  if (obstacle.empty()) return std::make_unique<CopiedSong>(part, film, range);
  if (part.codec == SongCodec::copy) {
    throw MediaError(
        Kind::invalid,
        fmt::format("copying the song {} into a {} film: {}; leave codec = \"copy\" out "
                    "of [music], or set it to \"alac\" or \"aac\"",
                    quoted(part.file.string()), file_extension(film), obstacle));
  }
  return encode_song(part, range, wanted_codec(part.codec).value_or(AV_CODEC_ID_ALAC), gain);
}

}  // namespace latentreel::ffmpeg
