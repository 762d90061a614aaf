#include "ffmpeg/muxer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <exception>

#include "ffmpeg/caption_stream.h"
#include "ffmpeg/codec_table.h"
#include "ffmpeg/film_check.h"
#include "ffmpeg/open_muxer.h"
#include "ffmpeg/song_stream.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr int kWriteBuffer = 1 << 18;

// The open file; keeps the first error that writing met, which libav does not give back.
class File {
 public:
  File(const std::filesystem::path& path, const std::string& name) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) return;
    throw MediaError(Kind::cannot_create,
                     fmt::format("creating {}: {}", name, std::strerror(errno)), errno);
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // 0, or the errno of the failure.
  int write(const std::uint8_t* bytes, std::size_t size) noexcept {
    while (size > 0) {
      const ssize_t done = ::write(descriptor_, bytes, size);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        const int error = done < 0 ? errno : EIO;
        if (error_ == 0) error_ = error;
        return error;
      }
      bytes += done;
      size -= static_cast<std::size_t>(done);
    }
    return 0;
  }

  // The new position, or a negated errno.
  std::int64_t seek(std::int64_t offset, int whence) noexcept {
    const off_t position = ::lseek(descriptor_, offset, whence);
    return position < 0 ? -errno : position;
  }

  // The length, or a negated errno.
  std::int64_t size() const noexcept {
    struct stat status {};
    return ::fstat(descriptor_, &status) < 0 ? -errno : status.st_size;
  }

  int error() const { return error_; }

 private:
  int descriptor_ = -1;
  int error_ = 0;
};

// The file as libav writes it.
struct Sink {
  File file;
  Look look = {};
  std::exception_ptr ended = {};  // what looking threw: libav's own code must not be unwound
};

int write_to_sink(void* opaque, std::uint8_t* bytes, int size) {
  auto* sink = static_cast<Sink*>(opaque);
  try {
    if (sink->look) sink->look();
  } catch (...) {
    sink->ended = std::current_exception();
    return AVERROR_EXIT;
  }
  const int error = sink->file.write(bytes, static_cast<std::size_t>(size));
  return error == 0 ? size : AVERROR(error);
}

std::int64_t seek_sink(void* opaque, std::int64_t offset, int whence) {
  auto& file = static_cast<Sink*>(opaque)->file;
  const std::int64_t got =
      whence & AVSEEK_SIZE ? file.size() : file.seek(offset, whence & ~AVSEEK_FORCE);
  return got < 0 ? AVERROR(static_cast<int>(-got)) : got;
}

// A fine enough clock in which every frame has a whole number of ticks.
std::int64_t timescale(Ratio fps) {
  std::int64_t scale = fps.num;
  while (scale < 10'000) scale *= 2;
  return scale;
}

// Of subtitles: no longer than those of the film and of its song, in which frames are whole too.
std::int64_t caption_ticks(Ratio fps, const SongStream* song) {
  std::int64_t ticks = timescale(fps);
  while (song != nullptr && ticks < song->rate()) ticks *= 2;
  return ticks;
}

// "stored without loss (flac as alac)"
std::string how_stored(const SongSummary& song) {
  if (song.copied) return "copied unchanged";
  const bool alac = song.film_codec == "alac";
  std::string text =
      song.exact ? fmt::format("stored without loss ({} as {}", song.source_codec, song.film_codec)
                 : fmt::format("stored as {}{} ({}", song.film_codec, alac ? " of 24 bits" : "",
                               song.source_codec);
  if (!song.speakers.empty()) text += fmt::format(", its channels {}", song.speakers);
  if (song.mixed) text += ", mixed to stereo";
  if (song.gain != 0) {
    text +=
        fmt::format(", {} by {:.1f} dB", song.gain < 0 ? "lowered" : "raised", std::abs(song.gain));
  }
  if (alac && !song.exact && !song.mixed && song.gain == 0) text += ", rounded";
  return text + ")";
}

// "; 7 samples lie above full scale ..."; empty where none does.
std::string what_clipped(const SongSummary& song) {
  if (song.clipped == 0) return {};
  if (!(song.peak > 1 && std::isfinite(song.peak))) {
    return fmt::format("; {} samples are no finite numbers: save the song anew", song.clipped);
  }
  const double decibels = 20 * std::log10(song.peak);
  const double better = song.gain - std::ceil(decibels * 10) / 10;
  const std::string number = better < kMinGain ? "" : fmt::format("{:.1f} or ", better);
  return fmt::format(
      "; {} samples lie above full scale and are clipped, the peak is {:.3f} (+{:.1f} dB): to keep "
      "them, set gain = {}\"auto\" in [music]",
      song.clipped, song.peak, decibels, number);
}

// What to do for web browsers; empty where they play the codec.
std::string who_plays(const std::string& codec, std::string_view extension) {
  constexpr std::array<std::string_view, 4> kNotInBrowsers = {"alac", "ac3", "eac3", "vorbis"};
  const bool played =
      std::find(kNotInBrowsers.begin(), kNotInBrowsers.end(), codec) == kNotInBrowsers.end();
  if (extension != ".mp4" || played) return {};
  return fmt::format("; most web browsers do not play {}: for them, set codec = \"aac\" in [music]",
                     codec);
}

}  // namespace

struct Muxer::Impl {
  VideoFormat format;
  MuxSettings settings;
  const CodecTraits& traits;
  std::unique_ptr<SongStream> song;
  std::optional<CaptionStream> captions;
  std::filesystem::path path;
  std::string name;  // quoted, for messages
  Sink sink;
  File& file = sink.file;
  IoPtr io;
  MuxerPtr context;
  AVStream* video = nullptr;
  AVStream* audio = nullptr;
  AVStream* text = nullptr;
  PacketPtr packet = make_packet();
  std::int64_t frames = 0;
  std::int64_t song_end = 0;       // in samples
  std::int64_t longest_sound = 0;  // of the song's packets, in samples
  std::uint64_t song_digest = kEmptyDigest;
  bool ended = false;

  Impl(const std::filesystem::path& target, const VideoFormat& wanted, const MuxSettings& extras)
      : format(wanted),
        settings(extras),
        traits(traits_of(wanted.codec)),
        song(extras.song ? open_song(*extras.song, wanted.codec) : nullptr),
        path(target),
        name(quoted((extras.name.empty() ? target : extras.name).string())),
        sink{.file = File(target, name)} {
    check_tracks(settings.tracks);
    open_context();
    add_video();
    if (song) audio = add_stream(*context, *song, doing());
    add_captions();
    add_chapters();
    write_header();
  }

  std::string doing() const { return "writing " + name; }

  // libav's error, or rather its cause: that the work was ended, or the disk's.
  void check_write(int code, const char* step) const {
    if (sink.ended) std::rethrow_exception(sink.ended);
    if (file.error() != 0) {
      throw MediaError(Kind::write_failed,
                       fmt::format("{}: {}; free some space and run the same command again",
                                   doing(), std::strerror(file.error())),
                       file.error());
    }
    // What libav itself refuses is no fault of the disk.
    const int error = system_error_of(code);
    const Kind kind = error == 0 || error == EINVAL ? Kind::internal : Kind::write_failed;
    check(code, kind, fmt::format("{}: {}", doing(), step));
    if (context->pb->error < 0) check(context->pb->error, Kind::write_failed, doing());
  }

  void open_context() {
    io = make_io(kWriteBuffer, &sink, {.write = write_to_sink, .seek = seek_sink});
    // MP4 reads its own file again to put the index first; "file:" disarms odd names.
    const std::string url = "file:" + path.string();
    context = open_muxer(format.codec, *io, url.c_str(), doing());
    set_tag("title", settings.title);
    set_tag("artist", settings.artist);
    // The one long text that MP4, MOV and Matroska all keep.
    set_tag("comment", settings.scene_text);
  }

  void set_tag(const char* key, const std::string& value) {
    if (value.empty()) return;
    check(av_dict_set(&context->metadata, key, value.c_str(), 0), Kind::internal, doing());
  }

  void add_video() {
    video = check_alloc(avformat_new_stream(context.get(), nullptr));
    video->time_base = {static_cast<int>(format.fps.den), static_cast<int>(format.fps.num)};
    video->avg_frame_rate = {static_cast<int>(format.fps.num), static_cast<int>(format.fps.den)};
    video->r_frame_rate = video->avg_frame_rate;
    video->sample_aspect_ratio = {1, 1};
    AVCodecParameters& parameters = *video->codecpar;
    parameters.codec_type = AVMEDIA_TYPE_VIDEO;
    parameters.codec_id = traits.id;
    parameters.codec_tag = traits.tag;
    parameters.profile = traits.profile;
    parameters.format = traits.pixels;
    parameters.width = format.width;
    parameters.height = format.height;
    parameters.sample_aspect_ratio = {1, 1};
    parameters.field_order = AV_FIELD_PROGRESSIVE;
    parameters.color_range = traits.range;
    parameters.color_space = traits.matrix;
    parameters.color_primaries = AVCOL_PRI_BT709;
    parameters.color_trc = AVCOL_TRC_BT709;
    parameters.chroma_location = traits.chroma;
    parameters.video_delay = format.delay;
    if (format.extradata.empty()) return;
    const std::size_t size = format.extradata.size();
    parameters.extradata =
        static_cast<std::uint8_t*>(check_alloc(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE)));
    parameters.extradata_size = static_cast<int>(size);
    std::memcpy(parameters.extradata, format.extradata.data(), size);
  }

  void add_captions() {
    if (settings.tracks.captions.empty()) return;
    captions.emplace(settings.tracks, format.codec, caption_ticks(format.fps, song.get()));
    text = captions->add_to(*context, format, doing());
  }

  void add_chapters() {
    const auto ticks = static_cast<int>(timescale(format.fps));
    for (const Chapter& from : settings.tracks.chapters) {
      auto* chapter = static_cast<AVChapter*>(check_alloc(av_mallocz(sizeof(AVChapter))));
      const auto count = static_cast<int>(context->nb_chapters);
      auto* list = static_cast<AVChapter**>(
          av_realloc_array(context->chapters, static_cast<std::size_t>(count) + 1, sizeof chapter));
      if (list == nullptr) av_free(chapter);
      context->chapters = check_alloc(list);
      context->chapters[context->nb_chapters++] = chapter;
      chapter->id = count;
      chapter->time_base = {1, ticks};
      chapter->start = av_rescale(from.start.num, ticks, from.start.den);
      chapter->end = av_rescale(from.end.num, ticks, from.end.den);
      check(av_dict_set(&chapter->metadata, "title", from.title.c_str(), 0), Kind::internal,
            doing());
    }
  }

  void write_header() {
    Options options;
    if (!is_matroska(format.codec)) {
      options.set("movflags", "+faststart");
      // The whole film's clock too, else its length is rounded to milliseconds.
      options.set("movie_timescale", timescale(format.fps));
      options.set("video_track_timescale", timescale(format.fps));
    }
    check_write(avformat_write_header(context.get(), options.address()), "its header");
    options.require_used(doing());
  }

  void write(const VideoPacket& from) {
    if (ended) throw MediaError(Kind::internal, doing() + ": it is ended already");
    send_captions(from.dts);
    check(av_new_packet(packet.get(), static_cast<int>(from.data.size())), Kind::internal, doing());
    std::memcpy(packet->data, from.data.data(), from.data.size());
    packet->pts = from.pts;
    packet->dts = from.dts;
    packet->duration = 1;
    if (from.key) packet->flags |= AV_PKT_FLAG_KEY;
    send(packet.get(), *video,
         {static_cast<int>(format.fps.den), static_cast<int>(format.fps.num)});
    ++frames;
    if (!song) return;
    // The song keeps up with the picture, so nothing waits in memory.
    const std::int64_t until = std::max<std::int64_t>(0, samples_at(from.dts));
    while (PacketPtr sound = song->next(until)) send_song(*sound);
  }

  // Those that begin at or before a frame, which has not been sent yet.
  void send_captions(std::int64_t frame) {
    if (!captions) return;
    const auto ticks = captions->ticks();
    const auto until = av_rescale_rnd(frame * format.fps.den, ticks, format.fps.num, AV_ROUND_DOWN);
    while (PacketPtr caption = captions->next(until)) {
      send(caption.get(), *text, {1, static_cast<int>(ticks)});
    }
  }

  std::int64_t samples_at(std::int64_t frame) const {
    return av_rescale_rnd(frame * format.fps.den, song->rate(), format.fps.num, AV_ROUND_DOWN);
  }

  void send_song(AVPacket& sound) {
    song_end = sound.pts + sound.duration;
    longest_sound = std::max(longest_sound, sound.duration);
    song_digest = extend_digest(song_digest, sound.data, static_cast<std::size_t>(sound.size));
    sound.flags |= AV_PKT_FLAG_KEY;
    send(&sound, *audio, {1, song->rate()});
  }

  void send(AVPacket* data, const AVStream& stream, AVRational base) {
    data->stream_index = stream.index;
    av_packet_rescale_ts(data, base, stream.time_base);
    check_write(av_interleaved_write_frame(context.get(), data), "a packet");
  }

  FilmSummary complete(const Look& look) {
    if (ended) throw MediaError(Kind::internal, doing() + ": it is ended already");
    if (frames == 0) throw MediaError(Kind::internal, doing() + ": a film needs a frame at least");
    sink.look = look;
    send_captions(frames);
    if (song) {
      const std::int64_t end = samples_at(frames);
      while (PacketPtr sound = song->last(end)) send_song(*sound);
    }
    check_write(av_interleaved_write_frame(context.get(), nullptr), "the last packets");
    check_write(av_write_trailer(context.get()), "its index");
    avio_flush(io.get());
    check_write(io->error, "its end");
    verify();
    ended = true;
    return summary();
  }

  FilmSummary summary() const {
    FilmSummary summary;
    summary.frames = frames;
    summary.seconds = {frames * format.fps.den, format.fps.num};
    summary.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, file.size()));
    if (song) {
      summary.song = song->summary();
      summary.song->film_seconds = {song_end, song->rate()};
    }
    return summary;
  }

  // Reads the file back. Neither libav's return values nor the container's own claims are proof.
  void verify() const {
    const FilmInfo film = inspect(path, Decode::yes, settings.threads, sink.look);
    const auto expect = [&](bool good, const std::string& what) {
      if (good) return;
      throw MediaError(Kind::write_failed,
                       fmt::format("{}: reading it back showed {}; run the same command again, on "
                                   "another disk if it happens again",
                                   doing(), what));
    };
    expect(film.frames == frames && film.decoded == frames,
           fmt::format("{} frames, {} of them whole, instead of {}", film.frames, film.decoded,
                       frames));
    expect(film.width == format.width && film.height == format.height,
           fmt::format("{}x{} pixels", film.width, film.height));
    expect(film.codec == codec_name(format.codec), "the codec " + film.codec);
    expect(film.color_space == av_color_space_name(traits.matrix) &&
               film.color_primaries == "bt709" && film.color_transfer == "bt709",
           "other colours than written: " + film.color_space);
    const double fps_error = film.fps.value() / format.fps.value() - 1;
    expect(std::abs(fps_error) < 1e-4, fmt::format("{} frames per second", film.fps.value()));
    expect(film.each_frame_once && film.start.num == 0, "frames missing or out of step");
    const double seconds = static_cast<double>(frames) / format.fps.value();
    const double tolerance = std::min(0.5 / format.fps.value(), 0.0015);  // Matroska: milliseconds
    expect(std::abs(film.seconds.value() - seconds) < tolerance + 1e-9,
           fmt::format("a length of {} seconds", film.seconds.value()));
    verify_song(film, expect);
    verify_tracks(film.tracks, expect);
  }

  template <class Expect>
  void verify_song(const FilmInfo& film, const Expect& expect) const {
    expect(film.audio.has_value() == (song != nullptr), "no song, or one too many");
    if (!song) return;
    const double difference =
        (film.audio->start + film.audio->samples) / static_cast<double>(film.audio->sample_rate) -
        static_cast<double>(song_end) / song->rate();
    // Read from Matroska, the last packet of FLAC lasts as long as its samples, however short it
    // was cut (see cut_end in song_stream.cpp).
    const double overhang =
        is_matroska(format.codec) ? static_cast<double>(longest_sound) / song->rate() : 0;
    expect(difference > -1 / format.fps.value() && difference < 1 / format.fps.value() + overhang,
           fmt::format("the song {:.3f} seconds too long or short", difference));
    expect(!song->bytes_stay() || film.audio->digest == song_digest, "a changed song");
  }

  template <class Expect>
  void verify_tracks(const FilmTracks& film, const Expect& expect) const {
    const FilmTracks& wanted = settings.tracks;
    const double tolerance = is_matroska(format.codec) ? 0.0011 : 0.0002;  // seconds
    const auto same = [&](Ratio a, Ratio b) { return std::abs(a.value() - b.value()) < tolerance; };
    const bool chapters =
        std::equal(film.chapters.begin(), film.chapters.end(), wanted.chapters.begin(),
                   wanted.chapters.end(), [&](const Chapter& a, const Chapter& b) {
                     return a.title == b.title && same(a.start, b.start) && same(a.end, b.end);
                   });
    expect(chapters, "other chapters than written");
    const bool texts =
        std::equal(film.captions.begin(), film.captions.end(), wanted.captions.begin(),
                   wanted.captions.end(), [&](const Caption& a, const Caption& b) {
                     return a.text == b.text && same(a.start, b.start) && same(a.end, b.end);
                   });
    expect(texts, "other subtitles than written");
  }
};

std::string describe(const SongSummary& song, std::string_view extension) {
  return how_stored(song) + what_clipped(song) + who_plays(song.film_codec, extension);
}

MuxSettings mux_settings(const VideoSettings& settings) {
  return {.title = settings.title,
          .artist = settings.artist,
          .scene_text = settings.scene_text,
          .song = settings.song,
          .tracks = settings.tracks,
          .threads = settings.threads};
}

Muxer::Muxer(const std::filesystem::path& file, const VideoFormat& format,
             const MuxSettings& settings) {
  silence_libav();
  impl_ = std::make_unique<Impl>(file, format, settings);
}

Muxer::~Muxer() = default;
Muxer::Muxer(Muxer&&) noexcept = default;
Muxer& Muxer::operator=(Muxer&&) noexcept = default;

void Muxer::write(const VideoPacket& packet) {
  impl_->write(packet);
}
FilmSummary Muxer::complete(const Look& look) {
  return impl_->complete(look);
}
}  // namespace latentreel::ffmpeg
