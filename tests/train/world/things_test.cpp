#include "src/train/world/things.h"

#include <gtest/gtest.h>

#include <set>

#include "src/train/world/composition.h"
#include "tests/train/world/measures.h"

namespace latentreel::world {
namespace {

std::vector<Thing> all_things() {
  std::vector<Thing> things;
  for (int i = 0; i < kThings; ++i) things.push_back(static_cast<Thing>(i));
  return things;
}

// Shared area over joint area of two coverages.
double overlap(const std::vector<std::uint8_t>& one, const std::vector<std::uint8_t>& other) {
  double shared = 0, joint = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    shared += std::min(one[i], other[i]);
    joint += std::max(one[i], other[i]);
  }
  return shared / joint;
}

TEST(Things, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Thing thing : all_things()) names.insert(name(thing));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(kThings));
  EXPECT_EQ(name(Thing::hot_air_balloon), "hot air balloon");
}

TEST(Things, HaveSilhouettesOfTheirOwn) {
  std::vector<std::vector<std::uint8_t>> silhouettes;
  for (const Thing thing : all_things()) silhouettes.push_back(silhouette(thing, 64));
  for (int i = 0; i < kThings; ++i) {
    for (int j = 0; j < i; ++j) {
      const double shared = overlap(silhouettes[static_cast<std::size_t>(i)],
                                    silhouettes[static_cast<std::size_t>(j)]);
      EXPECT_LT(shared, 0.85) << name(static_cast<Thing>(i)) << " and "
                              << name(static_cast<Thing>(j));
    }
  }
}

TEST(Things, FillTheirSquareAndStayInIt) {
  constexpr int kSide = 100;
  for (const Thing thing : all_things()) {
    const std::vector<std::uint8_t> covered = silhouette(thing, kSide);
    int left = kSide, right = 0, top = kSide, bottom = 0;
    double area = 0, border = 0;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const double here = covered[static_cast<std::size_t>(y * kSide + x)] / 255.0;
        area += here / (kSide * kSide);
        if (x == 0 || y == 0 || x == kSide - 1 || y == kSide - 1) border += here;
        if (here < 0.5) continue;
        left = std::min(left, x), right = std::max(right, x);
        top = std::min(top, y), bottom = std::max(bottom, y);
      }
    }
    EXPECT_GT(std::max(right - left, bottom - top), 80) << name(thing);
    EXPECT_GT(area, 0.14) << name(thing);
    EXPECT_LT(border, 30) << name(thing) << " is cut off";
    if (stands(thing)) {
      EXPECT_GT(bottom, 78) << name(thing) << " floats";
    }
  }
}

TEST(Things, AreVisibleOnEveryGround) {
  for (int number = 0; number < kGrounds; ++number) {
    const Ground ground = ground_number(number);
    for (const Thing thing : all_things()) {
      const Composition with = portrait(thing, std::nullopt, ground);
      Composition without = with;
      without.things.clear();
      int changed = 0;
      for (const double here : differences(paint(with, 48), paint(without, 48))) {
        changed += here > 0.12;
      }
      EXPECT_GT(changed, 48 * 48 * 0.05) << name(thing) << " on ground " << number;
    }
  }
}

// Where a thing in its natural colour covers that paper, pixel by pixel.
std::vector<double> shown_on(Colour paper, Thing thing, int size) {
  const Composition with = portrait(thing, std::nullopt, Ground::plain(paper));
  Composition without = with;
  without.things.clear();
  return differences(paint(with, size), paint(without, size));
}

TEST(Things, AreRecolouredInTheirBodyAndNowhereElse) {
  const Ground paper = Ground::plain(Colour::gray);
  int with_details = 0;
  for (const Thing thing : all_things()) {
    if (!can_be_coloured(thing)) continue;
    const Colour other = natural_colour(thing) == Colour::blue ? Colour::green : Colour::blue;
    const std::vector<double> differs = differences(paint(portrait(thing, std::nullopt, paper), 96),
                                                    paint(portrait(thing, other, paper), 96));
    // A thing can have the colour of one paper, never of both.
    const std::vector<double> on_gray = shown_on(Colour::gray, thing, 96);
    const std::vector<double> on_black = shown_on(Colour::black, thing, 96);
    int drawn = 0, changed = 0, elsewhere = 0;
    for (std::size_t i = 0; i < differs.size(); ++i) {
      const double shown = std::max(on_gray[i], on_black[i]);
      drawn += shown > 0.05;
      changed += shown > 0.05 && differs[i] > 0.10;
      elsewhere += shown == 0 && differs[i] > 0;
    }
    EXPECT_EQ(elsewhere, 0) << name(thing);
    EXPECT_GT(changed, 0.25 * drawn) << name(thing);
    with_details += changed < 0.97 * drawn;
  }
  EXPECT_GT(with_details, kThings * 3 / 4);
}

TEST(Things, WearTheNamedNaturalColourWhenTheyAreGivenIt) {
  EXPECT_EQ(normalized_colour(Thing::heart, Colour::red), std::nullopt);
  EXPECT_EQ(normalized_colour(Thing::heart, Colour::blue), Colour::blue);
  EXPECT_EQ(normalized_colour(Thing::rainbow, Colour::blue), std::nullopt);
  EXPECT_EQ(normalized_colour(Thing::house, Colour::yellow), Colour::yellow);
}

}  // namespace
}  // namespace latentreel::world
