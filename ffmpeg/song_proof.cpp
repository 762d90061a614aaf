#include "ffmpeg/song_proof.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "ffmpeg/film_check.h"
#include "ffmpeg/open_muxer.h"
#include "ffmpeg/song_decoder.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

constexpr int kBuffer = 1 << 16;
constexpr std::int64_t kMostKept = std::int64_t{64} << 20;
constexpr const char* kDoing = "trying a song in a film";

// A file in memory. Of one that gets too large only position and length are known.
class Trial {
 public:
  Trial() : descriptor_(::memfd_create("song", MFD_CLOEXEC)) {}
  ~Trial() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  int write(const std::uint8_t* bytes, int size) {
    if (position_ + size > kMostKept) drop();
    for (int done = 0; descriptor_ >= 0 && done < size;) {
      const auto count = static_cast<std::size_t>(size - done);
      const ssize_t wrote = ::pwrite(descriptor_, bytes + done, count, position_ + done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) drop();
      done += static_cast<int>(wrote);
    }
    position_ += size;
    size_ = std::max(size_, position_);
    return size;
  }

  std::int64_t seek(std::int64_t offset, int whence) {
    if (whence & AVSEEK_SIZE) return size_;
    const int from = whence & ~AVSEEK_FORCE;
    const std::int64_t base = from == SEEK_CUR ? position_ : from == SEEK_END ? size_ : 0;
    return position_ = base + offset;
  }

  bool is_kept() const { return descriptor_ >= 0; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  void drop() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  int descriptor_;  // below 0: nothing is kept
  std::int64_t position_ = 0;
  std::int64_t size_ = 0;
};

int write_to_trial(void* opaque, std::uint8_t* bytes, int size) {
  return static_cast<Trial*>(opaque)->write(bytes, size);
}

std::int64_t seek_in_trial(void* opaque, std::int64_t offset, int whence) {
  return static_cast<Trial*>(opaque)->seek(offset, whence);
}

// What was given to the muxer.
struct Given {
  std::uint64_t digest = kEmptyDigest;
  std::int64_t end = 0;      // of the last packet, in samples
  std::int64_t longest = 0;  // packet
};

// libav's words where it refuses a packet; empty where it takes all.
std::string mux(SongStream& song, VideoCodec film, Trial& trial, Given& given) {
  const IoPtr io = make_io(kBuffer, &trial, {.write = write_to_trial, .seek = seek_in_trial});
  const MuxerPtr context = open_muxer(film, *io, nullptr, kDoing);
  const AVStream* stream = add_stream(*context, song, kDoing);
  int code = avformat_write_header(context.get(), nullptr);
  if (code < 0) return av_text(code);
  while (const PacketPtr packet = song.next(INT64_MAX / 2)) {
    given.digest =
        extend_digest(given.digest, packet->data, static_cast<std::size_t>(packet->size));
    given.end = packet->pts + packet->duration;
    given.longest = std::max(given.longest, packet->duration);
    packet->stream_index = 0;
    packet->flags |= AV_PKT_FLAG_KEY;
    av_packet_rescale_ts(packet.get(), {1, song.rate()}, stream->time_base);
    code = av_write_frame(context.get(), packet.get());
    if (code < 0) break;
  }
  // The index is written in any case: it frees what the muxer keeps.
  const int ended = av_write_trailer(context.get());
  avio_flush(io.get());
  if (code < 0) return av_text(code);
  return ended < 0 ? av_text(ended) : std::string();
}

std::uint64_t digest_of_packets(const std::string& file) {
  InputFile input = open_song_container(file, kDoing);
  find_sound(input, kDoing);
  const PacketPtr packet = make_packet();
  std::uint64_t digest = kEmptyDigest;
  while (input.read(packet.get())) {
    const PacketScope scope(packet.get());
    digest = extend_digest(digest, packet->data, static_cast<std::size_t>(packet->size));
  }
  return digest;
}

std::string difference(const SongStream& song, const Given& given, const std::string& file) {
  try {
    if (song.bytes_stay() && digest_of_packets(file) != given.digest) {
      return "libav reads other packets from there";
    }
    // A player that does not know how much of the first packets is not heard hears it all.
    const std::int64_t extra = measure_song(file).samples - given.end;
    const std::int64_t rounding = song.rate() / 50 + 2 * given.longest;
    if (std::abs(extra) > rounding) {
      return fmt::format("there it is {:.3f} seconds too long",
                         static_cast<double>(extra) / song.rate());
    }
    return {};
  } catch (const MediaError& error) {
    if (error.kind() != Kind::invalid) throw;
    return "libav cannot decode it from there";
  }
}

}  // namespace

std::string refusal_of(SongStream& song, VideoCodec film) {
  Trial trial;
  Given given;
  std::string refusal = mux(song, film, trial, given);
  if (!refusal.empty() || !trial.is_kept()) return refusal;
  return difference(song, given, trial.path());
}

}  // namespace latentreel::ffmpeg
