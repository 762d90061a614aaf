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

// Turned clockwise: what was on the left is at the top.
void expect_turned(const Image& image) {
  EXPECT_EQ(image.width, 16);
  EXPECT_EQ(image.height, 32);
  ASSERT_FALSE(image.rgb.empty());
  EXPECT_GT(image.rgb[0], 200);
  EXPECT_LT(image.rgb[image.rgb.size() - 3], 50);
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

TEST(PictureKinds, TiffOfInksHasItsColoursOrIsRefused) {
  const TemporaryFolder folder;
  for (const bool little : {true, false}) {
    TestTiff tiff{4, 4, {8, 8, 8, 8}, 5, sixteen_times("\x37\xe1\xa5\x14")};
    tiff.little = little;
    expect_colour(read_bytes(folder, tiff.bytes()), {184, 28, 83}, 2);
    tiff.planar = 2;
    expect_refused_for(folder, tiff.bytes(), {"CMYK TIFF", "planes", "save it as PNG"});
    tiff.planar = 1;
    tiff.more = {{332, {2}}};
    expect_refused_for(folder, tiff.bytes(), {"inks other than CMYK"});
    TestTiff deep{4, 4, {16, 16, 16, 16}, 5, sixteen_times("\x37\x37\xe1\xe1\xa5\xa5\x14\x14")};
    deep.little = little;
    expect_refused_for(folder, deep.bytes(), {"CMYK TIFF", "16 bits", "save it as PNG"});
    deep.planar = 2;
    expect_refused_for(folder, deep.bytes(), {"CMYK TIFF", "16 bits"});
    // A further value: a spot colour, which shows nothing, or alpha.
    TestTiff five{4, 4, {8, 8, 8, 8, 8}, 5, sixteen_times(std::string("\x37\xe1\xa5\x14\0", 5))};
    five.little = little;
    five.more = {{338, {0}}};
    expect_colour(read_bytes(folder, five.bytes()), {184, 28, 83}, 2);
    five.more = {{338, {2}}};
    expect_colour(read_bytes(folder, five.bytes()), {255, 255, 255}, 0);
    TestTiff three{4, 4, {8, 8, 8}, 5, sixteen_times("\x37\xe1\xa5")};
    three.little = little;
    expect_refused_for(folder, three.bytes(), {"CMYK TIFF", "3 values"});
  }
}

TEST(PictureKinds, TiffOfUnreadCompressionIsRefusedByName) {
  const TemporaryFolder folder;
  TestTiff tiff{4, 4, {8, 8, 8}, 2, sixteen_times("\x37\xe1\xa5")};
  for (const int jpeg : {6, 7, 34892}) {
    tiff.compression = jpeg;
    expect_refused_for(folder, tiff.bytes(), {"TIFF with JPEG inside", "save it as PNG"});
  }
  tiff.colours = 6;
  tiff.compression = 7;
  expect_refused_for(folder, tiff.bytes(), {"TIFF with JPEG inside"});
  tiff.colours = 2;
  for (const int other : {2, 3, 4, 50000, 50001, 34712, 32809}) {
    tiff.compression = other;
    expect_refused_for(folder, tiff.bytes(), {"compression number " + std::to_string(other)});
  }
}

TEST(PictureKinds, TiffColoursAreRightOrRefusedByName) {
  const TemporaryFolder folder;
  const auto colours = [&](std::vector<int> bits, int colours, const std::string& pixel,
                           std::vector<std::pair<int, std::vector<int>>> more = {}, int planar = 1,
                           bool little = true) {
    TestTiff tiff{4, 4, std::move(bits), colours, sixteen_times(pixel)};
    tiff.more = std::move(more);
    tiff.planar = planar;
    tiff.little = little;
    return tiff.bytes();
  };
  using std::string;
  expect_colour(read_bytes(folder, colours({8}, 0, "\x37")), {200, 200, 200}, 0);
  expect_colour(read_bytes(folder, colours({8}, 1, "\x37")), {55, 55, 55}, 0);
  expect_colour(read_bytes(folder, colours({16}, 0, "\x37\x37")), {200, 200, 200}, 1);
  expect_colour(read_bytes(folder, colours({16}, 1, "\x37\x37")), {55, 55, 55}, 1);
  expect_colour(read_bytes(folder, colours({8, 8, 8}, 2, "\x37\xe1\xa5")), {55, 225, 165}, 0);
  for (const bool little : {true, false}) {
    const string deep = "\x37\x37\xe1\xe1\xa5\xa5";
    expect_colour(read_bytes(folder, colours({16, 16, 16}, 2, deep, {}, 1, little)), {55, 225, 165},
                  1);
  }
  const string planes = string(16, '\x37') + string(16, '\xe1') + string(16, '\xa5');
  TestTiff planar{4, 4, {8, 8, 8}, 2, planes};
  planar.planar = 2;
  expect_colour(read_bytes(folder, planar.bytes()), {55, 225, 165}, 0);
  // Alpha: straight where it says so or nothing, multiplied already, or none at all.
  const string half = "\x37\xe1\xa5\x80";
  expect_colour(read_bytes(folder, colours({8, 8, 8, 8}, 2, half)), {155, 240, 210}, 1);
  expect_colour(read_bytes(folder, colours({8, 8, 8, 8}, 2, half, {{338, {2}}})), {155, 240, 210},
                1);
  expect_colour(read_bytes(folder, colours({8, 8, 8, 8}, 2, "\x37\x61\x15\x80", {{338, {1}}})),
                {182, 224, 148}, 1);
  expect_colour(read_bytes(folder, colours({8, 8, 8, 8}, 2, half, {{338, {0}}})), {55, 225, 165},
                0);
  expect_colour(read_bytes(folder, colours({8, 8}, 1, "\x37\x80", {{338, {1}}})), {182, 182, 182},
                1);
  // Palettes; one that a grey picture brings without need.
  std::vector<int> palette(768, 0x1234);
  palette[0x37] = 0x3737;
  palette[256 + 0x37] = 0xe1e1;
  palette[512 + 0x37] = 0xa5a5;
  expect_colour(read_bytes(folder, colours({8}, 3, "\x37", {{320, palette}})), {55, 225, 165}, 0);
  expect_colour(read_bytes(folder, colours({8}, 1, "\x37", {{320, palette}})), {55, 55, 55}, 0);
  expect_refused_for(folder, colours({8}, 3, "\x37"), {"palette is missing"});
  // Luma and chroma, over all values unless they say that black is 16.
  const string red = "\x4c\x55\xff";
  const std::pair<int, std::vector<int>> unsampled{530, {1, 1}};
  expect_colour(read_bytes(folder, colours({8, 8, 8}, 6, red, {unsampled})), {254, 0, 0}, 3);
  expect_colour(read_bytes(folder, colours({8, 8, 8}, 6, "\x51\x5a\xf0",
                                           {unsampled, {532, {16, 235, 128, 240, 128, 240}}})),
                {254, 0, 0}, 3);
  // What no reader here knows.
  const std::pair<int, std::vector<int>> floats{339, {3, 3, 3}}, with_sign{339, {2, 2, 2}};
  const string six = "\1\2\3\4\5\6";
  expect_refused_for(folder, colours({16, 16, 16}, 2, six, {floats}), {"floating-point"});
  expect_refused_for(folder, colours({16, 16, 16}, 2, six, {with_sign}), {"signed"});
  expect_refused_for(folder, colours({12}, 1, "\1\2"), {"grey TIFF", "12 bits"});
  expect_refused_for(folder, colours({32}, 1, "\1\2\3\4"), {"grey TIFF", "32 bits"});
  expect_refused_for(folder, colours({5, 6, 5}, 2, "\1\2"), {"RGB TIFF", "differ in bits"});
  expect_refused_for(folder, colours({8, 8}, 0, "\1\2"), {"grey TIFF", "2 values"});
  for (const int lab : {8, 9, 10}) {
    expect_refused_for(folder, colours({8, 8, 8}, lab, "\1\2\3"), {"Lab TIFF", "save it as PNG"});
  }
  expect_refused_for(folder, colours({16}, 32803, "\1\2"), {"camera's raw data"});
  expect_refused_for(folder, colours({16, 16, 16}, 34892, six), {"camera's raw data"});
  expect_refused_for(folder, colours({8, 8, 8}, 2, "\1\2\3", {{50706, {1}}}), {"DNG"});
  expect_refused_for(folder, colours({8, 8, 8}, 2, "\1\2\3", {{254, {1}}}), {"preview"});
  expect_refused_for(folder, colours({8, 8, 8}, 2, "\1\2\3", {{322, {16}}, {323, {16}}}),
                     {"tiles"});
  expect_refused_for(folder, colours({8, 8, 8}, 2, "\1\2\3", {{317, {3}}}), {"predictor"});
}

// What the list of pixel formats lets through: all that the ffmpeg program writes into these kinds.
TEST(PictureKinds, EveryUsualLayoutOfPixelsHasItsColours) {
  const TemporaryFolder folder;
  const Image image = two_halves();
  Image grey_image = image;
  for (std::size_t i = 0; i < grey_image.rgb.size(); ++i) {
    grey_image.rgb[i] = image.rgb[i / 3 * 3] != 0 ? 255 : 0;
  }
  write_png(folder / "colour.png", image);
  write_png(folder / "grey.png", grey_image);
  struct Row {
    const char* kind;
    std::vector<const char*> colour, grey;
  };
  const Row rows[] = {{"png",
                       {"rgb24", "rgba", "rgb48be", "rgba64be", "pal8"},
                       {"gray", "ya8", "gray16be", "ya16be", "monob"}},
                      {"tiff",
                       {"rgb24", "rgba", "rgb48le", "rgba64le", "pal8", "yuv444p", "yuv420p",
                        "yuv422p", "yuv440p", "yuv410p", "yuv411p"},
                       {"gray", "gray16le", "ya8", "ya16le", "monob", "monow"}},
                      {"bmp",
                       {"bgra", "bgr24", "rgb565le", "rgb555le", "rgb444le", "rgb8", "pal8"},
                       {"gray", "monob"}},
                      {"jpg", {"yuvj420p", "yuvj422p", "yuvj444p"}, {"gray"}},
                      {"webp", {"bgra", "yuv420p", "yuva420p"}, {}},
                      {"ppm", {"rgb24", "rgb48be"}, {}},
                      {"pgm", {}, {"gray", "gray16be"}}};
  for (const auto& [kind, colour, grey] : rows) {
    SCOPED_TRACE(kind);
    const std::string end = std::string(".") + kind;
    std::string outputs;
    const auto add = [&](const std::string& input, const std::string& format) {
      outputs += " -map " + input + " -frames:v 1 -pix_fmt " + format + " " + format + end;
    };
    for (const char* format : colour) add("0", format);
    for (const char* format : grey) add("1", format);
    ffmpeg_tool(folder, "-i colour.png -i grey.png" + outputs);
    for (const char* format : colour) {
      SCOPED_TRACE(format);
      const Image read = read_picture(folder / (format + end));
      ASSERT_EQ(read.rgb.size(), image.rgb.size());
      // The corners, of which no chroma is shared; a palette that dithers is off by more.
      for (const std::size_t i : {0u, 1u, 2u, 93u, 94u, 95u}) {
        EXPECT_NEAR(read.rgb[i], image.rgb[i], 26) << i;
      }
    }
    for (const char* format : grey) {
      SCOPED_TRACE(format);
      expect_near(read_picture(folder / (format + end)), grey_image, 2);
    }
  }
}

// Of 5 and 6 bits a value libswscale made 248 and 252 of white, of 4 bits 240.
TEST(PictureKinds, BmpOfFewBitsHasAllOfItsRange) {
  const TemporaryFolder folder;
  struct Row {
    std::uint32_t red, green, blue, pixel;
    std::vector<std::uint8_t> rgb;
  };
  const Row rows[] = {{0x7c00, 0x3e0, 0x1f, 0x7fff, {255, 255, 255}},
                      {0x7c00, 0x3e0, 0x1f, (24 << 10) | (4 << 5) | 31, {197, 33, 255}},
                      {0xf800, 0x7e0, 0x1f, 0xffff, {255, 255, 255}},
                      {0xf800, 0x7e0, 0x1f, (1 << 11) | (32 << 5) | 16, {8, 130, 132}},
                      {0xf00, 0xf0, 0xf, 0xfff, {255, 255, 255}},
                      {0xf00, 0xf0, 0xf, 0x1a0, {17, 170, 0}}};
  for (const auto& row : rows) {
    const std::string header = little_endian(40, 4) + little_endian(4, 4) + little_endian(4, 4) +
                               little_endian(1, 2) + little_endian(16, 2) + little_endian(3, 4) +
                               std::string(20, '\0') + little_endian(row.red, 4) +
                               little_endian(row.green, 4) + little_endian(row.blue, 4);
    write_text(folder / "few.bmp", "BM" + little_endian(14 + 52 + 32, 4) + std::string(4, '\0') +
                                       little_endian(14 + 52, 4) + header +
                                       sixteen_times(little_endian(row.pixel, 2)));
    const Image read = read_picture(folder / "few.bmp");
    SCOPED_TRACE(row.pixel);
    for (std::size_t i = 0; i < read.rgb.size(); ++i) EXPECT_EQ(read.rgb[i], row.rgb[i % 3]) << i;
    EXPECT_EQ(read.rgb.size(), 48u);
  }
}

TEST(PictureKinds, BmpOfAnyOrderOfBytesHasItsColours) {
  const TemporaryFolder folder;
  // Where red, green, blue and alpha stand among a pixel's bytes.
  const int orders[][4] = {{0, 1, 2, 3}, {2, 1, 0, 3}, {1, 2, 3, 0}, {3, 2, 1, 0}};
  for (const auto& order : orders) {
    for (const bool alpha : {true, false}) {
      std::string masks, pixel(4, '\0');
      const int values[] = {55, 225, 165, 128};
      for (int i = 0; i < 4; ++i) {
        masks += i < 3 || alpha ? little_endian(0xffu << (8 * order[i]), 4) : std::string(4, '\0');
        pixel[static_cast<std::size_t>(order[i])] = static_cast<char>(values[i]);
      }
      const std::string header = little_endian(108, 4) + little_endian(4, 4) + little_endian(4, 4) +
                                 little_endian(1, 2) + little_endian(32, 2) + little_endian(3, 4) +
                                 std::string(20, '\0') + masks + std::string(52, '\0');
      const std::string bmp = "BM" + little_endian(14 + 108 + 64, 4) + std::string(4, '\0') +
                              little_endian(14 + 108, 4) + header + sixteen_times(pixel);
      SCOPED_TRACE(order[0]);
      if (alpha) {
        expect_colour(read_bytes(folder, bmp), {155, 240, 210}, 1);
      } else {
        expect_colour(read_bytes(folder, bmp), {55, 225, 165}, 0);
      }
    }
  }
}

// Four lines without a change of colour, as fax machines write them.
TEST(PictureKinds, TiffOfAFaxIsWhite) {
  const TemporaryFolder folder;
  TestTiff tiff{8, 4, {1}, 0, std::string("\xf0\x01\x00\x10", 4), 4};
  expect_colour(read_bytes(folder, tiff.bytes()), {255, 255, 255}, 0);
  tiff.colours = 1;
  expect_colour(read_bytes(folder, tiff.bytes()), {0, 0, 0}, 0);
}

// libav shows black where a strip cannot be decoded, and goes on.
TEST(PictureKinds, DamagedTiffIsRefused) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", Image{40, 40, moving_picture(40, 40, 1)});
  for (const char* method : {"raw", "lzw", "deflate", "packbits"}) {
    SCOPED_TRACE(method);
    ffmpeg_tool(folder, "-i a.png -compression_algo " + std::string(method) + " a.tiff");
    const std::string whole = read_text(folder / "a.tiff");
    EXPECT_EQ(read_bytes(folder, whole), read_picture(folder / "a.png"));
    for (std::size_t part = 1; part < 20; ++part) {
      const std::string cut = whole.substr(0, whole.size() * part / 20);
      EXPECT_EQ(kind_thrown([&] { read_bytes(folder, cut); }), Kind::invalid) << part;
    }
    if (std::string(method) == "raw") continue;
    std::string damaged = whole;
    for (std::size_t i = 300; i < 500; ++i) damaged[i] = '\x81';
    expect_refused_for(folder, damaged, {"TIFF", "damaged", "download it again"});
  }
}

TEST(PictureKinds, StandsUprightWhateverTheKind) {
  const TemporaryFolder folder;
  const Image image = two_halves();
  const std::string png = png_of(image), jpeg = jpeg_of(image);
  write_text(folder / "a.png", png);
  ffmpeg_tool(folder, "-i a.png -c:v libwebp -lossless 1 a.webp");
  const std::string webp = read_text(folder / "a.webp");
  const std::string prefix("Exif\0\0", 6);
  for (const bool little : {true, false}) {
    for (const std::string& data : {exif(6, little), prefix + exif(6, little)}) {
      for (const char* chunk : {"IDAT", "IEND"}) {
        std::string turned = png;
        turned.insert(find_chunk(png, chunk), png_chunk("eXIf", data));
        expect_turned(read_bytes(folder, turned));
      }
      const std::string flags = little_endian(8, 4) + little_endian(31, 3) + little_endian(15, 3);
      expect_turned(read_bytes(folder, webp_file(webp_chunk("VP8X", flags) + webp.substr(12) +
                                                 webp_chunk("EXIF", data))));
    }
    std::string turned = jpeg;
    turned.insert(2, jpeg_segment(0xe1, prefix + exif(6, little)));
    expect_turned(read_bytes(folder, turned));
    TestTiff tiff{32, 16, {8, 8, 8}, 2, std::string(image.rgb.begin(), image.rgb.end())};
    tiff.little = little;
    tiff.more = {{274, {6}}};
    expect_turned(read_bytes(folder, tiff.bytes()));
  }
}

TEST(PictureKinds, NonsenseForAnOrientationTurnsNothing) {
  const TemporaryFolder folder;
  const Image image = two_halves();
  const std::string png = png_of(image);
  for (const std::string& data :
       {exif(0), exif(9), exif(600), exif(6).substr(0, 17), exif(6).substr(0, 3), std::string(),
        std::string("II*\0\xff\xff\xff\xff", 8), std::string("Exif\0\0", 6)}) {
    std::string turned = png;
    turned.insert(find_chunk(png, "IDAT"), png_chunk("eXIf", data));
    EXPECT_EQ(read_bytes(folder, turned), image);
  }
  TestTiff tiff{32, 16, {8, 8, 8}, 2, std::string(image.rgb.begin(), image.rgb.end())};
  tiff.more = {{274, {9}}};
  EXPECT_EQ(read_bytes(folder, tiff.bytes()), image);
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

TEST(PictureKinds, TooLargeTellsSizeAndLimit) {
  const TemporaryFolder folder;
  const Words words{"too large", "20000x20000", "16384", "make it smaller"};
  const std::string side_be = big_endian(20000, 4), side_le = little_endian(20000, 4);
  const std::string png = png_of(two_halves());
  const std::string header = png_chunk("IHDR", side_be + side_be + std::string("\x8\2\0\0\0", 5));
  expect_refused_for(folder, png.substr(0, 8) + header + png.substr(33), words);
  TestJpeg jpeg{{76, 85, 255}};
  jpeg.side = 20000;
  expect_refused_for(folder, jpeg.bytes(), words);
  TestTiff tiff{20000, 20000, {8, 8, 8}, 2, sixteen_times("\1\2\3")};
  expect_refused_for(folder, tiff.bytes(), words);
  tiff.little = false;
  expect_refused_for(folder, tiff.bytes(), words);
  expect_refused_for(folder, "P6\n# a comment\n20000 20000\n255\nxxx", words);
  expect_refused_for(folder, "P5 20000 20000 255 xxx", words);
  expect_refused_for(folder,
                     "BM" + std::string(12, '\0') + little_endian(40, 4) + side_le +
                         little_endian(static_cast<std::uint32_t>(-20000), 4) +
                         std::string(100, '\0'),
                     words);
  const std::string sizes = little_endian(19999, 3) + little_endian(19999, 3);
  expect_refused_for(folder,
                     webp_file(webp_chunk("VP8X", little_endian(0, 4) + sizes) +
                               webp_chunk("VP8L", std::string(10, '\0'))),
                     words);
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
