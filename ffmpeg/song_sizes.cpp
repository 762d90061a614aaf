#include "ffmpeg/song_sizes.h"

extern "C" {
#include <libavutil/intreadwrite.h>
}

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "ffmpeg/mp3_frame.h"

namespace latentreel::ffmpeg {
namespace {

constexpr int kMaxChunks = 4096;  // a file of nothing but empty chunks must not take for ever
constexpr std::int64_t kMaxSize = INT64_MAX / 2;  // of a chunk that can be passed over

// What stands for "unknown" in 32 bits, from the first number of each to the last. Sound that must
// be whole frames ends just below. All about half of the largest number counts, and what lies just
// below it, as programs differ in what they round to and in whether they take the header off:
//   0x7F000000  sox, AIFF              0x7FFFF000  sox, espeak-ng         0x7FFFFFFF  lame
//   0x80000000  arecord                0xFFFFFFFF  ffmpeg, mpg123
struct Unknown {
  std::int64_t first, last;
};
constexpr std::array<Unknown, 3> kUnknown = {
    {{0x7F000000, 0x7F000000}, {0x7FFFF000, 0x80000024}, {0xFFFFF000, 0xFFFFFFFF}}};

// Whether a size is no size: `below` is how far rounding may have taken it under a number that
// stands for "unknown", `above` how much a header may have been added.
bool is_unknown(std::int64_t size, std::int64_t below, std::int64_t above) {
  if (size == 0) return true;
  return std::any_of(kUnknown.begin(), kUnknown.end(), [&](const Unknown& unknown) {
    return size > unknown.first - below && size <= unknown.last + above;
  });
}

// How a kind of file writes its chunks: a name, the size of the content, the content.
struct ChunkForm {
  std::int64_t first;    // where the first chunk begins
  std::size_t id_bytes;  // of the name, of which the first four count
  std::size_t size_bytes;
  std::int64_t alignment;  // of the next chunk, counted from the beginning of the content
  bool counts_itself;      // the size is that of name, size and content
  bool big_endian;
};

constexpr ChunkForm kRiff = {12, 4, 4, 2, false, false};
constexpr ChunkForm kIff = {12, 4, 4, 2, false, true};
constexpr ChunkForm kW64 = {40, 16, 8, 8, true, false};
constexpr ChunkForm kCaf = {8, 4, 8, 1, false, true};

struct Chunk {
  char id[4] = {};
  std::int64_t size_at = 0;  // where its size stands
  std::int64_t begin = 0;    // of its content
  std::int64_t size = 0;  // of its content, as it stands there: may be below 0 or beyond the file

  bool is(std::string_view name) const { return std::string_view(id, 4) == name; }
};

// Walks over the chunks of a file.
class Chunks {
 public:
  Chunks(PlainFile& file, const ChunkForm& form) : file_(file), form_(form), at_(form.first) {}

  std::uint32_t u32(const std::uint8_t* bytes) const {
    return form_.big_endian ? AV_RB32(bytes) : AV_RL32(bytes);
  }
  std::uint32_t u16(const std::uint8_t* bytes) const {
    return form_.big_endian ? AV_RB16(bytes) : AV_RL16(bytes);
  }

  std::optional<Chunk> next() {
    std::uint8_t head[24] = {};
    const std::size_t bytes = form_.id_bytes + form_.size_bytes;
    if (++count_ > kMaxChunks || at_ < 0 || !read(at_, head, bytes)) return std::nullopt;
    const auto head_size = static_cast<std::int64_t>(bytes);
    Chunk chunk{.size_at = at_ + static_cast<std::int64_t>(form_.id_bytes),
                .begin = at_ + head_size,
                .size = size_in(head + form_.id_bytes)};
    std::memcpy(chunk.id, head, 4);
    at_ = -1;
    if (chunk.size >= 0 && chunk.size < kMaxSize) {
      const std::int64_t units = (chunk.size + form_.alignment - 1) / form_.alignment;
      at_ = chunk.begin + units * form_.alignment;
    }
    return chunk;
  }

  bool read(std::int64_t at, std::uint8_t* bytes, std::size_t size) const {
    return file_.seek(at, SEEK_SET) == at &&
           file_.read(bytes, size) == static_cast<std::int64_t>(size);
  }

  BytePatch patch32(std::int64_t at, std::int64_t value) const {
    BytePatch patch{at, std::vector<std::uint8_t>(4)};
    const auto number = static_cast<std::uint32_t>(std::min<std::int64_t>(value, UINT32_MAX));
    if (form_.big_endian) {
      AV_WB32(patch.bytes.data(), number);
    } else {
      AV_WL32(patch.bytes.data(), number);
    }
    return patch;
  }

 private:
  std::int64_t size_in(const std::uint8_t* bytes) const {
    std::uint64_t size = form_.size_bytes == 4 ? u32(bytes)
                         : form_.big_endian    ? AV_RB64(bytes)
                                               : AV_RL64(bytes);
    if (form_.counts_itself) size -= form_.id_bytes + form_.size_bytes;
    return static_cast<std::int64_t>(size);
  }

  PlainFile& file_;
  const ChunkForm& form_;
  std::int64_t at_;  // where the next one begins; below 0: nobody can tell
  int count_ = 0;
};

BytePatch patch64(std::int64_t at, std::int64_t value) {
  BytePatch patch{at, std::vector<std::uint8_t>(8)};
  AV_WL64(patch.bytes.data(), static_cast<std::uint64_t>(value));
  return patch;
}

// RIFF, or RIFX with its numbers the other way round.
SongSizes read_wav(PlainFile& file, const std::uint8_t* head) {
  Chunks chunks(file, head[3] == 'X' ? kIff : kRiff);
  const std::int64_t riff = chunks.u32(head + 4);
  std::int64_t block = 1;
  std::int64_t header = 0;
  SongSizes sizes;
  while (const auto chunk = chunks.next()) {
    std::uint8_t format[16] = {};
    if (chunk->is("fmt ") && chunks.read(chunk->begin, format, sizeof format)) {
      block = std::max<std::int64_t>(1, chunks.u16(format + 12));
    }
    if (!chunk->is("data")) continue;
    header = chunk->begin - 8;
    // The file's own size is the other's with the header, or without.
    if (is_unknown(chunk->size, block, 0) ||
        (is_unknown(riff, 1, 0) && chunk->size >= riff - header && chunk->size <= riff)) {
      sizes.patches.push_back(chunks.patch32(chunk->size_at, UINT32_MAX));
    } else {
      sizes.missing = chunk->begin + chunk->size - file.size();
    }
    break;
  }
  if (!is_unknown(riff, block, header)) {
    sizes.missing = std::max(sizes.missing, riff + 8 - file.size());
  }
  sizes.missing = std::max<std::int64_t>(0, sizes.missing);
  return sizes;
}

// RF64 and BW64 keep sizes of 64 bits in a chunk of their own, "ds64".
SongSizes read_rf64(PlainFile& file) {
  Chunks chunks(file, kRiff);
  std::int64_t ds64 = -1;
  SongSizes sizes;
  while (const auto chunk = chunks.next()) {
    if (chunk->is("ds64")) ds64 = chunk->begin;
    if (!chunk->is("data")) continue;
    std::uint8_t size[8] = {};
    if (ds64 < 0 || !chunks.read(ds64 + 8, size, sizeof size)) break;
    const auto data = static_cast<std::int64_t>(AV_RL64(size));
    if (data <= 0) {
      sizes.patches.push_back(patch64(ds64 + 8, file.size() - chunk->begin));
    } else if (data < INT64_MAX - chunk->begin) {
      sizes.missing = std::max<std::int64_t>(0, chunk->begin + data - file.size());
    }
    break;
  }
  return sizes;
}

SongSizes read_aiff(PlainFile& file) {
  Chunks chunks(file, kIff);
  std::int64_t frames_at = -1;
  std::int64_t block = 1;
  SongSizes sizes;
  while (const auto chunk = chunks.next()) {
    std::uint8_t common[8] = {};
    if (chunk->is("COMM") && chunks.read(chunk->begin, common, sizeof common)) {
      frames_at = chunk->begin + 2;
      const std::int64_t sample = (chunks.u16(common + 6) + 7) / 8;
      block = std::max<std::int64_t>(1, chunks.u16(common) * sample);
    }
    if (!chunk->is("SSND")) continue;
    // Its first eight bytes are no sound.
    if (frames_at < 0 || !(chunk->size == 0 || is_unknown(chunk->size - 8, block, 0))) break;
    const std::int64_t size = file.size() - chunk->begin;
    sizes.patches = {chunks.patch32(4, file.size() - 8),
                     chunks.patch32(frames_at, std::max<std::int64_t>(0, size - 8) / block),
                     chunks.patch32(chunk->size_at, size)};
    break;
  }
  return sizes;
}

SongSizes read_w64(PlainFile& file) {
  Chunks chunks(file, kW64);
  SongSizes sizes;
  while (const auto chunk = chunks.next()) {
    if (!chunk->is("data")) continue;
    if (chunk->size <= 0 || chunk->size >= kMaxSize) {
      const std::int64_t chunk_begin = chunk->size_at - static_cast<std::int64_t>(kW64.id_bytes);
      sizes.patches.push_back(patch64(chunk->size_at, file.size() - chunk_begin));
    } else {
      sizes.missing = std::max<std::int64_t>(0, chunk->begin + chunk->size - file.size());
    }
    break;
  }
  return sizes;
}

// CAF has a word for "unknown" in its data's size, -1, that libav understands.
SongSizes read_caf(PlainFile& file) {
  Chunks chunks(file, kCaf);
  SongSizes sizes;
  while (const auto chunk = chunks.next()) {
    if (!chunk->is("data")) continue;
    if (chunk->size < 0 || chunk->size >= kMaxSize) break;
    sizes.missing = std::max<std::int64_t>(0, chunk->begin + chunk->size - file.size());
    break;
  }
  return sizes;
}

// AU has a word for "unknown", too.
SongSizes read_au(const PlainFile& file, const std::uint8_t* head) {
  const std::int64_t size = AV_RB32(head + 8);
  SongSizes sizes;
  if (size == UINT32_MAX) return sizes;
  sizes.missing = std::max<std::int64_t>(0, AV_RB32(head + 4) + size - file.size());
  return sizes;
}

constexpr std::int64_t kTagHeader = 10;

// Where the first two MP3 frames in a row begin; nothing where there are none within a mebibyte,
// which few tags exceed.
std::optional<std::int64_t> first_mp3_frame(PlainFile& file) {
  std::vector<std::uint8_t> bytes(1 << 20);
  if (file.seek(0, SEEK_SET) != 0) return std::nullopt;
  const auto got = file.read(bytes.data(), bytes.size());
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(0, got));
  for (std::size_t at = kTagHeader; at < size; ++at) {
    const auto frame = read_mp3_frame(bytes.data() + at, size - at);
    if (!frame) continue;
    const std::size_t next = at + static_cast<std::size_t>(frame->bytes);
    if (next < size && read_mp3_frame(bytes.data() + next, size - next)) {
      return static_cast<std::int64_t>(at);
    }
  }
  return std::nullopt;
}

// A tag before the sound that claims to reach beyond the end of the file would hide all of it: it
// is taken to end where frames begin.
SongSizes read_id3(PlainFile& file, const std::uint8_t* head) {
  std::int64_t size = 0;  // four times seven bits
  for (int k = 6; k < 10; ++k) size = size << 7 | (head[k] & 0x7F);
  if (kTagHeader + size < file.size()) return {};
  const auto frame = first_mp3_frame(file);
  if (!frame) return {};
  BytePatch patch{6, {}};
  for (int bits = 21; bits >= 0; bits -= 7) {
    patch.bytes.push_back(static_cast<std::uint8_t>((*frame - kTagHeader) >> bits & 0x7F));
  }
  return {.missing = 0, .patches = {patch}};
}

SongSizes read_sizes(PlainFile& file) {
  std::uint8_t head[16] = {};
  if (file.read(head, sizeof head) != sizeof head) return {};
  const auto starts = [&](std::string_view id) {
    return std::memcmp(head, id.data(), id.size()) == 0;
  };
  const std::string_view form(reinterpret_cast<const char*>(head) + 8, 4);
  if ((starts("RIFF") || starts("RIFX")) && form == "WAVE") return read_wav(file, head);
  if ((starts("RF64") || starts("BW64")) && form == "WAVE") return read_rf64(file);
  if (starts("FORM") && (form == "AIFF" || form == "AIFC")) return read_aiff(file);
  if (starts("riff")) return read_w64(file);
  if (starts("caff")) return read_caf(file);
  if (starts(".snd")) return read_au(file, head);
  if (starts("ID3")) return read_id3(file, head);
  return {};
}

}  // namespace

SongSizes read_song_sizes(PlainFile& file) {
  SongSizes sizes = read_sizes(file);
  file.seek(0, SEEK_SET);
  return sizes;
}

}  // namespace latentreel::ffmpeg
