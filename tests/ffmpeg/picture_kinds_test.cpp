// Pictures as people have them, beyond the plain file of each kind: what phones append, inks,
// pictures on their side, animations, damage that does no harm; and that what is shown wrongly by
// the decoder is refused by name.
#include <gtest/gtest.h>

#include "ffmpeg/image.h"
#include "tests/ffmpeg/media.h"
#include "tests/ffmpeg/picture_files.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;
using Words = std::vector<std::string>;

Image read_bytes(const TemporaryFolder& folder, const std::string& bytes) {
  write_text(folder / "picture", bytes);
  return read_picture(folder / "picture");
}

// Refused as invalid, with all these words.
void expect_refused_for(const TemporaryFolder& folder, const std::string& bytes,
                        const Words& words) {
  std::string message;
  EXPECT_EQ(kind_thrown([&] { read_bytes(folder, bytes); }), Kind::invalid);
  message = message_thrown([&] { read_bytes(folder, bytes); });
  for (const auto& word : words) {
    EXPECT_NE(message.find(word), std::string::npos) << "\"" << word << "\" in: " << message;
  }
}

// All pixels have this colour, give or take `tolerance`.
void expect_colour(const Image& image, const std::vector<int>& colour, int tolerance) {
  ASSERT_FALSE(image.rgb.empty());
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    ASSERT_NEAR(image.rgb[i], colour[i % 3], tolerance) << i;
  }
}

// Red on the left, blue on the right, wider than high.
Image two_halves() {
  Image image{32, 16, {}};
  for (int i = 0; i < 32 * 16; ++i) {
    const bool left = i % 32 < 16;
    image.rgb.push_back(left ? 250 : 0);
    image.rgb.push_back(0);
    image.rgb.push_back(left ? 0 : 250);
  }
  return image;
}

std::string png_of(const Image& image) {
  const auto bytes = encode_png(image);
  return {bytes.begin(), bytes.end()};
}

std::string jpeg_of(const Image& image) {
  const auto bytes = encode_jpeg(image);
  return {bytes.begin(), bytes.end()};
}

std::string film_bytes(const TemporaryFolder& folder) {
  ffmpeg_tool(folder, "-f lavfi -i testsrc=s=64x48:r=10 -frames:v 20 -pix_fmt yuv420p film.mp4");
  return read_text(folder / "film.mp4");
}

// A start of coded data without an end, as compressed films have by chance.
const std::string kChance = "film\xff\xda\1\2\3film";

TEST(PictureKinds, JpegEndsWhereThePictureEnds) {
  const TemporaryFolder folder;
  const Image image{40, 40, moving_picture(40, 40, 1)};
  const std::string jpeg = jpeg_of(image);
  const Image read = read_bytes(folder, jpeg);
  const std::string film = film_bytes(folder);
  EXPECT_EQ(read_bytes(folder, jpeg + film), read);  // Motion Photo
  EXPECT_EQ(read_bytes(folder, jpeg + kChance), read);
  EXPECT_EQ(read_bytes(folder, jpeg + film + kChance), read);
  EXPECT_EQ(read_bytes(folder, jpeg + jpeg_of(two_halves())), read);  // stereo, gain maps
  EXPECT_EQ(read_bytes(folder, jpeg + jpeg.substr(0, 200)), read);
  EXPECT_EQ(read_bytes(folder, jpeg + std::string(5000, '\0')), read);
  EXPECT_EQ(read_bytes(folder, jpeg + std::string(5000, '\xff')), read);
  // A thumbnail, and something like one that has no end.
  std::string thumbnail = jpeg;
  thumbnail.insert(2, jpeg_segment(0xe1, std::string("Exif\0\0", 6) + exif(1) + jpeg) +
                          jpeg_segment(0xe2, kChance));
  EXPECT_EQ(read_bytes(folder, thumbnail), read);
  EXPECT_EQ(read_bytes(folder, thumbnail + film), read);
}

TEST(PictureKinds, JpegOfSeveralScansIsReadWhole) {
  const TemporaryFolder folder;
  const TestJpeg one{{76, 85, 255}};
  TestJpeg each = one;
  each.scan_each = true;
  expect_colour(read_bytes(folder, one.bytes()), {254, 0, 0}, 3);
  EXPECT_EQ(read_bytes(folder, each.bytes() + kChance), read_bytes(folder, one.bytes()));
  // An end in the middle of the scans is none of the picture's; without its own it is cut.
  const std::string bytes = each.bytes();
  const auto last_scan = bytes.rfind("\xff\xda");
  for (std::size_t cut = bytes.find("\xff\xda"); cut < bytes.size() - 1; ++cut) {
    SCOPED_TRACE(cut);
    EXPECT_EQ(kind_thrown([&] { read_bytes(folder, bytes.substr(0, cut)); }), Kind::invalid);
  }
  EXPECT_LT(bytes.find("\xff\xda"), last_scan);
}

TEST(PictureKinds, JpegThatIsCutIsRefusedWhateverFollows) {
  const TemporaryFolder folder;
  const Image image{40, 40, moving_picture(40, 40, 1)};
  const std::string jpeg = jpeg_of(image);
  const std::string film = film_bytes(folder);
  std::string thumbnail = jpeg;
  thumbnail.insert(2, jpeg_segment(0xe1, std::string("Exif\0\0", 6) + exif(1) + jpeg));
  for (const std::string& whole : {jpeg, thumbnail}) {
    for (std::size_t part = 1; part < 20; ++part) {
      SCOPED_TRACE(part);
      const std::string cut = whole.substr(0, whole.size() * part / 20);
      // A header that is cut within its tables would go on into another picture's.
      const bool coded = cut.size() > whole.rfind("\xff\xda") + 16;
      for (const std::string& tail :
           {std::string(), film, kChance, std::string(5000, '\0'), coded ? jpeg : std::string()}) {
        SCOPED_TRACE(tail.size());
        EXPECT_EQ(kind_thrown([&] { read_bytes(folder, cut + tail); }), Kind::invalid);
      }
    }
  }
  expect_refused_for(folder, jpeg.substr(0, jpeg.size() / 2), {"cut short", "download it again"});
  expect_refused_for(folder, jpeg.substr(0, jpeg.size() - 1), {"cut short"});
}

// Inks as Adobe stores them, with 255 for none: red is their cyan times their black.
TEST(PictureKinds, JpegOfInksHasItsColoursOrIsRefused) {
  const TemporaryFolder folder;
  TestJpeg cmyk{{200, 30, 90, 255}, 0};
  expect_colour(read_bytes(folder, cmyk.bytes()), {200, 30, 90}, 2);
  cmyk.values[3] = 128;
  expect_colour(read_bytes(folder, cmyk.bytes()), {100, 15, 45}, 2);
  // Luma and chroma are those of cyan.
  TestJpeg ycck{{179, 171, 1, 255}, 2};
  expect_colour(read_bytes(folder, ycck.bytes()), {254, 0, 0}, 4);
  cmyk.ids = "CMYK";
  expect_colour(read_bytes(folder, cmyk.bytes()), {100, 15, 45}, 2);
  ycck.ids = "CMYK";  // two answers to how the colours are stored
  expect_refused_for(folder, ycck.bytes(), {"CMYK JPEG", "two", "save it as PNG"});
  cmyk.adobe = {};
  expect_refused_for(folder, cmyk.bytes(), {"CMYK JPEG", "Adobe", "save it as PNG"});
  cmyk.ids = "\1\2\3\4";
  expect_refused_for(folder, cmyk.bytes(), {"CMYK JPEG", "Adobe"});
  cmyk.adobe = 1;
  expect_refused_for(folder, cmyk.bytes(), {"CMYK JPEG", "(1)"});
  expect_refused_for(folder, TestJpeg{{200, 30}}.bytes(), {"JPEG with 2 colours"});
}

TEST(PictureKinds, JpegOfThreeColoursOrOneIsRead) {
  const TemporaryFolder folder;
  expect_colour(read_bytes(folder, TestJpeg{{200}}.bytes()), {200, 200, 200}, 1);
  expect_colour(read_bytes(folder, TestJpeg{{200, 30, 90}, 0}.bytes()), {200, 30, 90}, 1);
  expect_colour(read_bytes(folder, TestJpeg{{200, 30, 90}, {}, "RGB"}.bytes()), {200, 30, 90}, 1);
}

TEST(PictureKinds, RareJpegsAreRefusedByName) {
  const TemporaryFolder folder;
  const std::pair<int, const char*> kinds[] = {{0xc3, "lossless"},
                                               {0xc5, "hierarchical"},
                                               {0xc9, "arithmetic"},
                                               {0xca, "arithmetic"},
                                               {0xf7, "JPEG-LS"}};
  for (const auto& [frame, name] : kinds) {
    TestJpeg jpeg{{200, 30, 90}};
    jpeg.frame = frame;
    expect_refused_for(folder, jpeg.bytes(), {name, "save it as PNG"});
  }
  TestJpeg deep{{200, 30, 90}};
  deep.frame = 0xc1;
  deep.bits = 12;
  expect_refused_for(folder, deep.bytes(), {"12 bits", "save it as PNG"});
}

TEST(PictureKinds, AnimatedWebpSaysSo) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", two_halves());
  ffmpeg_tool(folder, "-loop 1 -i a.png -vf rotate=n/10 -frames:v 4 -c:v libwebp_anim a.webp");
  const Words words{"animated WebP", "save one of its pictures as PNG"};
  expect_refused_for(folder, read_text(folder / "a.webp"), words);
  const std::string sizes = little_endian(31, 3) + little_endian(15, 3);
  expect_refused_for(folder, webp_file(webp_chunk("VP8X", little_endian(2, 4) + sizes)), words);
  expect_refused_for(folder,
                     webp_file(webp_chunk("VP8X", little_endian(0, 4) + sizes) +
                               webp_chunk("ANIM", std::string(6, '\0'))),
                     words);
  // A PNG's first picture is one that every reader shows.
  ffmpeg_tool(folder, "-loop 1 -i a.png -frames:v 4 -f apng b.png");
  EXPECT_EQ(read_picture(folder / "b.png"), two_halves());
}

TEST(PictureKinds, CutWebpIsRefused) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", Image{40, 40, moving_picture(40, 40, 1)});
  for (const char* options : {"-lossless 1", "-q:v 80", "-q:v 80 -pix_fmt yuva420p"}) {
    ffmpeg_tool(folder, "-i a.png -c:v libwebp " + std::string(options) + " a.webp");
    const std::string whole = read_text(folder / "a.webp");
    EXPECT_EQ(read_bytes(folder, whole).width, 40);
    for (std::size_t part = 1; part < 20; ++part) {
      const std::string cut = whole.substr(0, whole.size() * part / 20);
      EXPECT_EQ(kind_thrown([&] { read_bytes(folder, cut); }), Kind::invalid) << part;
    }
    expect_refused_for(folder, whole.substr(0, whole.size() - 3), {"cut short"});
  }
}

TEST(PictureKinds, DamageInAPngsCommentsDoesNoHarm) {
  const TemporaryFolder folder;
  const Image image = two_halves();
  const std::string png = png_of(image);
  const auto damaged = [](const std::string& name, const std::string& data) {
    std::string chunk = png_chunk(name, data);
    chunk.back() ^= 1;
    return chunk;
  };
  for (const char* name : {"tEXt", "zTXt", "iTXt", "tIME", "gAMA", "iCCP", "pHYs", "prIv"}) {
    SCOPED_TRACE(name);
    for (const char* place : {"IDAT", "IEND"}) {
      std::string bytes = png;
      bytes.insert(find_chunk(png, place), damaged(name, "Comment: nothing"));
      EXPECT_EQ(read_bytes(folder, bytes), image);
    }
  }
  // An orientation that may be damaged is not believed.
  std::string turned = png;
  turned.insert(find_chunk(png, "IDAT"), damaged("eXIf", exif(6)));
  EXPECT_EQ(read_bytes(folder, turned), image);
  // What the pixels are made of has to be right.
  for (const char* name : {"IHDR", "IDAT", "IEND"}) {
    std::string bytes = png;
    const auto at = find_chunk(png, name);
    const auto length =
        static_cast<std::uint8_t>(bytes[at + 2]) * 256u + static_cast<std::uint8_t>(bytes[at + 3]);
    bytes[at + 8 + length] ^= 1;
    expect_refused_for(folder, bytes, {"damaged", name, "download it again"});
  }
  for (const char* name : {"PLTE", "tRNS"}) {
    std::string bytes = png;
    bytes.insert(find_chunk(png, "IDAT"), damaged(name, std::string("\0\0\0\0\0\0", 6)));
    expect_refused_for(folder, bytes, {"damaged", name});
  }
  std::string unknown = png;
  unknown.insert(8, png_chunk("CgBI", "abcd"));
  expect_refused_for(folder, unknown, {"PNG", "CgBI", "save it as PNG"});
}

TEST(PictureKinds, ForeignKindsAreNamed) {
  const TemporaryFolder folder;
  using std::string;
  const std::pair<string, const char*> kinds[] = {
      {"GIF89a" + string(20, '\0'), "GIF"},
      {string("\0\0\0\x18"
              "ftypheic",
              12) +
           string(20, '\0'),
       "HEIC"},
      {string("\0\0\0\x18"
              "ftypavif",
              12) +
           string(20, '\0'),
       "AVIF"},
      {string("\xff\x0a", 2) + string(20, '\0'), "JPEG XL"},
      {"8BPS" + string(20, '\0'), "Photoshop"},
      {"%PDF-1.7" + string(20, '\0'), "PDF"},
      {string("II+\0", 4) + string(20, '\0'), "BigTIFF"}};
  for (const auto& [bytes, name] : kinds) {
    expect_refused_for(folder, bytes, {name, "save it as PNG"});
  }
  expect_refused_for(folder, "a text", {"no picture of a kind that can be read", "as PNG or JPEG"});
}

}  // namespace
}  // namespace latentreel::ffmpeg
