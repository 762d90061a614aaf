#include "ffmpeg/clip_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr const char* kClipFormats =
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,m4v,flv,asf,ogg,mxf,nut,ivf,obu,h264,hevc,dv,gxf,rm,"
    "yuv4mpegpipe,gif,apng,h263,vc1,wtv";
constexpr const char* kClipCodecs =
    "h264,hevc,libdav1d,av1,vp8,vp9,mpeg1video,mpeg2video,mpeg4,msmpeg4v1,msmpeg4v2,msmpeg4,wmv1,"
    "wmv2,wmv3,vc1,h261,h263,h263p,flv,vp6,vp6a,vp6f,theora,prores,dnxhd,cfhd,mjpeg,mjpegb,"
    "rawvideo,"
    "v210,v308,v408,v410,yuv4,r210,ffv1,huffyuv,ffvhuff,utvideo,magicyuv,lagarith,hap,qtrle,rpza,"
    "smc,svq1,svq3,cinepak,indeo3,indeo5,gif,apng,png,jpeg2000,dvvideo,rv10,rv20,rv30,rv40,snow,"
    "zmbv,flashsv,flashsv2,tscc,tscc2,speedhq,dirac";
// A decoder that only fails must not be asked for ever.
constexpr int kMostErrorsOfADrain = 100;
constexpr Ticks kBeforeAll = -kMostTicks;

bool is_moving_picture(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
         (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) ==
             0;
}

AVStream* find_moving_picture(AVFormatContext& context, const std::string& doing) {
  const int best = av_find_best_stream(&context, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (best >= 0 && is_moving_picture(*context.streams[best])) return context.streams[best];
  const auto* end = context.streams + context.nb_streams;
  const auto* found =
      std::find_if(context.streams, const_cast<AVStream**>(end),
                   [](const AVStream* stream) { return is_moving_picture(*stream); });
  if (found != end) return *found;
  throw MediaError(Kind::invalid,
                   doing +
                       (best >= 0 ? ": there is no film in it, only sound with a cover picture"
                                  : ": there is no picture in it") +
                       "; name a file with a film");
}

// Whether H.264 data holds a slice of an IDR picture. `header` is the stream's: where it begins
// with a 1, units have their length before them, else a start code.
bool holds_idr(std::span<const std::uint8_t> data, std::span<const std::uint8_t> header) {
  constexpr int kIdr = 5;
  const bool has_lengths = header.size() > 4 && header[0] == 1;
  if (!has_lengths) {
    for (std::size_t i = 3; i < data.size(); ++i) {
      const bool starts = data[i - 3] == 0 && data[i - 2] == 0 && data[i - 1] == 1;
      if (starts && (data[i] & 31) == kIdr) return true;
    }
    return false;
  }
  const std::size_t digits = (header[4] & 3u) + 1;
  while (data.size() > digits) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < digits; ++i) size = size << 8 | data[i];
    if ((data[digits] & 31) == kIdr) return true;
    data = data.subspan(std::min(data.size(), digits + size));
  }
  return false;
}

// Whether decoding can begin at this packet with no harm to what is shown from it on.
bool is_entrance(const AVPacket& packet, const AVCodecParameters& stream) {
  if ((packet.flags & AV_PKT_FLAG_KEY) == 0) return false;
  if (stream.codec_id != AV_CODEC_ID_H264) return true;
  return holds_idr({packet.data, static_cast<std::size_t>(packet.size)},
                   {stream.extradata, static_cast<std::size_t>(stream.extradata_size)});
}

Ticks stamp_of(const AVPacket& packet, Ticks otherwise) {
  if (is_stamp(packet.pts)) return packet.pts;
  return is_stamp(packet.dts) ? packet.dts : otherwise;
}

}  // namespace

ClipFile::ClipFile(const std::filesystem::path& file, const std::string& doing)
    : input_(file, doing, kClipFormats, kClipCodecs),
      video_(find_moving_picture(*input_.context(), doing)) {
  input_.keep_only({video_->index});
  const std::string_view format = container()->iformat->name;
  has_index_ = format.starts_with("mov") || format.starts_with("matroska");
}

Ticks ClipFile::one_frame() const {
  const AVRational rate = video_->avg_frame_rate;
  if (rate.num < 1 || rate.den < 1) return 1;
  return std::max<Ticks>(1, av_rescale_q(1, av_inv_q(rate), video_->time_base));
}

bool ClipFile::read(AVPacket* packet) {
  try {
    if (!input_.read(packet)) return false;
  } catch (const MediaError& error) {
    if (error.system_error() != 0) throw;
    is_broken_ = true;
    return false;
  }
  if (!has_index_) count_on(*packet);
  return true;
}

void ClipFile::count_on(AVPacket& packet) {
  const bool has_pts = is_stamp(packet.pts), has_dts = is_stamp(packet.dts);
  if (!has_pts && !has_dts) return;
  const Ticks second = av_rescale_q(1, {1, 1}, video_->time_base);
  const Ticks order = has_dts ? packet.dts : packet.pts;
  const Ticks shown = has_pts ? packet.pts : packet.dts;
  if (order + offset_ < last_ - second) offset_ = end_ - shown;
  if (has_pts) packet.pts += offset_;
  if (has_dts) packet.dts += offset_;
  last_ = order + offset_;
  const bool has_duration = packet.duration > 0 && is_stamp(packet.duration);
  end_ = std::max(end_, shown + offset_ + (has_duration ? packet.duration : one_frame()));
}

ClipStream::ClipStream(const std::filesystem::path& file, std::string doing, int threads,
                       std::int64_t most_pixels)
    : doing_(std::move(doing)),
      file_(file, doing_),
      threads_(std::max(1, threads)),
      most_pixels_(most_pixels),
      has_index_(file_.has_index()) {
  refuse_size();
  enter(false);
}

void ClipStream::refuse_size() const {
  const AVCodecParameters& parameters = *video()->codecpar;
  if (std::int64_t{parameters.width} * parameters.height <= most_pixels_) return;
  throw MediaError(
      Kind::invalid,
      fmt::format(
          "{}: its frames have {}x{} pixels, more than the {:.1f} million that can be read; "
          "make it smaller first: ffmpeg -i CLIP -vf scale=1920:-2 -crf 14 clip.mp4",
          doing_, parameters.width, parameters.height, static_cast<double>(most_pixels_) / 1e6));
}

void ClipStream::open_decoder() {
  const AVCodecParameters& parameters = *video()->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr || av_match_list(codec->name, kClipCodecs, ',') == 0) {
    throw MediaError(Kind::invalid,
                     fmt::format("{}: its frames are {}, which cannot be read; convert it: ffmpeg "
                                 "-i CLIP -crf 14 clip.mp4",
                                 doing_, avcodec_get_name(parameters.codec_id)));
  }
  decoder_.reset(check_alloc(avcodec_alloc_context3(codec)));
  check(avcodec_parameters_to_context(decoder_.get(), &parameters), Kind::invalid, doing_);
  decoder_->pkt_timebase = video()->time_base;
  decoder_->thread_count = threads_;
  // Threads that decode further frames would report damage late, and of an unknown frame.
  decoder_->thread_type = FF_THREAD_SLICE;
  decoder_->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  // Decoders count whole blocks, which stand over the edge.
  decoder_->max_pixels = most_pixels_ + most_pixels_ / 8 + 4096;
  // Otherwise libav guesses how many frames come out of order, and mends the guess on the way.
  if (parameters.codec_id == AV_CODEC_ID_H264) {
    decoder_->strict_std_compliance = FF_COMPLIANCE_STRICT;
  }
  Options options;
  if (std::string_view(codec->name) == "libdav1d") options.set("framethreads", 1);
  check(avcodec_open2(decoder_.get(), codec, options.address()), Kind::invalid, doing_);
  options.require_used(doing_);
}

// With a decoder that has seen nothing: what a used one keeps, though told to forget, shows where
// frames are damaged. At the front everything is decoded; some clips have no key frame at all.
void ClipStream::enter(bool in_the_middle) {
  open_decoder();
  av_packet_unref(packet_.get());
  has_packet_ = has_first_ = ends_ = false;
  state_ = State::reading;
  wants_key_ = in_the_middle;
  floor_ = last_ = kBeforeAll;
  sent_ = 0;
  bad_ = open_damage_ = kNever;
}

bool ClipStream::next(AVFrame* frame) {
  if (has_first_) {
    av_frame_unref(frame);
    av_frame_move_ref(frame, first_.get());
    has_first_ = false;
    return true;
  }
  while (state_ != State::over) {
    if (receive(frame)) return true;
    if (state_ == State::reading) feed();
  }
  return false;
}

bool ClipStream::read_packet() {
  if (has_packet_) return true;
  has_packet_ = file_.read(packet_.get());
  if (file_.is_broken()) damaged(std::max(last_, sent_) + file_.one_frame());
  return has_packet_;
}

// Sends the decoder the next packet it can use, or what makes it give up what it holds.
void ClipStream::feed() {
  if (!read_packet()) {
    ends_ = true;
    drain();
    return;
  }
  const PacketScope scope(packet_.get());
  has_packet_ = false;
  // An empty packet repeats the frame before; to a decoder it would be the end.
  if (packet_->size == 0 || (wants_key_ && !begin_at_key())) return;
  sent_ = stamp_of(*packet_, last_ == kBeforeAll ? 0 : last_ + file_.one_frame());
  int code = AVERROR_INVALIDDATA;
  if ((packet_->flags & AV_PKT_FLAG_CORRUPT) == 0) {
    code = avcodec_send_packet(decoder_.get(), packet_.get());
  }
  if (code == AVERROR(ENOMEM)) check(code, Kind::internal, doing_);
  // What is shown before the key frame may fail for want of what it builds on.
  if (code >= 0 || sent_ < floor_) return;
  damaged(sent_);
  drain();
}

bool ClipStream::begin_at_key() {
  if ((packet_->flags & AV_PKT_FLAG_KEY) == 0) return false;
  wants_key_ = false;
  floor_ = is_stamp(packet_->pts) ? packet_->pts : kBeforeAll;
  bad_ = kNever;
  return true;
}

void ClipStream::drain() {
  state_ = State::draining;
  avcodec_send_packet(decoder_.get(), nullptr);
}

// A good frame that the decoder has ready; false: it wants more, or has ended.
bool ClipStream::receive(AVFrame* frame) {
  for (int errors = 0;;) {
    int code = avcodec_receive_frame(decoder_.get(), frame);
    if (code == AVERROR(EAGAIN) && state_ == State::reading) return false;
    if (code == AVERROR(ENOMEM)) check(code, Kind::internal, doing_);
    if (code >= 0) {
      if (is_good(*frame)) return true;
      continue;
    }
    if (code != AVERROR_EOF && code != AVERROR(EAGAIN) && errors < kMostErrorsOfADrain) {
      ++errors;
      if (sent_ < floor_) continue;
      damaged(sent_);
      if (state_ == State::reading) drain();
      continue;
    }
    avcodec_flush_buffers(decoder_.get());
    state_ = ends_ ? State::over : State::reading;
    return false;
  }
}

// Stamps it, and says whether it is what it would be wherever reading had begun.
bool ClipStream::is_good(AVFrame& frame) {
  stamp(frame);
  if (frame.pts < floor_) return false;
  if (frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0) {
    damaged(frame.pts);
    if (state_ == State::reading) drain();
  }
  if (frame.pts >= bad_) return false;
  last_ = frame.pts = std::max(frame.pts, last_);  // a stamp that goes back lies
  if (frame.pts > open_damage_) {
    damage_[open_damage_] = frame.pts;
    open_damage_ = kNever;
  }
  return true;
}

void ClipStream::stamp(AVFrame& frame) {
  if (!is_stamp(frame.pts)) has_index_ = false;  // it says where, but not when
  const std::int64_t guess = frame.best_effort_timestamp;
  if (!is_stamp(frame.pts) || (!has_index_ && is_stamp(guess))) frame.pts = guess;
  if (!is_stamp(frame.pts)) frame.pts = last_ == kBeforeAll ? 0 : last_ + file_.one_frame();
}

// What is shown from `from` on, by the file's stamps, is not used, up to the next key frame.
void ClipStream::damaged(Ticks from) {
  wants_key_ = true;
  bad_ = std::min(bad_, from);
  const Ticks since = std::max(from, floor_);
  if (since >= open_damage_) return;
  if (open_damage_ != kNever) damage_.erase(open_damage_);
  open_damage_ = since;
  damage_.emplace(since, kNever);
}

bool ClipStream::seek(Ticks target) {
  Ticks wanted = target;
  while (has_index_) {
    if (av_seek_frame(container(), video()->index, wanted, AVSEEK_FLAG_BACKWARD) < 0) return false;
    enter(true);
    while (read_packet() && (packet_->flags & AV_PKT_FLAG_KEY) == 0) {
      av_packet_unref(packet_.get());
      has_packet_ = false;
    }
    if (!has_packet_ || !is_stamp(packet_->pts)) return false;
    const Ticks key = packet_->pts;
    const Ticks before = std::min(key, stamp_of(*packet_, key)) - 1;
    const bool enters = is_entrance(*packet_, *video()->codecpar);
    keys_are_open_ = keys_are_open_ || !enters;
    // A key frame may be damaged, or be shown later.
    if (enters && key <= target && next(first_.get()) && first_->pts <= target)
      return has_first_ = true;
    if (before >= wanted) return false;
    wanted = before;
  }
  return false;
}

bool ClipStream::seek_gains(Ticks here, Ticks target) const {
  const Ticks second = av_rescale_q(1, {1, 1}, video()->time_base);
  if (!has_index_ || keys_are_open_ || target - here <= second) return false;
  const AVIndexEntry* entry =
      avformat_index_get_entry_from_timestamp(video(), target, AVSEEK_FLAG_BACKWARD);
  return entry != nullptr && entry->timestamp > here;
}

}  // namespace latentreel::ffmpeg
