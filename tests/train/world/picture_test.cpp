#include "src/train/world/picture.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/train/world/measures.h"

namespace latentreel::world {
namespace {

Composition drawing(std::uint64_t number) {
  Random random(17, number);
  return draw_composition(random);
}

TEST(Picture, HasThreeBytesAPixelOfTheSizeAskedFor) {
  for (const int size : {1, 37, 128}) {
    const Picture picture = paint(drawing(0), size);
    EXPECT_EQ(picture.size, size);
    EXPECT_EQ(picture.pixels.size(), static_cast<std::size_t>(3 * size * size));
  }
}

TEST(Picture, IsTheSameBytesEveryTime) {
  for (std::uint64_t number = 0; number < 40; ++number) {
    EXPECT_EQ(paint(drawing(number), 64).pixels, paint(drawing(number), 64).pixels) << number;
  }
}

TEST(Picture, IsTheSameBytesFromSeveralThreads) {
  constexpr std::uint64_t kPictures = 60;
  std::vector<std::vector<Picture>> painted(3);
  std::vector<std::thread> painters;
  for (std::vector<Picture>& mine : painted) {
    painters.emplace_back([&mine] {
      for (std::uint64_t number = 0; number < kPictures; ++number) {
        mine.push_back(paint(drawing(number), 48));
      }
    });
  }
  for (std::thread& painter : painters) painter.join();
  for (std::uint64_t number = 0; number < kPictures; ++number) {
    EXPECT_EQ(painted[0][number].pixels, painted[1][number].pixels) << number;
    EXPECT_EQ(painted[0][number].pixels, painted[2][number].pixels) << number;
  }
}

TEST(Picture, IsTheSamePictureAtEverySize) {
  for (std::uint64_t number = 0; number < 80; ++number) {
    const Composition composition = drawing(number);
    const Picture small = paint(composition, 64), large = reduced(paint(composition, 256), 4);
    EXPECT_LT(mean_difference(small, large), 0.02) << number;
    EXPECT_GT(mean_difference(small, paint(drawing(number + 1), 64)), 0.02) << number;
  }
}

TEST(Picture, ShowsGroundsThatDiffer) {
  std::vector<Picture> pictures;
  for (int number = 0; number < kGrounds; ++number) {
    pictures.push_back(paint({.things = {}, .ground = ground_number(number), .details = 3}, 48));
  }
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_GT(mean_difference(pictures[i], pictures[j]), 0.015) << i << " and " << j;
    }
  }
}

TEST(Picture, MirrorsWhatIsMirrored) {
  Composition composition = portrait(Thing::car, std::nullopt, Ground::plain(Colour::white));
  const Picture picture = paint(composition, 64);
  composition.things[0].mirrored = true;
  Picture back = paint(composition, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 32; ++x) {
      for (int c = 0; c < 3; ++c) {
        const auto at = [&](int column) {
          return static_cast<std::size_t>(3 * (64 * y + column) + c);
        };
        std::swap(back.pixels[at(x)], back.pixels[at(63 - x)]);
      }
    }
  }
  EXPECT_LT(mean_difference(picture, back), 0.005);
}

TEST(Styles, WithoutColoursAreGrayOrBrown) {
  Composition composition = portrait(Thing::cat, std::nullopt, ground_number(12));
  composition.style = Style::black_and_white;
  const Picture gray = paint(composition, 48);
  for (std::size_t i = 0; i < gray.pixels.size(); i += 3) {
    ASSERT_EQ(gray.pixels[i], gray.pixels[i + 1]);
    ASSERT_EQ(gray.pixels[i], gray.pixels[i + 2]);
  }
  composition.style = Style::sepia;
  const Picture brown = paint(composition, 48);
  for (std::size_t i = 0; i < brown.pixels.size(); i += 3) {
    ASSERT_GT(brown.pixels[i], brown.pixels[i + 2]);
  }
}

TEST(Styles, KeepThePictureLegible) {
  // What is light stays light, what is dark stays dark: the grays of both pictures go together.
  for (int i = 0; i < kThings; ++i) {
    Composition composition = portrait(static_cast<Thing>(i), std::nullopt, ground_number(12), 5);
    const Picture plain = paint(composition, 64);
    const auto grays = [](const Picture& picture) {
      std::vector<double> all;
      for (std::size_t p = 0; p < picture.pixels.size(); p += 3) {
        all.push_back(
            brightness(rgb(picture.pixels[p], picture.pixels[p + 1], picture.pixels[p + 2])));
      }
      return all;
    };
    for (int style = 1; style < kStyles; ++style) {
      composition.style = static_cast<Style>(style);
      const std::vector<double> a = grays(plain), b = grays(paint(composition, 64));
      double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
      for (std::size_t p = 0; p < a.size(); ++p) {
        sum_a += a[p], sum_b += b[p], aa += a[p] * a[p], bb += b[p] * b[p], ab += a[p] * b[p];
      }
      const double n = static_cast<double>(a.size());
      const double correlation =
          (n * ab - sum_a * sum_b) / std::sqrt((n * aa - sum_a * sum_a) * (n * bb - sum_b * sum_b));
      EXPECT_GT(correlation, 0.75) << name(static_cast<Thing>(i)) << ", style " << style;
    }
  }
}

}  // namespace
}  // namespace latentreel::world
