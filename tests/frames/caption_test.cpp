#include "src/frames/caption.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace latentreel::render {
namespace {

using Pixels = std::vector<std::uint8_t>;

constexpr std::uint8_t kGray = 100;

// A gray frame with this caption.
Pixels frame_with(const scenes::Caption& caption, int width, int height) {
  Pixels rgb(static_cast<std::size_t>(3 * width * height), kGray);
  draw_caption(rgb, width, height, caption);
  return rgb;
}

// How many pixels of these rows a test holds for; a pixel of a gray frame has three equal values.
template <class Test>
int count(const Pixels& rgb, int width, int first_row, int end_row, const Test& test) {
  int found = 0;
  for (int i = first_row * width; i < end_row * width; ++i) {
    if (test(rgb[static_cast<std::size_t>(3 * i)])) ++found;
  }
  return found;
}

bool is_white(std::uint8_t value) {
  return value > 220;
}
bool is_dark(std::uint8_t value) {
  return value < 40;
}
bool is_changed(std::uint8_t value) {
  return value != kGray;
}

TEST(Caption, IsWrittenAtTheTopAndAtTheBottom) {
  for (const int size : {64, 100, 256}) {
    SCOPED_TRACE(size);
    const int third = size / 3;
    const auto both = frame_with({.where = "9:3", .prompt = "a red apple"}, size, size);
    for (const int first : {0, size - third}) {
      EXPECT_GT(count(both, size, first, first + third, is_white), 8);
      EXPECT_GT(count(both, size, first, first + third, is_dark), 30);
    }
    EXPECT_EQ(count(both, size, third, size - third, is_changed), 0);
    const auto top = frame_with({.where = "9:3"}, size, size);
    EXPECT_EQ(count(top, size, third, size, is_changed), 0);
    const auto bottom = frame_with({.prompt = "a red apple"}, size, size);
    EXPECT_EQ(count(bottom, size, 0, size - third, is_changed), 0);
  }
}

// A twelfth of the height, but no less than 8 pixels.
TEST(Caption, GrowsWithTheFrame) {
  const auto rows_written = [](int width, int height) {
    const auto rgb = frame_with({.where = "8"}, width, height);
    int rows = 0;
    for (int y = 0; y < height; ++y) rows += count(rgb, width, y, y + 1, is_white) > 0 ? 1 : 0;
    return rows;
  };
  EXPECT_GE(rows_written(64, 64), 5);
  EXPECT_LE(rows_written(64, 64), 8);
  EXPECT_GE(rows_written(480, 360), 18);
  EXPECT_LE(rows_written(480, 360), 30);
}

// What a hash knows of fonts: whatever of a caption can look otherwise.
TEST(Caption, LooksAreThoseOfEveryCharacter) {
  const auto looks = looks_of_caption(64, 48, "a castle");
  EXPECT_EQ(looks, looks_of_caption(64, 48, "a castle"));
  EXPECT_NE(looks, looks_of_caption(64, 48, "a castla"));
  EXPECT_NE(looks, std::vector<std::uint8_t>(looks.size())) << "there is something to see";
}

TEST(Caption, TellsBeatsAndPromptsApart) {
  const auto frame = [](const char* where, const char* prompt) {
    return frame_with({.where = where, .prompt = prompt}, 64, 64);
  };
  EXPECT_NE(frame("9:3", "a fox"), frame("9:4", "a fox"));
  EXPECT_NE(frame("9:3", "a fox"), frame("9:3", "an ox"));
  EXPECT_EQ(frame("9:3", "a fox"), frame("9:3", "a fox"));
}

TEST(Caption, IsCutToTheFrame) {
  const std::string prompt = "a lighthouse in the sea at sunset, painted by a child";
  const auto cut = frame_with({.prompt = prompt}, 64, 64);
  EXPECT_EQ(cut, frame_with({.prompt = prompt + " and its mother"}, 64, 64));
  EXPECT_NE(cut, frame_with({.prompt = prompt}, 65, 64));
  // The dots stand within the frame: nothing of them is missing at its edge.
  for (int y = 0; y < 64; ++y) {
    EXPECT_FALSE(is_white(cut[static_cast<std::size_t>(3 * (64 * y + 63))])) << y;
  }
  const std::string umlauts = "ööööööööööööööööööööööööööööööööööööööö";
  EXPECT_GT(count(frame_with({.prompt = umlauts}, 64, 64), 64, 40, 64, is_white), 20);
}

TEST(Caption, AFlashIsABorderAsBrightAsItIs) {
  const int border = flash_width(96, 64);
  EXPECT_EQ(border, 4);
  const auto value_at = [](const Pixels& rgb, int x, int y) {
    return rgb[static_cast<std::size_t>(3 * (96 * y + x) + 1)];
  };
  for (const double flash : {1.0, 0.5}) {
    const auto rgb = frame_with({.flash = flash}, 96, 64);
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 96; ++x) {
        const bool inside = x >= border && x < 96 - border && y >= border && y < 64 - border;
        ASSERT_EQ(value_at(rgb, x, y), inside ? kGray : flash == 1 ? 255 : 178) << x << " " << y;
      }
    }
  }
}

TEST(Caption, OfNothingChangesNothing) {
  EXPECT_EQ(frame_with({}, 48, 32), Pixels(48 * 32 * 3, kGray));
}

TEST(Caption, FitsTheSmallestFramesToo) {
  const scenes::Caption caption{.where = "123:4", .prompt = "a red apple", .flash = 1};
  for (const int size : {1, 2, 7, 16}) {
    EXPECT_EQ(frame_with(caption, size, size).size(), static_cast<std::size_t>(3 * size * size));
  }
}

TEST(Caption, IsTheSameFromSeveralThreads) {
  const scenes::Caption caption{.where = "12:4", .prompt = "a red apple", .flash = 0.5};
  const auto expected = frame_with(caption, 128, 72);
  std::vector<Pixels> made(4);
  std::vector<std::thread> threads;
  for (auto& pixels : made) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) pixels = frame_with(caption, 128, 72);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& pixels : made) EXPECT_EQ(pixels, expected);
}

}  // namespace
}  // namespace latentreel::render
