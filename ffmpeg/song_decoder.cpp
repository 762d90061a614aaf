#include "ffmpeg/song_decoder.h"

#include <fmt/format.h>

extern "C" {
#include <libavutil/intreadwrite.h>
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <cstring>
#include <string_view>

#include "ffmpeg/mp3_frame.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr const char* kSongFormats =
    "wav,w64,aiff,au,caf,flac,mp3,ogg,mov,aac,ac3,eac3,matroska,wv,ape,tta";
constexpr const char* kSongCodecs =
    "aac,mp3float,mp3,mp2float,mp2,flac,alac,opus,vorbis,ac3,eac3,wavpack,ape,tta,"
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,"
    "pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw";

// A tag reader or an old recorder may leave a broken packet; more than one in a hundred is damage.
constexpr std::int64_t kPacketsPerError = 100;
// Containers round their own length; a quarter of a second is no rounding.
constexpr double kToleratedShortfall = 0.25;

// Longer silence before a song is a wrong time stamp.
constexpr std::int64_t kMaxSilence = 3600;

bool is_mov(const AVFormatContext& context) {
  return std::string_view(context.iformat->name).starts_with("mov");
}

bool has_clock(const AVFormatContext& context) {
  return is_mov(context) || std::string_view(context.iformat->name).starts_with("matroska");
}

// What a decoder says of a packet that it cannot use: most say "invalid data", AAC's has other
// words as well.
bool is_damage(int code) {
  return code < 0 && code != AVERROR(ENOMEM) && code != AVERROR(EAGAIN);
}

SongSizes sizes_of(const std::filesystem::path& path, const std::string& doing) {
  PlainFile file(path, doing);
  return read_song_sizes(file);
}

}  // namespace

InputFile open_song_container(const std::filesystem::path& file, const std::string& doing) {
  return InputFile(file, doing, kSongFormats, kSongCodecs, sizes_of(file, doing).patches);
}

AVStream* find_sound(InputFile& input, const std::string& doing) {
  const int index = av_find_best_stream(input.context(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
  if (index < 0) throw MediaError(Kind::invalid, doing + ": there is no sound in it");
  input.keep_only({index});
  return input.context()->streams[index];
}

bool is_lossless(AVCodecID codec) {
  const AVCodecDescriptor* description = avcodec_descriptor_get(codec);
  return description != nullptr && (description->props & AV_CODEC_PROP_LOSSLESS) &&
         !(description->props & AV_CODEC_PROP_LOSSY);
}

bool starts_link(const AVPacket& packet, AVCodecID codec) {
  const std::string_view bytes(reinterpret_cast<const char*>(packet.data),
                               static_cast<std::size_t>(packet.size));
  if (codec == AV_CODEC_ID_FLAC) return bytes.starts_with("\177FLAC");
  if (codec == AV_CODEC_ID_OPUS)
    return bytes.starts_with("OpusHead") || bytes.starts_with("OpusTags");
  // The first byte of a Vorbis packet is even where it is sound.
  return codec == AV_CODEC_ID_VORBIS && bytes.size() > 6 && bytes.substr(1, 6) == "vorbis" &&
         bytes[0] % 2 == 1;
}

SongDecoder::SongDecoder(const std::filesystem::path& file)
    : doing_("reading the song " + quoted(file.string())),
      sizes_(sizes_of(file, doing_)),
      input_(file, doing_, kSongFormats, kSongCodecs, sizes_.patches),
      stream_(find_sound(input_, doing_)) {
  const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
  if (codec == nullptr || av_match_list(codec->name, kSongCodecs, ',') == 0) {
    throw MediaError(
        Kind::invalid,
        fmt::format("{}: its sound is {}, which cannot be read; convert it to FLAC or AAC", doing_,
                    avcodec_get_name(stream_->codecpar->codec_id)));
  }
  decoder_.reset(check_alloc(avcodec_alloc_context3(codec)));
  check(avcodec_parameters_to_context(decoder_.get(), stream_->codecpar), Kind::internal, doing_);
  decoder_->pkt_timebase = stream_->time_base;  // without it the padding would be heard
  decoder_->thread_count = 1;
  decoder_->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;  // else nobody knows how long a packet is
  if (is_lossless(stream_->codecpar->codec_id)) decoder_->err_recognition = AV_EF_CRCCHECK;
  check(avcodec_open2(decoder_.get(), codec, nullptr), Kind::invalid, doing_);
}

void SongDecoder::feed() {
  if (drained_) return;
  const PacketScope scope(packet_.get());
  if (!input_.read(packet_.get())) {
    drained_ = true;
    check(avcodec_send_packet(decoder_.get(), nullptr), Kind::internal, doing_);
    return;
  }
  if (starts_link(*packet_, stream_->codecpar->codec_id)) {
    start_link();
    if (stream_->codecpar->codec_id != AV_CODEC_ID_VORBIS) return;
  }
  if (is_flac_header()) return;
  measure_.packets.push_back(0);
  if (begin_ == AV_NOPTS_VALUE) begin_ = packet_->pts;
  end_ = end_of_packet();
  const auto mp3 = read_mp3_frame(packet_->data, static_cast<std::size_t>(packet_->size));
  ends_with_frame_ = mp3 && mp3->bytes == packet_->size;
  const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
  if (is_damage(sent)) {
    ++damaged_;
    if (is_lossless(stream_->codecpar->codec_id)) {
      throw MediaError(Kind::invalid, doing_ + ": it is damaged; copy or convert it again");
    }
  } else {
    check(sent, Kind::internal, doing_);
  }
}

// In the stream's time. The last packet of an MP4 file in which the sound begins late comes without
// a duration.
std::int64_t SongDecoder::end_of_packet() const {
  if (packet_->pts == AV_NOPTS_VALUE) return AV_NOPTS_VALUE;
  if (packet_->duration > 0 || stream_->duration == AV_NOPTS_VALUE)
    return packet_->pts + packet_->duration;
  return begin_ + stream_->duration;
}

// A link knows nothing of the one before it. libav's Vorbis decoder takes its headers; that of FLAC
// needs none, and that of Opus only the number of samples that are no sound yet.
void SongDecoder::start_link() {
  avcodec_flush_buffers(decoder_.get());
  constexpr int kPreSkip = 10;  // RFC 7845, section 5.1
  in_headers_ = stream_->codecpar->codec_id == AV_CODEC_ID_FLAC;
  const bool head = packet_->size >= 19 && std::memcmp(packet_->data, "OpusHead", 8) == 0;
  if (head) skip_ = AV_RL16(packet_->data + kPreSkip);
}

// Of the blocks between "\x7FFLAC" and a link's first frame, which begins with ones: comments,
// padding. The last one has its upper bit set.
bool SongDecoder::is_flac_header() {
  if (!in_headers_ || packet_->size == 0) return false;
  const std::uint8_t first = packet_->data[0];
  in_headers_ = first < 0x80;
  return first != 0xFF;
}

// Takes away what is decoded and not heard, and tells how many samples that were at the beginning.
int SongDecoder::trim(AVFrame& frame) {
  std::int64_t behind = 0;
  const AVFrameSideData* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_SKIP_SAMPLES);
  if (side != nullptr && side->size >= 8) {
    skip_ = std::max<std::int64_t>(skip_, static_cast<std::int32_t>(AV_RL32(side->data)));
    behind = AV_RL32(side->data + 4);
  }
  const bool unheard = frame.flags & AV_FRAME_FLAG_DISCARD;
  const int count = unheard ? frame.nb_samples
                            : static_cast<int>(std::min<std::int64_t>(skip_, frame.nb_samples));
  skip_ = std::max<std::int64_t>(0, skip_ - count);
  if (measure_.rate == 0) lead_ += count;
  frame.nb_samples -= count;
  note_cut(count, frame.nb_samples);
  if (behind > 0 && behind <= frame.nb_samples) {
    frame.nb_samples -= static_cast<int>(behind);
    ended_ = true;
  }
  if (count == 0 || frame.nb_samples == 0) return count;
  const auto format = static_cast<AVSampleFormat>(frame.format);
  check(av_samples_copy(frame.extended_data, frame.extended_data, 0, count, frame.nb_samples,
                        frame.ch_layout.nb_channels, format),
        Kind::internal, doing_);
  return count;
}

// Whether what is heard goes on behind what is not.
void SongDecoder::note_cut(int skipped, int heard) {
  if (measure_.rate == 0) return;
  if (skipped > 0) ended_ = true;
  if (heard > 0 && ended_) measure_.cut_inside = true;
}

bool SongDecoder::next(AVFrame* frame) {
  if (!begun_) begin();
  if (silence_ > 0) {
    fill_silence(*frame);
  } else {
    av_frame_unref(frame);
    if (!has_ahead_) {
      check_complete();
      return false;
    }
    av_frame_move_ref(frame, ahead_.get());
    has_ahead_ = decode(ahead_.get());
    if (!has_ahead_) cut_padding(*frame);
  }
  measure_.samples += frame->nb_samples;
  return true;
}

// MP4 and Matroska have a clock that begins at 0, so what starts later is preceded by silence. In
// Ogg and the others a later start means that the file was cut out of something longer.
void SongDecoder::begin() {
  begun_ = true;
  has_ahead_ = decode(ahead_.get());
  if (has_ahead_ && has_clock(*input_.context())) silence_ = silence_before();
  measure_.first = silence_ - lead_;
}

std::int64_t SongDecoder::silence_before() const {
  const AVRational unit = {1, measure_.rate};
  const std::int64_t rounding = 2 + av_rescale_q_rnd(2, stream_->time_base, unit, AV_ROUND_UP);
  // The first packet of Vorbis has no sound, and Matroska no times below 0: a later second packet
  // does not make a silence of the first.
  const bool lacks_sound = stream_->codecpar->codec_id == AV_CODEC_ID_VORBIS;
  const std::int64_t begin =
      begin_ == AV_NOPTS_VALUE ? 0 : av_rescale_q(begin_, stream_->time_base, unit);
  if (origin_ <= rounding || (lacks_sound && begin <= rounding)) return 0;
  if (origin_ / measure_.rate > kMaxSilence) {
    throw MediaError(Kind::invalid,
                     fmt::format("{}: its sound begins after {:.0f} seconds of silence; save the "
                                 "song with time stamps from 0, for example as FLAC",
                                 doing_, static_cast<double>(origin_) / measure_.rate));
  }
  return origin_;
}

void SongDecoder::fill_silence(AVFrame& frame) {
  constexpr std::int64_t kMost = 4096;
  av_frame_unref(&frame);
  frame.format = ahead_->format;
  frame.sample_rate = ahead_->sample_rate;
  frame.nb_samples = static_cast<int>(std::min(silence_, kMost));
  check(av_channel_layout_copy(&frame.ch_layout, &ahead_->ch_layout), Kind::internal, doing_);
  check(av_frame_get_buffer(&frame, 0), Kind::internal, doing_);
  check(
      av_samples_set_silence(frame.extended_data, 0, frame.nb_samples, frame.ch_layout.nb_channels,
                             static_cast<AVSampleFormat>(frame.format)),
      Kind::internal, doing_);
  silence_ -= frame.nb_samples;
}

// In MP4 the last packet lasts as long as it is heard; libav decodes all of it.
void SongDecoder::cut_padding(AVFrame& frame) const {
  if (!is_mov(*input_.context()) || end_ == AV_NOPTS_VALUE) return;
  const std::int64_t end =
      av_rescale_q(end_, stream_->time_base, {1, measure_.rate}) - origin_ + lead_ + measure_.first;
  const std::int64_t padding = measure_.samples + frame.nb_samples - end;
  if (padding > 0 && padding < frame.nb_samples) frame.nb_samples -= static_cast<int>(padding);
}

bool SongDecoder::decode(AVFrame* frame) {
  int skipped = 0;
  for (;;) {
    const int got = avcodec_receive_frame(decoder_.get(), frame);
    if (got == AVERROR(EAGAIN)) {
      feed();
      continue;
    }
    if (got == AVERROR_EOF) return false;
    if (is_damage(got)) {
      ++damaged_;
      continue;
    }
    check(got, Kind::internal, doing_);
    if (!measure_.packets.empty()) measure_.packets.back() += frame->nb_samples;
    skipped = trim(*frame);
    if (frame->nb_samples == 0) continue;
    break;
  }
  if (measure_.rate == 0) {
    measure_.rate = frame->sample_rate;
    measure_.codec = stream_->codecpar->codec_id;
    measure_.channels = frame->ch_layout.nb_channels;
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_NATIVE) {
      measure_.speakers = frame->ch_layout.u.mask;
    }
    if (measure_.rate < 1 || measure_.channels < 1 || measure_.channels > 64) {
      throw MediaError(Kind::invalid, doing_ + ": its sample rate or channels make no sense");
    }
    if (frame->pts != AV_NOPTS_VALUE) {
      origin_ = skipped + av_rescale_q(frame->pts, stream_->time_base, {1, measure_.rate});
    }
  }
  if (frame->sample_rate != measure_.rate || frame->ch_layout.nb_channels != measure_.channels) {
    throw MediaError(Kind::invalid,
                     doing_ + ": its sample rate or channels change partway; convert it to FLAC");
  }
  return true;
}

void SongDecoder::check_complete() {
  if (measure_.samples == 0) throw MediaError(Kind::invalid, doing_ + ": there is no sound in it");
  const auto packets = static_cast<std::int64_t>(measure_.packets.size());
  if (damaged_ > 1 + packets / kPacketsPerError) {
    throw MediaError(Kind::invalid,
                     fmt::format("{}: {} of {} packets are damaged; copy or convert it "
                                 "again",
                                 doing_, damaged_, packets));
  }
  // libav takes what is there without a word.
  const double per_second = static_cast<double>(stream_->codecpar->bit_rate) / 8;
  if (static_cast<double>(sizes_.missing) > per_second * kToleratedShortfall) {
    throw MediaError(Kind::invalid, fmt::format("{}: {} bytes of it are missing; copy it again",
                                                doing_, sizes_.missing));
  }
  const bool guessed = input_.context()->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
  if (guessed || stream_->duration == AV_NOPTS_VALUE) return;
  const double declared = static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
  const double heard = static_cast<double>(measure_.samples) / measure_.rate;
  if (declared - heard <= kToleratedShortfall) return;
  // A program that takes parts out of an MP3 leaves whole frames; a copy that was broken off hardly
  // ever ends between two.
  if (ends_with_frame_ && std::string_view(input_.context()->iformat->name) == "mp3") {
    warnings_.push_back(
        fmt::format("{}: its header says {:.2f} seconds and it holds {:.2f}, which are used; it "
                    "was trimmed by a program that kept the header, or its copy is incomplete",
                    doing_, declared, heard));
  } else {
    throw MediaError(
        Kind::invalid,
        fmt::format("{}: it ends after {:.2f} of {:.2f} seconds; copy it again, or, if it was "
                    "trimmed, save it with a program that corrects its header",
                    doing_, heard, declared));
  }
}

SongMeasure measure_song(const std::filesystem::path& file) {
  SongDecoder decoder(file);
  const FramePtr frame = make_frame();
  while (decoder.next(frame.get())) {
  }
  return decoder.measure();
}

}  // namespace latentreel::ffmpeg
