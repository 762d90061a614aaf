#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "ffmpeg/picture_headers.h"

namespace latentreel::ffmpeg {
namespace {

// Tags, compressions and colours of TIFF 6.0 and its supplements, by their numbers there.
enum Tag : std::uint32_t {
  kSubfile = 254,
  kWidth = 256,
  kHeight = 257,
  kBits = 258,
  kCompression = 259,
  kPhotometric = 262,
  kFillOrder = 266,
  kStripOffsets = 273,
  kTurned = 274,
  kSamples = 277,
  kRowsPerStrip = 278,
  kStripSizes = 279,
  kPlanar = 284,
  kFaxOptions3 = 292,
  kFaxOptions4 = 293,
  kPredictor = 317,
  kPalette = 320,
  kTileWidth = 322,
  kTileOffsets = 324,
  kInkSet = 332,
  kExtraSamples = 338,
  kSampleFormat = 339,
  kSubsampling = 530,
  kReferenceBlackWhite = 532,
  kDngVersion = 50706
};

enum Colours : std::uint32_t { kWhiteIsZero, kBlackIsZero, kRgb, kIndexed, kMask, kInks, kYcbcr };

constexpr std::uint64_t kEntry = 12;  // bytes of an entry of a directory

struct Entry {
  std::uint32_t tag = 0;
  std::uint64_t at = 0;  // where the entry stands
  std::uint64_t count = 0;
  std::uint32_t value_size = 0;
  std::uint64_t values = 0;  // where its values stand
};

std::uint32_t size_of_type(std::uint32_t type) {
  constexpr std::array<std::uint32_t, 13> kSizes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
  return type < kSizes.size() ? kSizes[type] : 0;
}

// Whether this file or the decoder reads the tag's values; others may be as damaged as they like.
bool matters(std::uint32_t tag) {
  switch (tag) {
    case kBits:
    case kStripOffsets:
    case kStripSizes:
    case kPalette:
    case kExtraSamples:
    case kSampleFormat:
    case kSubsampling:
    case kReferenceBlackWhite:
      return true;
    default:  // numbers that stand within the directory
      return false;
  }
}

// The first directory of a file, in which its first picture is described.
class Directory {
 public:
  Directory(const Bytes& bytes, const std::string& doing) : bytes_(bytes), at_(bytes.u32(4)) {
    const std::uint64_t entries = bytes.u16(at_);
    if (!bytes.has(4, 4) || !bytes.has(at_, 2 + kEntry * entries)) refuse_cut(doing);
    for (std::uint64_t i = 0; i < entries; ++i) {
      const Entry entry = entry_at(at_ + 2 + kEntry * i);
      // Of what is said twice the first counts, here and for the decoder.
      if (entry.value_size != 0) entries_.emplace(entry.tag, entry);
    }
    for (const auto& [tag, entry] : entries_) {
      if (matters(tag) && !bytes.has(entry.values, entry.count * entry.value_size)) {
        refuse_cut(doing);
      }
    }
  }

  bool has(Tag tag) const { return entries_.contains(tag); }
  std::uint64_t count(Tag tag) const { return has(tag) ? entries_.at(tag).count : 0; }

  // Value number `index` of a tag of whole numbers; of a tag of fractions the first numerator.
  std::uint32_t value(Tag tag, std::uint32_t otherwise, std::uint64_t index = 0) const {
    const auto found = entries_.find(tag);
    if (found == entries_.end() || index >= found->second.count) return otherwise;
    const std::uint64_t at = found->second.values + index * found->second.value_size;
    if (found->second.value_size == 1) return bytes_.u8(at);
    return found->second.value_size == 2 ? bytes_.u16(at) : bytes_.u32(at);
  }

  // Leaves in the packet's directory the entries of these tags only, and no further directory.
  void keep(const std::vector<Tag>& tags, AVPacket& packet, bool little) const {
    std::vector<std::array<std::uint8_t, kEntry>> kept;
    for (const auto& [tag, entry] : entries_) {
      if (std::find(tags.begin(), tags.end(), tag) == tags.end()) continue;
      std::memcpy(kept.emplace_back().data(), packet.data + entry.at, kEntry);
    }
    const std::uint64_t room = kEntry * bytes_.u16(at_);
    const auto number = kept.size();
    const auto low = static_cast<std::uint8_t>(number & 0xff);
    const auto high = static_cast<std::uint8_t>(number >> 8 & 0xff);
    std::uint8_t* to = packet.data + at_;
    to[0] = little ? low : high;
    to[1] = little ? high : low;
    std::memset(to + 2, 0, room);
    for (std::size_t i = 0; i < number; ++i)
      std::memcpy(to + 2 + kEntry * i, kept[i].data(), kEntry);
    if (bytes_.has(at_, 2 + room + 4)) std::memset(to + 2 + room, 0, 4);
  }

 private:
  Entry entry_at(std::uint64_t at) const {
    Entry entry{bytes_.u16(at), at, bytes_.u32(at + 4), size_of_type(bytes_.u16(at + 2)), at + 8};
    if (entry.count * entry.value_size > 4) entry.values = bytes_.u32(at + 8);
    return entry;
  }

  Bytes bytes_;
  std::uint64_t at_;
  std::map<std::uint32_t, Entry> entries_;  // by tag, in the order that TIFF asks for
};

void require_readable_compression(const Directory& tags, const std::string& doing) {
  const std::uint32_t compression = tags.value(kCompression, 1);
  switch (compression) {
    case 1:      // none
    case 5:      // LZW
    case 8:      // Deflate
    case 32946:  // Deflate
    case 32773:  // PackBits
    case 34925:  // LZMA
      return;
    case 2:  // fax machines' three
    case 3:
    case 4:
      if (tags.value(kBits, 1) == 1 && tags.value(kSamples, 1) == 1) return;
      break;
    case 6:
    case 7:
    case 34892:
      refuse_kind(doing, "a TIFF with JPEG inside");
    default:
      break;
  }
  refuse_kind(doing, fmt::format("a TIFF with compression number {}", compression));
}

// Of the files that begin like a TIFF, those whose first picture is no more than a preview.
void require_main_picture(const Directory& tags, const std::string& doing) {
  if (tags.has(kDngVersion)) refuse_kind(doing, "a camera's raw file (DNG)");
  if (tags.value(kSubfile, 0) & 1) {
    refuse_kind(doing,
                "a TIFF whose first picture is but a small preview of another, as in a camera's "
                "raw file");
  }
  if (tags.has(kTileWidth) || tags.has(kTileOffsets)) refuse_kind(doing, "a TIFF in tiles");
}

std::string name_of_colours(std::uint32_t colours) {
  switch (colours) {
    case kWhiteIsZero:
    case kBlackIsZero:
      return "a grey TIFF";
    case kRgb:
      return "an RGB TIFF";
    case kIndexed:
      return "a TIFF with a palette";
    case kMask:
      return "a TIFF mask";
    case kInks:
      return "a CMYK TIFF";
    case kYcbcr:
      return "a YCbCr TIFF";
    case 8:
    case 9:
    case 10:
      return "a Lab TIFF";
    case 32803:
    case 34892:
      return "a TIFF with a camera's raw data";
    case 32844:
    case 32845:
      return "a LogLuv TIFF";
    default:
      return fmt::format("a TIFF with colours number {}", colours);
  }
}

// What libav decodes into the right colours: colours, how many values a pixel has, of how many
// bits, and whether each value has a plane of its own.
struct Layout {
  std::uint32_t colours, samples, bits, planar;
  bool operator==(const Layout&) const = default;
};

constexpr Layout kReadable[] = {
    {kWhiteIsZero, 1, 1, 1},  {kWhiteIsZero, 1, 2, 1},  {kWhiteIsZero, 1, 4, 1},
    {kWhiteIsZero, 1, 8, 1},  {kWhiteIsZero, 1, 16, 1}, {kBlackIsZero, 1, 1, 1},
    {kBlackIsZero, 1, 2, 1},  {kBlackIsZero, 1, 4, 1},  {kBlackIsZero, 1, 8, 1},
    {kBlackIsZero, 1, 16, 1}, {kBlackIsZero, 2, 8, 1},  {kBlackIsZero, 2, 16, 1},
    {kRgb, 3, 8, 1},          {kRgb, 3, 16, 1},         {kRgb, 4, 8, 1},
    {kRgb, 4, 16, 1},         {kRgb, 3, 8, 2},          {kRgb, 3, 16, 2},
    {kRgb, 4, 8, 2},          {kRgb, 4, 16, 2},         {kIndexed, 1, 1, 1},
    {kIndexed, 1, 2, 1},      {kIndexed, 1, 4, 1},      {kIndexed, 1, 8, 1},
    {kInks, 4, 8, 1},         {kInks, 5, 8, 1},         {kYcbcr, 3, 8, 1},
};

void require_readable_colours_of(const Directory& tags, const std::string& doing) {
  const std::uint32_t none = ~std::uint32_t{0};
  const std::uint32_t samples = tags.value(kSamples, 1);
  // One value is the same in one plane or in several.
  const std::uint32_t planar = samples == 1 ? 1 : tags.value(kPlanar, 1);
  const Layout layout{tags.value(kPhotometric, none), samples, tags.value(kBits, 1), planar};
  if (layout.colours == none) refuse_kind(doing, "a TIFF that does not say what its colours are");
  const std::string name = name_of_colours(layout.colours);
  for (std::uint64_t i = 0; i < tags.count(kSampleFormat); ++i) {
    const std::uint32_t format = tags.value(kSampleFormat, 1, i);
    if (format == 3) refuse_kind(doing, name + " with floating-point values");
    if (format != 1 && format != 4) refuse_kind(doing, name + " with signed values");
  }
  for (std::uint64_t i = 0; i < tags.count(kBits); ++i) {
    if (tags.value(kBits, 1, i) != layout.bits) {
      refuse_kind(doing, name + " whose values differ in bits");
    }
  }
  if (layout.colours == kInks && tags.value(kInkSet, 1) != 1) {
    refuse_kind(doing, "a TIFF with inks other than CMYK");
  }
  if (layout.colours == kIndexed && !tags.has(kPalette)) {
    refuse(doing, "the file is damaged: its palette is missing; copy or download it again");
  }
  if (std::find(std::begin(kReadable), std::end(kReadable), layout) == std::end(kReadable)) {
    refuse_kind(doing,
                fmt::format("{} with {} bits a value, {} value{} a pixel{}", name, layout.bits,
                            samples, samples == 1 ? "" : "s", planar == 1 ? "" : " in planes"));
  }
}

PictureHeaders::Alpha alpha_of(const Directory& tags) {
  // Where a fourth value goes unexplained it is taken for alpha, as other readers do.
  switch (tags.value(kExtraSamples, 2)) {
    case 0:
      return PictureHeaders::Alpha::unused;
    case 1:
      return PictureHeaders::Alpha::premultiplied;
    default:
      return PictureHeaders::Alpha::straight;
  }
}

// The range of a YCbCr picture's luma by what it calls black, a fraction: 0 or, as video has
// it, 16.
AVColorRange range_of(const Directory& tags) {
  if (tags.value(kPhotometric, 0) != kYcbcr) return AVCOL_RANGE_UNSPECIFIED;
  if (tags.count(kReferenceBlackWhite) < 6) return AVCOL_RANGE_JPEG;
  const std::uint32_t black = tags.value(kReferenceBlackWhite, 0);
  return black == 0 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

std::vector<Tag> tags_to_decode(const Directory& tags) {
  std::vector<Tag> kept{kWidth,     kHeight,       kBits,       kCompression,  kPhotometric,
                        kFillOrder, kStripOffsets, kSamples,    kRowsPerStrip, kStripSizes,
                        kPlanar,    kFaxOptions3,  kFaxOptions4};
  const std::uint32_t compression = tags.value(kCompression, 1);
  // libav obeys these two where TIFF gives them no meaning.
  if (compression == 5 || compression == 8 || compression == 32946 || compression == 34925) {
    kept.push_back(kPredictor);
  }
  if (tags.value(kPhotometric, 0) == kIndexed) kept.push_back(kPalette);
  if (tags.value(kPhotometric, 0) == kYcbcr) kept.push_back(kSubsampling);
  return kept;
}

}  // namespace

PictureHeaders prepare_tiff(AVPacket& packet, const std::string& doing) {
  const bool little = bytes_of(packet).starts_with("II");
  const Bytes bytes(bytes_of(packet), little ? Bytes::Order::little : Bytes::Order::big);
  const Directory tags(bytes, doing);
  require_main_picture(tags, doing);
  require_readable_compression(tags, doing);
  require_readable_colours_of(tags, doing);
  const std::uint32_t predictor = tags.value(kPredictor, 1);
  if (predictor > 2) refuse_kind(doing, fmt::format("a TIFF with predictor number {}", predictor));
  PictureHeaders headers{AV_CODEC_ID_TIFF, "TIFF"};
  headers.width = tags.value(kWidth, 0);
  headers.height = tags.value(kHeight, 0);
  const std::uint32_t orientation = tags.value(kTurned, 1);
  headers.orientation = orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  headers.alpha = alpha_of(tags);
  headers.range = range_of(tags);
  tags.keep(tags_to_decode(tags), packet, little);
  return headers;
}

}  // namespace latentreel::ffmpeg
