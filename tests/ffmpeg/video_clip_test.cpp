#include "ffmpeg/video_clip.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "tests/ffmpeg/clip_writer.h"
#include "tests/ffmpeg/media.h"

namespace latentreel::ffmpeg {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = MediaError::Kind;

// What is shown at each of these times.
std::vector<int> numbers_at(VideoClip& clip, const std::vector<Ratio>& times) {
  std::vector<int> numbers;
  for (const Ratio time : times) numbers.push_back(number_in(clip.at(time)));
  return numbers;
}

std::vector<int> counted(int first, int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

// The times of frames 0, 1, ... at that rate.
std::vector<Ratio> times_at(Ratio rate, int count) {
  std::vector<Ratio> times;
  for (int i = 0; i < count; ++i) times.push_back({i * rate.den, rate.num});
  return times;
}

struct RateOfClip {
  const char* name;
  AVRational rate;
  const char* extension;
};

class ClipRates : public testing::TestWithParam<RateOfClip> {};

TEST_P(ClipRates, EachFrameIsShownFromItsTimeOn) {
  const auto [name, rate, extension] = GetParam();
  const TemporaryFolder folder;
  TestClip made;
  made.rate = rate;
  made.tick = {1, rate.num};
  made.b_frames = 2;
  write_clip(folder / (std::string("a") + extension), made.steps(50, rate.den));
  VideoClip clip(folder / (std::string("a") + extension), {.width = 48, .height = 32});
  EXPECT_EQ(clip.info().frame_rate, (Ratio{rate.num, rate.den}));
  EXPECT_EQ(numbers_at(clip, times_at({rate.num, rate.den}, 50)), counted(0, 50));
  // From the middle of each frame's time: the same.
  std::vector<Ratio> middles;
  for (int i = 0; i < 50; ++i) middles.push_back({(2 * i + 1) * rate.den, 2 * rate.num});
  EXPECT_EQ(numbers_at(clip, middles), counted(0, 50));
}

INSTANTIATE_TEST_SUITE_P(
    VideoClip, ClipRates,
    testing::Values(RateOfClip{"24", {24, 1}, ".mp4"}, RateOfClip{"25", {25, 1}, ".mp4"},
                    RateOfClip{"29_97", {30000, 1001}, ".mp4"}, RateOfClip{"60", {60, 1}, ".mp4"},
                    RateOfClip{"24_mkv", {24, 1}, ".mkv"}, RateOfClip{"60_mkv", {60, 1}, ".mkv"},
                    RateOfClip{"29_97_mkv", {30000, 1001}, ".mkv"},
                    RateOfClip{"23_976_mov", {24000, 1001}, ".mov"},
                    RateOfClip{"25_ts", {25, 1}, ".ts"},
                    RateOfClip{"29_97_ts", {30000, 1001}, ".ts"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(VideoClip, JustBeforeAFramesTimeTheOneBeforeIsShown) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(30));
  VideoClip clip(folder / "a.mp4");
  constexpr std::int64_t kFine = 1'000'000'000;
  for (int i = 1; i < 30; ++i) {
    EXPECT_EQ(number_in(clip.at({i * kFine - 1, 24 * kFine})), i - 1);
    EXPECT_EQ(number_in(clip.at({i * kFine, 24 * kFine})), i);
  }
}

class VariableRate : public testing::TestWithParam<const char*> {};

TEST_P(VariableRate, StampsDecide) {
  const TemporaryFolder folder;
  TestClip made;
  made.tick = {1, 1000};
  made.stamps = {0, 40, 50, 51, 300, 333, 1500, 1501, 1600, 4000};
  made.b_frames = 2;
  const auto file = folder / ("a" + std::string(GetParam()));
  write_clip(file, made);
  VideoClip clip(file);
  for (std::size_t i = 0; i < made.stamps.size(); ++i) {
    EXPECT_EQ(number_in(clip.at({made.stamps[i], 1000})), static_cast<int>(i));
    if (i > 0) {
      EXPECT_EQ(number_in(clip.at({made.stamps[i] - 1, 1000})), static_cast<int>(i) - 1) << i;
    }
  }
  EXPECT_EQ(number_in(clip.at({3, 4})), 5);
  EXPECT_EQ(number_in(clip.at({2999, 1000})), 8);
}

INSTANTIATE_TEST_SUITE_P(VideoClip, VariableRate, testing::Values(".mkv", ".mp4"),
                         [](const auto& tested) { return std::string(tested.param + 1); });

TEST(VideoClip, BeforeTheBeginningAndBehindTheEnd) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(30));
  VideoClip clip(folder / "a.mp4");
  EXPECT_EQ(number_in(clip.at({100, 1})), 29);
  EXPECT_EQ(number_in(clip.at({-1, 1})), 0);
  EXPECT_EQ(number_in(clip.at({std::numeric_limits<std::int64_t>::max(), 1})), 29);
  EXPECT_EQ(number_in(clip.at({30, 24})), 29);
  EXPECT_EQ(clip.length().seconds, (Ratio{5, 4}));
  EXPECT_EQ(clip.length().frames, 30);
  EXPECT_THAT(clip.warnings(), IsEmpty());
}

TEST(VideoClip, LengthIsKnownOfEveryContainer) {
  const TemporaryFolder folder;
  for (const char* name : {"a.mp4", "a.mov", "a.mkv", "a.ts", "a.avi", "a.nut"}) {
    TestClip made;
    made.b_frames = std::string_view(name) == "a.avi" ? 0 : 2;
    made.rate = {25, 1};
    made.tick = {1, 25};
    write_clip(folder / name, made.frames(75));
    VideoClip clip(folder / name);
    EXPECT_EQ(clip.length().seconds, (Ratio{3, 1})) << name;
    EXPECT_EQ(clip.length().frames.value_or(75), 75) << name;
    EXPECT_EQ(numbers_at(clip, times_at({25, 1}, 75)), counted(0, 75)) << name;
  }
}

TEST(VideoClip, BeginsAgainWhereItIsLooped) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(36));
  VideoClip clip(folder / "a.mp4");
  EXPECT_EQ(clip.looped({0, 1}), (Ratio{0, 1}));
  EXPECT_EQ(clip.looped({3, 2}), (Ratio{0, 1}));
  EXPECT_EQ(clip.looped({7, 4}), (Ratio{1, 4}));
  EXPECT_EQ(clip.looped({-1, 4}), (Ratio{5, 4}));
  EXPECT_EQ(clip.looped({300'000'000'000'001, 200}), (Ratio{1, 200}));
  EXPECT_EQ(number_in(clip.at(clip.looped({37, 24}))), 1);
}

// Reads a clip in order, then in a random one.
void expect_any_order(const std::filesystem::path& file, int frames, int asked) {
  SCOPED_TRACE(file.filename());
  VideoClip forwards(file), anyhow(file);
  std::vector<Image> images;
  for (int i = 0; i < frames; ++i) images.push_back(forwards.at({i, 24}));
  std::mt19937 random(7);
  for (int i = 0; i < asked; ++i) {
    const auto frame = static_cast<int>(random() % static_cast<unsigned>(frames));
    ASSERT_TRUE(anyhow.at({frame, 24}) == images[static_cast<std::size_t>(frame)])
        << frame << " is " << number_in(anyhow.at({frame, 24}));
  }
  ASSERT_THAT(anyhow.warnings(), ::testing::SizeIs(forwards.warnings().size()));
}

struct KindOfClip {
  const char* file;
  const char* encoder;
  const char* tuning;
  int b_frames;
};

class EveryOrder : public testing::TestWithParam<KindOfClip> {};

TEST_P(EveryOrder, GivesTheSamePictures) {
  const TemporaryFolder folder;
  TestClip made;
  made.encoder = GetParam().encoder;
  made.tuning = GetParam().tuning;
  made.b_frames = GetParam().b_frames;
  made.tick = std::string_view(GetParam().file).ends_with("mkv") ? AVRational{1, 1000} : made.tick;
  for (int i = 0; i < 120; ++i) {
    made.stamps.push_back(made.tick.den == 1000 ? (i * 1000 + 12) / 24 : i);
  }
  if (made.encoder == "ffv1") made.pixels.format = AV_PIX_FMT_YUV444P;
  if (made.encoder == "mjpeg") {
    made.pixels = {AV_PIX_FMT_YUVJ420P, AVCOL_SPC_BT470BG, AVCOL_RANGE_JPEG, AVCHROMA_LOC_CENTER};
  }
  if (made.encoder == "prores_ks") made.pixels.format = AV_PIX_FMT_YUV422P10;
  write_clip(folder / GetParam().file, made);
  expect_any_order(folder / GetParam().file, 120, 60);
}

INSTANTIATE_TEST_SUITE_P(
    VideoClip, EveryOrder,
    testing::Values(
        KindOfClip{"closed.mp4", "libx264", "preset=veryfast,crf=10", 3},
        KindOfClip{"open.mp4", "libx264", "preset=veryfast,crf=10,x264-params=open-gop=1", 3},
        KindOfClip{"refresh.mp4", "libx264", "preset=veryfast,crf=10,intra-refresh=1", 0},
        KindOfClip{"open.mkv", "libx264", "preset=veryfast,crf=10,x264-params=open-gop=1", 3},
        KindOfClip{"hevc.mp4", "libx265",
                   "preset=ultrafast,crf=10,x265-params=open-gop=1:log-level=none", 3},
        KindOfClip{"mpeg2.mp4", "mpeg2video", "b=4000000", 2},
        KindOfClip{"mpeg4.mp4", "mpeg4", "b=4000000", 2},
        KindOfClip{"vp9.mkv", "libvpx-vp9", "crf=20,b=0,cpu-used=8,deadline=realtime", 0},
        KindOfClip{"av1.mp4", "libsvtav1", "preset=12,crf=20", 0},
        KindOfClip{"prores.mov", "prores_ks", "profile=2", 0},
        KindOfClip{"mjpeg.avi", "mjpeg", "q=3", 0},
        KindOfClip{"h264.ts", "libx264", "preset=veryfast,crf=10", 3},
        KindOfClip{"ffv1.mkv", "ffv1", "level=3", 0}),
    [](const auto& tested) {
      std::string name = tested.param.file;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST(VideoClip, AnEditListDecidesWhereItBegins) {
  const TemporaryFolder folder;
  TestClip made;
  made.b_frames = 2;
  write_clip(folder / "whole.mp4", made.frames(72));
  // From the middle of a group: frames from 12 on are stored and 0 to 17 of them not shown.
  ffmpeg_tool(folder, "-ss 0.75 -i whole.mp4 -c copy cut.mp4");
  VideoClip clip(folder / "cut.mp4");
  EXPECT_EQ(numbers_at(clip, times_at({24, 1}, 54)), counted(18, 54));
  EXPECT_EQ(number_in(clip.at({0, 1})), 18);
  EXPECT_EQ(number_in(clip.at({30, 24})), 48);
  EXPECT_EQ(number_in(clip.at({1, 24})), 19);
  EXPECT_EQ(clip.length().seconds, (Ratio{9, 4}));
  EXPECT_EQ(clip.length().frames, 54);
}

TEST(VideoClip, AnEmptyEditDelaysTheClipAgainstItsSoundAlone) {
  const TemporaryFolder folder;
  write_clip(folder / "whole.mp4", TestClip().frames(48));
  ffmpeg_tool(folder, "-itsoffset 0.5 -i whole.mp4 -c copy late.mp4");
  VideoClip clip(folder / "late.mp4");
  EXPECT_EQ(clip.info().start, (Ratio{1, 2}));
  EXPECT_EQ(numbers_at(clip, times_at({24, 1}, 48)), counted(0, 48));
  EXPECT_EQ(clip.length().seconds, (Ratio{2, 1}));
}

TEST(VideoClip, FragmentsAreReadAsOne) {
  const TemporaryFolder folder;
  TestClip made;
  made.b_frames = 2;
  write_clip(folder / "whole.mp4", made.frames(96));
  ffmpeg_tool(folder, "-i whole.mp4 -c copy -movflags frag_keyframe+empty_moov parts.mp4");
  expect_any_order(folder / "parts.mp4", 96, 40);
  VideoClip clip(folder / "parts.mp4");
  EXPECT_EQ(clip.length().seconds, (Ratio{4, 1}));
  EXPECT_EQ(numbers_at(clip, times_at({24, 1}, 96)), counted(0, 96));
}

constexpr std::int32_t kOne = 1 << 16;

// The eight ways to lay a picture down, as display matrices.
TEST(VideoClip, StandsUprightHoweverItWasStored) {
  const TemporaryFolder folder;
  const std::vector<std::vector<std::int32_t>> matrices = {
      {kOne, 0, 0, 0, kOne, 0, 0, 0, 1 << 30},   {-kOne, 0, 0, 0, kOne, 0, 0, 0, 1 << 30},
      {-kOne, 0, 0, 0, -kOne, 0, 0, 0, 1 << 30}, {kOne, 0, 0, 0, -kOne, 0, 0, 0, 1 << 30},
      {0, kOne, 0, kOne, 0, 0, 0, 0, 1 << 30},   {0, kOne, 0, -kOne, 0, 0, 0, 0, 1 << 30},
      {0, -kOne, 0, -kOne, 0, 0, 0, 0, 1 << 30}, {0, -kOne, 0, kOne, 0, 0, 0, 0, 1 << 30}};
  for (std::size_t way = 0; way < matrices.size(); ++way) {
    const auto& matrix = matrices[way];
    TestClip made;
    made.display_matrix = matrix;
    write_clip(folder / "a.mp4", made.frames(3));
    VideoClip clip(folder / "a.mp4");
    const bool sideways = way >= 4;
    ASSERT_EQ(clip.info().width, sideways ? 64 : 96) << way;
    ASSERT_EQ(clip.info().height, sideways ? 96 : 64) << way;
    EXPECT_THAT(clip.warnings(), IsEmpty());
    const Image image = clip.at({1, 24});
    ASSERT_EQ(image.width, clip.info().width);
    // Where a block of the stored picture lies now, by the matrix's own words.
    const auto stored = numbered_picture(96, 64, 1);
    for (int row = 0; row < 4; ++row) {
      for (int column = 0; column < 4; ++column) {
        const double p = (column + 0.5) * 24, q = (row + 0.5) * 16;
        double x = (matrix[0] * p + matrix[3] * q) / kOne,
               y = (matrix[1] * p + matrix[4] * q) / kOne;
        if (x < 0) x += image.width;
        if (y < 0) y += image.height;
        const auto from = static_cast<std::size_t>(static_cast<int>(q) * 96 + static_cast<int>(p));
        const auto to =
            static_cast<std::size_t>(static_cast<int>(y) * image.width + static_cast<int>(x));
        ASSERT_NEAR(image.rgb[to * 3], stored[from * 3], 12) << way << " " << row << " " << column;
      }
    }
  }
}

TEST(VideoClip, APhonesUprightClipIsUpright) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(3));
  ffmpeg_tool(folder, "-i a.mp4 -vf transpose=cclock -crf 10 stored.mp4");
  ffmpeg_tool(folder, "-i stored.mp4 -c copy -metadata:s:v rotate=270 phone.mov");
  VideoClip clip(folder / "phone.mov");
  EXPECT_EQ(clip.info().width, 96);
  EXPECT_EQ(number_in(clip.at({2, 24})), 2);
}

TEST(VideoClip, AnOddAngleIsTold) {
  const TemporaryFolder folder;
  TestClip made;
  made.display_matrix = {56756, 32768, 0, -32768, 56756, 0, 0, 0, 1 << 30};  // 30 degrees
  write_clip(folder / "a.mp4", made.frames(3));
  VideoClip clip(folder / "a.mp4");
  EXPECT_EQ(number_in(clip.at({1, 24})), 1);
  EXPECT_THAT(clip.warnings(), ElementsAre(HasSubstr("odd angle")));
}

TEST(VideoClip, PixelsAreSquare) {
  const TemporaryFolder folder;
  TestClip wide;
  wide.pixel_shape = {2, 1};
  write_clip(folder / "wide.mp4", wide.frames(3));
  VideoClip clip(folder / "wide.mp4");
  EXPECT_EQ(clip.info().width, 192);
  EXPECT_EQ(clip.info().height, 64);
  EXPECT_EQ(clip.at({1, 24}).width, 192);
  EXPECT_EQ(number_in(clip.at({1, 24})), 1);
  TestClip tall;
  tall.pixel_shape = {8, 9};
  write_clip(folder / "tall.mkv", tall.frames(3));
  VideoClip high(folder / "tall.mkv");
  EXPECT_EQ(high.info().width, 96);
  EXPECT_EQ(high.info().height, 72);
  TestClip lying;
  lying.pixel_shape = {2, 1};
  lying.display_matrix = {0, kOne, 0, -kOne, 0, 0, 0, 0, 1 << 30};
  write_clip(folder / "lying.mp4", lying.frames(3));
  VideoClip turned(folder / "lying.mp4");
  EXPECT_EQ(turned.info().width, 64);
  EXPECT_EQ(turned.info().height, 192);
}

// Columns of a picture whose red rises from left to right.
TestClip gradient_free() {
  TestClip made;
  made.width = 192;
  made.height = 64;
  return made;
}

TEST(VideoClip, TheMiddleIsCutOutOrAllIsStretched) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", gradient_free().frames(3));
  // Of 192x64 the middle third: the blocks' columns 1 and 2, in part.
  VideoClip cut(folder / "a.mp4", {.width = 64, .height = 64});
  VideoClip whole(folder / "a.mp4");
  const Image all = whole.at({1, 24}), middle = cut.at({1, 24});
  ASSERT_EQ(middle.width, 64);
  ASSERT_EQ(middle.height, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64 * 3; ++x) {
      ASSERT_EQ(middle.rgb[static_cast<std::size_t>(y * 64 * 3 + x)],
                all.rgb[static_cast<std::size_t>((y * 192 + 64) * 3 + x)]);
    }
  }
  VideoClip stretched(folder / "a.mp4",
                      {.width = 64, .height = 64, .fit = ClipSettings::Fit::stretch});
  EXPECT_EQ(number_in(stretched.at({1, 24})), 1);
  EXPECT_EQ(number_in(stretched.at({2, 24})), 2);
  EXPECT_TRUE(stretched.at({2, 24}) == resize(whole.at({2, 24}), 64, 64));
  // High instead of wide.
  VideoClip high(folder / "a.mp4", {.width = 16, .height = 64});
  EXPECT_EQ(high.at({0, 1}).width, 16);
  EXPECT_EQ(high.at({0, 1}).height, 64);
  VideoClip flat(folder / "a.mp4", {.width = 400, .height = 20});
  EXPECT_EQ(flat.at({0, 1}).width, 400);
  EXPECT_EQ(flat.at({0, 1}).height, 20);
}

// One colour all over, as yuv in a file, and what is read of it.
struct Colour {
  const char* name;
  const char* format;
  const char* matrix;  // of ffmpeg's -colorspace
  const char* range;   // of -color_range
  int y, u, v;
  int r, g, b;
};

class Colours : public testing::TestWithParam<Colour> {};

TEST_P(Colours, AreThoseThatTheFileMeans) {
  const Colour& c = GetParam();
  const TemporaryFolder folder;
  const bool deep = std::string_view(c.format).ends_with("10le");
  std::string raw;
  const auto put = [&](int value, int count) {
    for (int i = 0; i < count; ++i) {
      raw += static_cast<char>(value & 0xff);
      if (deep) raw += static_cast<char>(value >> 8);
    }
  };
  put(c.y, 64 * 64);
  put(c.u, 32 * 32);
  put(c.v, 32 * 32);
  write_text(folder / "raw.yuv", raw);
  ffmpeg_tool(folder, fmt::format("-f rawvideo -pix_fmt {} -s 64x64 -i raw.yuv -c:v ffv1 "
                                  "-colorspace {} -color_range {} a.mkv",
                                  c.format, c.matrix, c.range));
  VideoClip clip(folder / "a.mkv");
  const Image image = clip.at({0, 1});
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    ASSERT_NEAR(image.rgb[i], c.r, 1);
    ASSERT_NEAR(image.rgb[i + 1], c.g, 1);
    ASSERT_NEAR(image.rgb[i + 2], c.b, 1);
  }
}

// By the matrices' own formulas: R = Y' + 2 (1 - Kr) Cr, and so on.
INSTANTIATE_TEST_SUITE_P(
    VideoClip, Colours,
    testing::Values(Colour{"bt709", "yuv420p", "bt709", "tv", 63, 102, 240, 255, 1, 0},
                    Colour{"bt601", "yuv420p", "bt470bg", "tv", 81, 90, 240, 254, 0, 0},
                    Colour{"unnamed", "yuv420p", "unknown", "tv", 81, 90, 240, 254, 0, 0},
                    Colour{"bt2020", "yuv420p", "bt2020nc", "tv", 74, 97, 240, 255, 0, 1},
                    Colour{"full", "yuv420p", "bt470bg", "pc", 76, 85, 255, 254, 0, 0},
                    Colour{"white", "yuv420p", "bt709", "tv", 235, 128, 128, 255, 255, 255},
                    Colour{"grey_full", "yuv420p", "bt709", "pc", 128, 128, 128, 128, 128, 128},
                    Colour{"ten_bits", "yuv420p10le", "bt709", "tv", 252, 408, 960, 255, 1, 0},
                    Colour{"ten_bits_grey", "yuv420p10le", "bt709", "tv", 502, 512, 512, 127, 127,
                           127}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(VideoClip, TenBitsAndOddSizes) {
  const TemporaryFolder folder;
  TestClip deep;
  deep.encoder = "libx265";
  deep.tuning = "preset=ultrafast,crf=10,x265-params=log-level=none";
  deep.pixels.format = AV_PIX_FMT_YUV420P10;
  write_clip(folder / "deep.mp4", deep.frames(20));
  VideoClip clip(folder / "deep.mp4", {.width = 48, .height = 32});
  EXPECT_EQ(numbers_at(clip, times_at({24, 1}, 20)), counted(0, 20));
  TestClip odd;
  odd.width = 97;
  odd.height = 61;
  odd.pixels.format = AV_PIX_FMT_YUV444P;
  write_clip(folder / "odd.mp4", odd.frames(20));
  VideoClip strange(folder / "odd.mp4");
  EXPECT_EQ(strange.info().width, 97);
  EXPECT_EQ(strange.info().height, 61);
  EXPECT_EQ(numbers_at(strange, times_at({24, 1}, 20)), counted(0, 20));
  ffmpeg_tool(folder, "-i odd.mp4 -c:v ffv1 -pix_fmt yuv420p odd.mkv");
  VideoClip halved(folder / "odd.mkv", {.width = 33, .height = 7});
  EXPECT_EQ(number_in(halved.at({7, 24})), -1);  // cut flat
  EXPECT_EQ(halved.at({7, 24}).height, 7);
}

TEST(VideoClip, TransparentPartsAreBlack) {
  const TemporaryFolder folder;
  ffmpeg_tool(folder,
              "-f lavfi -i color=white:s=64x64:d=0.2 -vf \"format=rgba,geq=r=255:g=255:b=255:"
              "a='if(lt(X,32),255,if(lt(Y,32),0,128))'\" -c:v png a.mov");
  VideoClip clip(folder / "a.mov");
  const Image image = clip.at({0, 1});
  const auto at = [&](int x, int y) {
    return int{image.rgb[static_cast<std::size_t>(y * 64 + x) * 3]};
  };
  EXPECT_EQ(at(8, 8), 255);
  EXPECT_EQ(at(48, 8), 0);
  EXPECT_EQ(at(48, 48), 128);
}

TEST(VideoClip, AnAnimatedGifIsAClip) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(20));
  ffmpeg_tool(folder, "-i a.mp4 -vf fps=10 a.gif");
  VideoClip clip(folder / "a.gif");
  EXPECT_NE(number_in(clip.at({1, 2})), -1);
  const int late = number_in(clip.at({1, 2})), early = number_in(clip.at({1, 10}));
  EXPECT_LT(early, late);
  EXPECT_THAT(clip.warnings(), ElementsAre(HasSubstr("no index")));
}

TEST(VideoClip, HdrIsRefusedWithAWayOut) {
  const TemporaryFolder folder;
  for (const auto transfer : {AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67}) {
    TestClip made;
    made.encoder = "libx265";
    made.tuning = "preset=ultrafast,crf=10,x265-params=log-level=none";
    made.pixels.format = AV_PIX_FMT_YUV420P10;
    made.pixels.matrix = AVCOL_SPC_BT2020_NCL;
    made.primaries = AVCOL_PRI_BT2020;
    made.transfer = transfer;
    write_clip(folder / "hdr.mp4", made.frames(4));
    const auto open = [&] { VideoClip clip(folder / "hdr.mp4"); };
    EXPECT_EQ(kind_thrown(open), Kind::invalid);
    EXPECT_THAT(message_thrown(open), AllOf(HasSubstr("hdr.mp4"), HasSubstr("HDR"),
                                            HasSubstr("zscale"), HasSubstr("tonemap")));
  }
  // The way out leads there.
  ffmpeg_tool(folder,
              "-i hdr.mp4 -vf zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,"
              "tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p -crf 14 -c:a copy "
              "sdr.mp4");
  VideoClip clip(folder / "sdr.mp4");
  EXPECT_EQ(number_in(clip.at({3, 24})), 3);
}

TEST(VideoClip, DolbyVisionIsRefusedWhereNothingElseIsInIt) {
  const TemporaryFolder folder;
  TestClip made;
  made.encoder = "libx265";
  made.tuning = "preset=ultrafast,crf=10,x265-params=log-level=none";
  made.pixels.format = AV_PIX_FMT_YUV420P10;
  made.dolby_vision = 0;
  write_clip(folder / "own.mp4", made.frames(3));
  EXPECT_THAT(message_thrown([&] { VideoClip clip(folder / "own.mp4"); }),
              AllOf(HasSubstr("own.mp4"), HasSubstr("Dolby Vision"), HasSubstr("SDR")));
  made.dolby_vision = 2;  // SDR
  write_clip(folder / "both.mp4", made);
  VideoClip clip(folder / "both.mp4");
  EXPECT_EQ(number_in(clip.at({2, 24})), 2);
}

TEST(VideoClip, WideColoursAndFieldsAreTold) {
  const TemporaryFolder folder;
  TestClip wide;
  wide.pixels.matrix = AVCOL_SPC_BT2020_NCL;
  wide.primaries = AVCOL_PRI_BT2020;
  write_clip(folder / "wide.mp4", wide.frames(4));
  EXPECT_THAT(VideoClip(folder / "wide.mp4").warnings(), ElementsAre(HasSubstr("BT.2020")));
  TestClip fields;
  fields.fields = AV_FIELD_TT;
  fields.tuning = "preset=veryfast,crf=10";
  write_clip(folder / "fields.mp4", fields.frames(4));
  VideoClip clip(folder / "fields.mp4");
  EXPECT_THAT(clip.warnings(), ElementsAre(HasSubstr("bwdif")));
  EXPECT_EQ(number_in(clip.at({2, 24})), 2);
}

TEST(VideoClip, WhatIsNoClipIsRefused) {
  const TemporaryFolder folder;
  write_click_song(folder / "song.wav", 1);
  ffmpeg_tool(folder, "-i song.wav song.m4a");
  write_png(folder / "cover.png", Image{64, 64, numbered_picture(64, 64, 1)});
  ffmpeg_tool(folder,
              "-i song.wav -i cover.png -map 0 -map 1 -c:v copy -disposition:v:0 attached_pic "
              "covered.m4a");
  write_text(folder / "text.mp4", "no film at all");
  write_text(folder / "empty.mp4", "");
  const auto open = [&](const char* name, const ClipSettings& settings = {}) {
    return [&folder, name, settings] { VideoClip clip(folder / name, settings); };
  };
  EXPECT_EQ(kind_thrown(open("none.mp4")), Kind::missing);
  EXPECT_THAT(message_thrown(open("song.m4a")), HasSubstr("no picture"));
  EXPECT_THAT(message_thrown(open("covered.m4a")), HasSubstr("cover"));
  for (const char* name :
       {"song.m4a", "song.wav", "covered.m4a", "text.mp4", "empty.mp4", "cover.png", "."}) {
    EXPECT_EQ(kind_thrown(open(name)), Kind::invalid) << name;
    EXPECT_THAT(message_thrown(open(name)), HasSubstr(name)) << name;
  }
  write_clip(folder / "a.mp4", TestClip().frames(3));
  EXPECT_EQ(kind_thrown(open("a.mp4", {.width = 10})), Kind::usage);
  EXPECT_EQ(kind_thrown(open("a.mp4", {.width = -1, .height = 8})), Kind::usage);
  EXPECT_THAT(message_thrown(open("a.mp4", {.most_pixels = 1000})), HasSubstr("96x64"));
  EXPECT_EQ(kind_thrown(open("a.mp4", {.most_pixels = 1000})), Kind::invalid);
}

TEST(VideoClip, WhatALinkNamesIsNotOpened) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(3));
  write_text(folder / "list.txt", "ffconcat version 1.0\nfile a.mp4\n");
  write_text(folder / "list.m3u8", "#EXTM3U\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n");
  for (const char* name : {"list.txt", "list.m3u8"}) {
    EXPECT_EQ(kind_thrown([&] { VideoClip clip(folder / name); }), Kind::invalid);
  }
}

// Overwrites a part of a file, given in hundredths of it.
void spoil(const std::filesystem::path& file, int from, int to) {
  std::string bytes = read_text(file);
  const std::size_t begin = bytes.size() * static_cast<std::size_t>(from) / 100;
  const std::size_t end = bytes.size() * static_cast<std::size_t>(to) / 100;
  std::mt19937 random(3);
  for (std::size_t i = begin; i < end; ++i) bytes[i] = static_cast<char>(random());
  write_text(file, bytes);
}

class DamagedMiddle : public testing::TestWithParam<const char*> {};

TEST_P(DamagedMiddle, TheLastGoodFrameStandsAndItIsTold) {
  const TemporaryFolder folder;
  TestClip made;
  made.width = 192;
  made.height = 128;
  made.b_frames = 2;
  if (std::string_view(GetParam()) == "a.mkv") made.tick = {1, 1000};
  for (int i = 0; i < 120; ++i) {
    made.stamps.push_back(made.tick.den == 1000 ? (i * 1000 + 12) / 24 : i);
  }
  write_clip(folder / GetParam(), made);
  spoil(folder / GetParam(), 45, 52);
  VideoClip clip(folder / GetParam());
  int wrong = 0, standing = 0;
  for (int i = 0; i < 120; ++i) {
    const int number = number_in(clip.at({i, 24}));
    EXPECT_LE(number, i);
    wrong += number < 0;
    standing += number >= 0 && number < i;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(standing, 0);
  EXPECT_LT(standing, 40);
  EXPECT_EQ(number_in(clip.at({119, 24})), 119);
  EXPECT_THAT(clip.warnings(), ::testing::Contains(AllOf(HasSubstr("damaged from 0:0"),
                                                         HasSubstr("last good frame"))));
  expect_any_order(folder / GetParam(), 120, 60);
}

INSTANTIATE_TEST_SUITE_P(VideoClip, DamagedMiddle, testing::Values("a.mp4", "a.mkv", "a.ts"),
                         [](const auto& tested) { return std::string(tested.param + 2); });

TEST(VideoClip, WhereItsBeginningIsDamagedTheRestKeepsItsTime) {
  const TemporaryFolder folder;
  write_clip(folder / "whole.mp4", TestClip().frames(48));
  ffmpeg_tool(folder, "-i whole.mp4 -c copy -movflags faststart a.mp4");
  std::string bytes = read_text(folder / "a.mp4");
  const std::size_t data = bytes.find("mdat") + 4;
  for (std::size_t i = data + 8; i < data + 300; ++i) bytes[i] = static_cast<char>(i * 7);
  write_text(folder / "a.mp4", bytes);
  VideoClip clip(folder / "a.mp4");
  EXPECT_EQ(number_in(clip.at({0, 1})), 12);
  EXPECT_EQ(number_in(clip.at({20, 24})), 20);
  EXPECT_EQ(number_in(clip.at({3, 24})), 12);
  EXPECT_EQ(number_in(clip.at({47, 24})), 47);
  EXPECT_THAT(clip.warnings(), ElementsAre(HasSubstr("damaged from 0:00.000 to 0:00.500")));
}

class CutShort : public testing::TestWithParam<const char*> {};

TEST_P(CutShort, ShowsWhatIsThere) {
  const TemporaryFolder folder;
  TestClip made;
  made.b_frames = 2;
  write_clip(folder / "whole.mkv", made.frames(120));
  const bool mp4 = std::string_view(GetParam()) == "a.mp4";
  ffmpeg_tool(folder, std::string("-i whole.mkv -c copy ") + (mp4 ? "-movflags faststart " : "") +
                          GetParam());
  const std::string bytes = read_text(folder / GetParam());
  write_text(folder / GetParam(), bytes.substr(0, bytes.size() * 6 / 10));
  VideoClip clip(folder / GetParam());
  int last = -1;
  for (int i = 0; i < 120; ++i) {
    const int number = number_in(clip.at({i, 24}));
    ASSERT_EQ(number, std::max(std::min(i, number), last)) << i;
    last = number;
  }
  EXPECT_GT(last, 20);
  EXPECT_LT(last, 90);
  EXPECT_LT(clip.length().seconds.value(), 4);
  EXPECT_GE(clip.length().seconds.value() * 24 + 0.5, last + 1);
  EXPECT_EQ(number_in(clip.at({110, 24})), last);
  EXPECT_EQ(number_in(clip.at({5, 24})), 5);
  EXPECT_EQ(number_in(clip.at({110, 24})), last);
  if (mp4) {
    EXPECT_THAT(clip.warnings(), ::testing::Contains(HasSubstr("cut short")));
  }
}

INSTANTIATE_TEST_SUITE_P(VideoClip, CutShort, testing::Values("a.mp4", "a.mkv", "a.ts"),
                         [](const auto& tested) { return std::string(tested.param + 2); });

TEST(VideoClip, WithoutItsIndexAnMp4IsRefused) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(48));
  const std::string bytes = read_text(folder / "a.mp4");
  write_text(folder / "a.mp4", bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(kind_thrown([&] { VideoClip clip(folder / "a.mp4"); }), Kind::invalid);
}

TEST(VideoClip, AJoinedRecordingIsReadOn) {
  const TemporaryFolder folder;
  TestClip made;
  made.rate = {25, 1};
  made.tick = {1, 25};
  write_clip(folder / "a.ts", made.frames(50));
  const std::string once = read_text(folder / "a.ts");
  write_text(folder / "twice.ts", once + once);
  VideoClip clip(folder / "twice.ts");
  EXPECT_EQ(number_in(clip.at({47, 25})), 47);
  EXPECT_EQ(number_in(clip.at({50 + 20, 25})), 20);
  EXPECT_EQ(number_in(clip.at({9, 25})), 9);
  EXPECT_EQ(clip.length().seconds, (Ratio{4, 1}));
  EXPECT_THAT(clip.warnings(), ::testing::Contains(HasSubstr("count its time anew")));
}

TEST(VideoClip, ThreadsChangeNothing) {
  const TemporaryFolder folder;
  TestClip made;
  made.width = 320;
  made.height = 256;
  made.b_frames = 2;
  made.tuning = "preset=veryfast,crf=20,slices=4";
  write_clip(folder / "a.mp4", made.frames(24));
  VideoClip one(folder / "a.mp4"), four(folder / "a.mp4", {.threads = 4});
  for (int i = 0; i < 24; ++i) ASSERT_TRUE(one.at({i, 24}) == four.at({i, 24})) << i;
}

// Of this process, at most so far.
long peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(VideoClip, MemoryDoesNotGrowWithTheClip) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer holds on to memory that was freed";
#endif
  const TemporaryFolder folder;
  TestClip made;
  made.width = 480;
  made.height = 320;
  made.tuning = "preset=ultrafast,crf=35";
  write_clip(folder / "a.mp4", made.frames(200));
  VideoClip clip(folder / "a.mp4", {.width = 64, .height = 64});
  for (int i = 0; i < 40; ++i) clip.at({i, 24});
  const long before = peak_kilobytes();
  for (int i = 40; i < 200; ++i) clip.at({i, 24});
  for (int i = 0; i < 200; i += 37) clip.at({199 - i, 24});
  // All frames together are 90 MB of RGB, 45 MB as they are decoded.
  EXPECT_LT(peak_kilobytes() - before, 15'000);
}

TEST(VideoClip, SaysNothingByItself) {
  const TemporaryFolder folder;
  write_clip(folder / "a.mp4", TestClip().frames(48));
  spoil(folder / "a.mp4", 30, 40);
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  VideoClip clip(folder / "a.mp4");
  clip.at({47, 24});
  clip.length();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace latentreel::ffmpeg
