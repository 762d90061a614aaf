#include "ffmpeg/video_clip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "ffmpeg/clip_length.h"
#include "ffmpeg/clip_stream.h"
#include "ffmpeg/clip_view.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;
__extension__ using Wide = __int128;

constexpr std::int64_t kLargePixels = std::int64_t{4096} * 2304;

Ratio reduced(Wide num, Wide den) {
  const Wide most = std::numeric_limits<std::int64_t>::max();
  Wide a = num < 0 ? -num : num, b = den;
  while (b != 0) a = std::exchange(b, a % b);
  num /= a;
  den /= a;
  // Only of nonsense: no file's clock and no film's rate have so many digits together.
  while (num > most || den > most) {
    num >>= 1;
    den >>= 1;
  }
  return {static_cast<std::int64_t>(num),
          std::max<std::int64_t>(1, static_cast<std::int64_t>(den))};
}

Ratio seconds_of(Ticks ticks, AVRational base) {
  return reduced(Wide{ticks} * base.num, base.den);
}

Ratio rate_of(const AVStream& video) {
  for (const AVRational rate : {video.avg_frame_rate, video.r_frame_rate}) {
    if (rate.num > 0 && rate.den > 0) return {rate.num, rate.den};
  }
  return {0, 1};
}

// See VideoClip::at(). Where a frame lasts a whole number of ticks, stamps are exact; where the
// clock ticks hardly faster than the frames, half a tick would be too much to give.
bool is_rounded(Ratio rate, AVRational base) {
  if (rate.num == 0) return false;
  const Wide ticks = Wide{rate.den} * base.den, per = Wide{rate.num} * base.num;
  return ticks % per != 0 && ticks >= 4 * per;
}

bool is_interlaced(const AVFrame& frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  return (frame.flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
  return frame.interlaced_frame != 0;
#endif
}

// "1:02.500", for people.
std::string clock_text(double seconds) {
  const auto thousandths = std::llround(std::max(0.0, seconds) * 1000);
  return fmt::format("{}:{:02}.{:03}", thousandths / 60000, thousandths / 1000 % 60,
                     thousandths % 1000);
}

}  // namespace

struct VideoClip::Impl {
  Impl(const std::filesystem::path& file_, const ClipSettings& settings_)
      : file(file_), doing("reading the clip " + quoted(file_.string())), settings(settings_) {
    check_settings();
    begin();
    first = current->pts;
    if (!stream->damage().empty()) first = std::min(first, stream->damage().begin()->first);
    look = look_of(*stream->container(), *stream->video());
    describe();
    warn_of_the_whole();
    view.emplace(look, settings.width == 0 ? info.width : settings.width,
                 settings.height == 0 ? info.height : settings.height, settings.fit, doing);
  }

  void check_settings() const;
  void begin();
  void describe();
  void warn_of_the_whole();
  void note_damage();
  void warn_of_damage();
  Ticks ticks_of(Ratio time) const;
  void go_to(Ticks target);
  void step();

  std::filesystem::path file;
  std::string doing;
  ClipSettings settings;
  std::optional<ClipStream> stream;
  ClipLook look;
  ClipInfo info;
  bool rounded = false;
  FramePtr current = make_frame();   // what is shown
  FramePtr upcoming = make_frame();  // what will be shown after it
  bool is_last = false;              // there is no such frame
  Ticks first = 0;                   // the clip's time 0
  Ticks first_good = 0;              // later than that where the beginning is damaged
  std::map<Ticks, Ticks> damage;     // as the stream's, of all readings
  bool is_joined = false;
  std::optional<ClipView> view;
  Image image;  // of `current`
  bool is_drawn = false;
  std::optional<ClipLength> length;
  std::vector<std::string> of_the_whole;
  std::vector<std::string> warnings;
};

void VideoClip::Impl::check_settings() const {
  const bool none = settings.width == 0 && settings.height == 0;
  const bool fits = settings.width >= 1 && settings.width <= kMaxPictureSide &&
                    settings.height >= 1 && settings.height <= kMaxPictureSide;
  if (none || fits) return;
  throw MediaError(Kind::usage, fmt::format("{}: pictures of {}x{} cannot be made of it", doing,
                                            settings.width, settings.height));
}

// Opens the file and reads its first frame.
void VideoClip::Impl::begin() {
  note_damage();
  stream.reset();
  stream.emplace(file, doing, settings.threads, settings.most_pixels);
  refuse_hdr(stream->video()->codecpar->color_trc, doing);
  refuse_dolby_vision(*stream->video(), doing);
  if (!stream->next(current.get())) {
    throw MediaError(Kind::invalid, doing +
                                        ": no frame of it can be decoded: the file is damaged, "
                                        "cut short or empty; copy or download it again");
  }
  first_good = current->pts;
  is_drawn = false;
  is_last = !stream->next(upcoming.get());
}

void VideoClip::Impl::describe() {
  const AVStream& video = *stream->video();
  const StoredShape shape = shape_of(*current, look);
  info.width = shape.upright_width();
  info.height = shape.upright_height();
  info.frame_rate = rate_of(video);
  info.start = seconds_of(first, video.time_base);
  info.codec = avcodec_get_name(video.codecpar->codec_id);
  rounded = is_rounded(info.frame_rate, video.time_base);
}

void VideoClip::Impl::warn_of_the_whole() {
  const auto warn = [&](const std::string& text) {
    of_the_whole.push_back("the clip " + quoted(file.string()) + " " + text);
  };
  const AVCodecParameters& video = *stream->video()->codecpar;
  const bool fields =
      video.field_order != AV_FIELD_UNKNOWN && video.field_order != AV_FIELD_PROGRESSIVE;
  if (fields || is_interlaced(*current)) {
    warn(
        "is interlaced: what moves will have combs for edges. Deinterlace it first: ffmpeg -i "
        "CLIP -vf bwdif -crf 14 -c:a copy clip.mp4");
  }
  if (current->color_primaries == AVCOL_PRI_BT2020) {
    warn(
        "has the wide colours of BT.2020, which will look pale. Convert it first: ffmpeg -i CLIP "
        "-vf zscale=p=bt709:m=bt709:t=bt709,format=yuv420p -crf 14 -c:a copy clip.mp4");
  }
  if (look.is_odd_turn) {
    warn("is to be turned by an odd angle; it is shown turned by the nearest quarter.");
  }
  if (std::int64_t{current->width} * current->height > kLargePixels) {
    warn(
        fmt::format("has {}x{} pixels, which take long to read and up to a gigabyte of memory. A "
                    "smaller one does: ffmpeg -i CLIP -vf scale=1920:-2 -crf 14 clip.mp4",
                    current->width, current->height));
  }
  if (!stream->has_index()) {
    warn(
        "has no index by time, so that each look back reads it from its beginning. A copy without "
        "loss has one: ffmpeg -i CLIP -c:v ffv1 -c:a copy clip.mkv");
  }
  warn_of_damage();
}

// The same place may be met again, and left before its end.
void VideoClip::Impl::note_damage() {
  if (!stream) return;
  is_joined = is_joined || stream->was_joined();
  for (const auto& [from, to] : stream->damage()) {
    const auto known = damage.emplace(from, to).first;
    known->second = std::min(known->second, to);
  }
}

void VideoClip::Impl::warn_of_damage() {
  note_damage();
  warnings = of_the_whole;
  const AVRational base = stream->video()->time_base;
  const auto told = [&](Ticks ticks) {
    return clock_text(seconds_of(ticks - first, base).value());
  };
  for (const auto& [from, to] : damage) {
    warnings.push_back(fmt::format(
        "the clip {} is damaged from {} to {}: the last good frame stands meanwhile. Copy or "
        "download it again.",
        quoted(file.string()), told(from), to == kNever ? "its end" : told(to)));
  }
  if (is_joined) {
    warnings.push_back(fmt::format(
        "the clip {} begins to count its time anew in the middle, as if it were put together of "
        "several; it is read on as one.",
        quoted(file.string())));
  }
}

Ticks VideoClip::Impl::ticks_of(Ratio time) const {
  if (time.num <= 0) return 0;
  const AVRational base = stream->video()->time_base;
  Wide num = Wide{time.num} * base.den, den = Wide{time.den} * base.num;
  if (rounded) {  // num / den + 1 / 2
    num = 2 * num + den;
    den *= 2;
  }
  return static_cast<Ticks>(std::min<Wide>(num / den, kMostTicks));
}

void VideoClip::Impl::step() {
  std::swap(current, upcoming);
  is_drawn = false;
  is_last = !stream->next(upcoming.get());
}

void VideoClip::Impl::go_to(Ticks target) {
  const bool back = target < current->pts && current->pts > first_good;
  if (back || (!is_last && stream->seek_gains(upcoming->pts, target))) {
    const bool found = stream->seek(target) && stream->next(current.get());
    if (found) {
      is_drawn = false;
      is_last = !stream->next(upcoming.get());
    } else {
      begin();
    }
  }
  while (!is_last && upcoming->pts <= target) step();
}

VideoClip::VideoClip(const std::filesystem::path& file, const ClipSettings& settings)
    : impl_(std::make_unique<Impl>(file, settings)) {}

VideoClip::~VideoClip() = default;
VideoClip::VideoClip(VideoClip&&) noexcept = default;
VideoClip& VideoClip::operator=(VideoClip&&) noexcept = default;

const ClipInfo& VideoClip::info() const {
  return impl_->info;
}

Image VideoClip::at(Ratio time) {
  impl_->go_to(impl_->first + impl_->ticks_of(time));
  if (!impl_->is_drawn) impl_->image = (*impl_->view)(*impl_->current);
  impl_->is_drawn = true;
  return impl_->image;
}

const ClipLength& VideoClip::length() {
  if (!impl_->length) {
    const MeasuredClip measured = measure_clip(impl_->file, impl_->doing);
    const Ticks ticks = std::max<Ticks>(1, measured.end - impl_->first);
    impl_->length = {seconds_of(ticks, impl_->stream->video()->time_base), measured.frames};
    if (measured.is_cut) {
      impl_->of_the_whole.push_back(fmt::format(
          "the clip {} is cut short: its index tells of more than the {} s that are there. Copy or "
          "download it again.",
          quoted(impl_->file.string()), impl_->length->seconds.value()));
    }
  }
  return *impl_->length;
}

Ratio VideoClip::looped(Ratio time) {
  const Ratio whole = length().seconds;
  const Wide den = Wide{time.den} * whole.den, most = Wide{whole.num} * time.den;
  Wide num = Wide{time.num} * whole.den % most;
  if (num < 0) num += most;
  return reduced(num, den);
}

const std::vector<std::string>& VideoClip::warnings() const {
  impl_->warn_of_damage();
  return impl_->warnings;
}

}  // namespace latentreel::ffmpeg
