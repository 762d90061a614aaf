#include <gtest/gtest.h>

#include "ffmpeg/image.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using Kind = MediaError::Kind;

Image gradient(int width, int height) {
  return {width, height, moving_picture(width, height, 1)};
}

TEST(Png, EightBitsReadBackBitForBit) {
  const TemporaryFolder folder;
  const std::pair<int, int> sizes[] = {{1, 1}, {3, 5}, {257, 33}};
  for (const auto& [width, height] : sizes) {
    const Image image = gradient(width, height);
    write_png(folder / "a.png", image);
    EXPECT_EQ(read_picture(folder / "a.png"), image);
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.png"});
}

TEST(Png, SixteenBitsReadBackBitForBit) {
  const TemporaryFolder folder;
  Image16 image{31, 7, {}};
  for (int i = 0; i < 31 * 7 * 3; ++i) image.rgb.push_back(static_cast<std::uint16_t>(i * 997));
  write_png(folder / "a.png", image);
  ffmpeg_tool(folder, "-i a.png -f rawvideo -pix_fmt rgb48le a.raw");
  const std::string raw = read_text(folder / "a.raw");
  ASSERT_EQ(raw.size(), image.rgb.size() * 2);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    const auto low = static_cast<std::uint8_t>(raw[2 * i]);
    const auto high = static_cast<std::uint8_t>(raw[2 * i + 1]);
    ASSERT_EQ(low | high << 8, image.rgb[i]);
  }
  // Read as a picture, the high byte counts.
  const Image small = read_picture(folder / "a.png");
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    ASSERT_NEAR(small.rgb[i], image.rgb[i] / 257.0, 0.51);
  }
}

TEST(Png, SameImageSameBytes) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", gradient(50, 50));
  write_png(folder / "b.png", gradient(50, 50));
  EXPECT_EQ(read_text(folder / "a.png"), read_text(folder / "b.png"));
}

// The matrix and the range are JFIF's: with another the colours would be off by far more.
TEST(Jpeg, KeepsColoursAndIsTheSameTwice) {
  const TemporaryFolder folder;
  const std::pair<int, int> sizes[] = {{1, 1}, {17, 5}, {64, 33}};
  for (const auto& [width, height] : sizes) {
    Image image{width, height, {}};
    for (int i = 0; i < width * height; ++i) {
      const int x = i % width;
      image.rgb.push_back(static_cast<std::uint8_t>(230 - x));
      image.rgb.push_back(static_cast<std::uint8_t>(40 + 2 * x));
      image.rgb.push_back(20);
    }
    const auto bytes = encode_jpeg(image);
    EXPECT_EQ(encode_jpeg(image), bytes);
    write_text(folder / "a.jpg", {bytes.begin(), bytes.end()});
    expect_near(read_picture(folder / "a.jpg"), image, 8);
  }
}

TEST(Png, HasTheSizeThatItClaims) {
  EXPECT_EQ(kind_thrown([&] { encode_png(Image{8, 8, {0}}); }), Kind::internal);
}

TEST(Picture, ReadsTheUsualKinds) {
  const TemporaryFolder folder;
  const Image image = gradient(64, 48);
  write_png(folder / "a.png", image);
  ffmpeg_tool(folder, "-i a.png a.bmp");
  ffmpeg_tool(folder, "-i a.png a.tiff");
  ffmpeg_tool(folder, "-i a.png a.ppm");
  ffmpeg_tool(folder, "-i a.png -c:v libwebp -lossless 1 a.webp");
  for (const char* name : {"a.bmp", "a.tiff", "a.ppm", "a.webp"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(read_picture(folder / name), image);
  }
  ffmpeg_tool(folder, "-i a.png -pix_fmt yuvj444p -q:v 1 a.jpg");
  ffmpeg_tool(folder, "-i a.png -pix_fmt pal8 b.png");
  ffmpeg_tool(folder, "-i a.png -pix_fmt rgb48be c.png");
  expect_near(read_picture(folder / "a.jpg"), image, 12);
  expect_near(read_picture(folder / "c.png"), image, 1);
  EXPECT_EQ(read_picture(folder / "b.png").width, 64);
}

TEST(Picture, JpegColoursAreRight) {
  const TemporaryFolder folder;
  Image flat{32, 32, {}};
  for (int i = 0; i < 32 * 32; ++i) flat.rgb.insert(flat.rgb.end(), {200, 30, 90});
  write_png(folder / "a.png", flat);
  ffmpeg_tool(folder, "-i a.png -pix_fmt yuvj420p -q:v 1 a.jpg");
  expect_near(read_picture(folder / "a.jpg"), flat, 3);
}

TEST(Picture, GreyStaysGreyOverTheFullRange) {
  const TemporaryFolder folder;
  Image ramp{256, 1, {}};
  for (int i = 0; i < 256; ++i) {
    const auto v = static_cast<std::uint8_t>(i);
    ramp.rgb.insert(ramp.rgb.end(), {v, v, v});
  }
  write_png(folder / "a.png", ramp);
  ffmpeg_tool(folder, "-i a.png -pix_fmt gray a.pgm");
  std::string pgm = "P5\n256 1\n255\n";
  for (int i = 0; i < 256; ++i) pgm += static_cast<char>(i);
  write_text(folder / "b.pgm", pgm);
  EXPECT_EQ(read_picture(folder / "b.pgm"), ramp);
}

TEST(Picture, TransparentPartsShowWhite) {
  const TemporaryFolder folder;
  ffmpeg_tool(folder, "-f lavfi -i color=red@0.0:s=8x8,format=rgba -frames:v 1 clear.png");
  ffmpeg_tool(folder, "-f lavfi -i color=red@0.5:s=8x8,format=rgba -frames:v 1 half.png");
  const Image clear = read_picture(folder / "clear.png");
  for (const auto value : clear.rgb) EXPECT_EQ(value, 255);
  const Image half = read_picture(folder / "half.png");
  EXPECT_NEAR(half.rgb[0], 255, 2);
  EXPECT_NEAR(half.rgb[1], 128, 2);
  EXPECT_NEAR(half.rgb[2], 128, 2);
}

// A JPEG 16 wide and 8 high, red on the left and blue on the right, that says which way it was
// held.
void write_turned_jpeg(const TemporaryFolder& folder, int orientation) {
  Image image{32, 16, {}};
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 32; ++x) {
      if (x < 16) {
        image.rgb.insert(image.rgb.end(), {250, 0, 0});
      } else {
        image.rgb.insert(image.rgb.end(), {0, 0, 250});
      }
    }
  }
  write_png(folder / "t.png", image);
  ffmpeg_tool(folder, "-i t.png -pix_fmt yuvj444p -q:v 1 t.jpg");
  std::string jpeg = read_text(folder / "t.jpg");
  std::string exif(
      "\xff\xe1\x00\x22"
      "Exif\0\0"
      "II*\0\x08\0\0\0"
      "\x01\0"
      "\x12\x01\x03\0\x01\0\0\0",
      4 + 6 + 8 + 2 + 8);
  exif += static_cast<char>(orientation);
  exif += std::string(3 + 4, '\0');
  jpeg.insert(2, exif);
  write_text(folder / "t.jpg", jpeg);
}

TEST(Picture, StandsTheWayItWasTaken) {
  const TemporaryFolder folder;
  write_turned_jpeg(folder, 1);
  Image image = read_picture(folder / "t.jpg");
  EXPECT_EQ(image.width, 32);
  EXPECT_GT(image.rgb[0], 200);  // red on the left
  write_turned_jpeg(folder, 3);  // upside down
  image = read_picture(folder / "t.jpg");
  EXPECT_EQ(image.width, 32);
  EXPECT_LT(image.rgb[0], 50);
  write_turned_jpeg(folder, 6);  // to be turned clockwise: left becomes top
  image = read_picture(folder / "t.jpg");
  EXPECT_EQ(image.width, 16);
  EXPECT_EQ(image.height, 32);
  EXPECT_GT(image.rgb[0], 200);
  EXPECT_LT(image.rgb[image.rgb.size() - 3], 50);
  write_turned_jpeg(folder, 8);  // to be turned the other way: left becomes bottom
  image = read_picture(folder / "t.jpg");
  EXPECT_EQ(image.height, 32);
  EXPECT_LT(image.rgb[0], 50);
}

TEST(Picture, MissingFoldersAndDevices) {
  const TemporaryFolder folder;
  EXPECT_EQ(kind_thrown([&] { read_picture(folder / "none.png"); }), Kind::missing);
  EXPECT_EQ(kind_thrown([&] { read_picture(folder.path()); }), Kind::invalid);
  EXPECT_EQ(kind_thrown([&] { read_picture("/dev/zero"); }), Kind::invalid);
}

TEST(Picture, NamesAreNamesAndNoProtocols) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", gradient(8, 8));
  const std::string real = (folder / "a.png").string();
  for (const std::string& name : {"file:" + real, "concat:" + real + "|" + real, "subfile:" + real,
                                  std::string("http://localhost/a.png"), "async:" + real}) {
    EXPECT_EQ(kind_thrown([&] { read_picture(name); }), Kind::missing) << name;
  }
  std::filesystem::create_directories(folder / "concat:");
  write_png(folder / "concat:/a|b%03d.png", gradient(8, 8));
  EXPECT_EQ(read_picture(folder / "concat:/a|b%03d.png"), gradient(8, 8));
}

TEST(Picture, GarbageAndScriptsAreInvalid) {
  const TemporaryFolder folder;
  write_text(folder / "empty.png", "");
  write_text(folder / "a.png", "this is no picture at all");
  write_text(folder / "list.png", "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n");
  write_text(folder / "a.svg", "<svg><image href=\"/etc/passwd\"/></svg>");
  write_text(folder / "head.png", "\x89PNG\r\n\x1a\n");
  for (const char* name : {"empty.png", "a.png", "list.png", "a.svg", "head.png"}) {
    EXPECT_EQ(kind_thrown([&] { read_picture(folder / name); }), Kind::invalid) << name;
  }
}

TEST(Picture, CutShortAnywhereIsInvalid) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", gradient(40, 40));
  ffmpeg_tool(folder, "-i a.png -q:v 2 a.jpg");
  ffmpeg_tool(folder, "-i a.png a.bmp");
  for (const char* name : {"a.png", "a.jpg", "a.bmp"}) {
    const std::string whole = read_text(folder / name);
    for (std::size_t part = 1; part < 20; ++part) {
      write_text(folder / "cut", whole.substr(0, whole.size() * part / 20));
      EXPECT_EQ(kind_thrown([&] { read_picture(folder / "cut"); }), Kind::invalid)
          << name << " " << part;
    }
  }
}

TEST(Picture, FlippedBytesNeverCrash) {
  const TemporaryFolder folder;
  write_png(folder / "a.png", gradient(40, 40));
  ffmpeg_tool(folder, "-i a.png -q:v 2 a.jpg");
  ffmpeg_tool(folder, "-i a.png a.tiff");
  ffmpeg_tool(folder, "-i a.png -c:v libwebp a.webp");
  for (const char* name : {"a.png", "a.jpg", "a.tiff", "a.webp"}) {
    const std::string whole = read_text(folder / name);
    for (std::size_t i = 0; i < 200; ++i) {
      std::string bad = whole;
      bad[i * 7919 % bad.size()] ^= static_cast<char>(1 + i % 255);
      write_text(folder / "bad", bad);
      try {
        read_picture(folder / "bad");
      } catch (const MediaError& error) {
        EXPECT_EQ(error.kind(), Kind::invalid) << error.what();
      }
    }
  }
}

TEST(Picture, TooWideIsInvalid) {
  const TemporaryFolder folder;
  write_text(folder / "a.ppm", "P6\n20000 1\n255\n" + std::string(60000, 'x'));
  EXPECT_NE(message_thrown([&] { read_picture(folder / "a.ppm"); }).find("16384"),
            std::string::npos);
}

}  // namespace
}  // namespace latentreel::ffmpeg
