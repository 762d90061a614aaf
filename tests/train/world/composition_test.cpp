#include "src/train/world/composition.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace latentreel::world {
namespace {

constexpr int kDrawn = 20000;

std::vector<Composition> drawn(int count, Purpose purpose = Purpose::training) {
  std::vector<Composition> all;
  for (int i = 0; i < count; ++i) {
    Random random(3, static_cast<std::uint64_t>(i));
    all.push_back(draw_composition(random, purpose));
  }
  return all;
}

TEST(WorldRandom, GivesTheSameNumbersOnEveryMachine) {
  Random random(1, 2);
  EXPECT_EQ(random.bits(), 6896817821448315349u);
  EXPECT_EQ(random.below(1000), 630);
  EXPECT_DOUBLE_EQ(random.uniform(), 0.18381723633457447);
}

TEST(WorldRandom, IsEven) {
  Random random(5);
  std::vector<int> counts(7);
  double sum = 0;
  for (int i = 0; i < 70000; ++i) {
    ++counts[static_cast<std::size_t>(random.below(7))];
    sum += random.uniform();
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_NEAR(sum / 70000, 0.5, 0.01);
}

TEST(Ground, IsItsNumber) {
  for (int number = 0; number < kGrounds; ++number) {
    EXPECT_EQ(number_of(ground_number(number)), number);
  }
  EXPECT_EQ(ground_number(0), Ground::plain(Colour::red));
  EXPECT_EQ(ground_number(kColours + 1), Ground::outdoors(Sky::blue, Land::hills));
  EXPECT_EQ(ground_number(kGrounds - 1).kind, Ground::Kind::room);
}

TEST(Composition, IsTheSameForTheSameSeed) {
  EXPECT_EQ(drawn(500), drawn(500));
  Random one(3, 0), other(4, 0);
  EXPECT_FALSE(draw_composition(one) == draw_composition(other));
}

TEST(Composition, HeldOutOnesAreOneInThirteenAndNeverTrainedOn) {
  int held_out = 0, all = 0;
  for (int thing = 0; thing < kThings; ++thing) {
    for (int colour = 0; colour <= kColours; ++colour) {
      for (int ground = 0; ground < kGrounds; ++ground, ++all) {
        const auto said = colour ? std::optional(static_cast<Colour>(colour - 1)) : std::nullopt;
        const bool out = is_held_out(static_cast<Thing>(thing), said, ground_number(ground));
        EXPECT_EQ(out, (5 * thing + 3 * colour + 7 * ground) % 13 == 0);
        held_out += out;
      }
    }
  }
  EXPECT_NEAR(13.0 * held_out / all, 1, 0.01);
  for (const Composition& composition : drawn(kDrawn)) ASSERT_FALSE(is_held_out(composition));
  for (const Composition& composition : drawn(500, Purpose::test)) {
    ASSERT_TRUE(is_held_out(composition));
  }
}

TEST(Composition, SaysAColourOnlyWhereItIsNotNatural) {
  for (const Composition& composition : drawn(kDrawn)) {
    for (const PlacedThing& placed : composition.things) {
      ASSERT_EQ(normalized_colour(placed.thing, placed.colour), placed.colour);
    }
  }
}

TEST(Composition, IsMostlyOfOneThing) {
  std::map<std::size_t, int> counts;
  int coloured = 0, things = 0, plain = 0, styled = 0;
  for (const Composition& composition : drawn(kDrawn)) {
    ++counts[composition.things.size()];
    plain += composition.ground.kind == Ground::Kind::plain;
    styled += composition.style != Style::plain;
    for (const PlacedThing& placed : composition.things) {
      ++things;
      coloured += placed.colour.has_value();
    }
  }
  EXPECT_NEAR(counts[0], 0.10 * kDrawn, 0.02 * kDrawn);
  EXPECT_NEAR(counts[2], 0.20 * kDrawn, 0.03 * kDrawn);
  EXPECT_EQ(counts[0] + counts[1] + counts[2], kDrawn);
  EXPECT_NEAR(coloured, 0.45 * things, 0.06 * things);
  EXPECT_NEAR(plain, 0.3 * kDrawn, 0.06 * kDrawn);
  EXPECT_NEAR(styled, 0.17 * kDrawn, 0.04 * kDrawn);
}

TEST(Composition, ReachesEveryThingColourGroundAndStyle) {
  std::set<Thing> things;
  std::set<int> grounds;
  std::set<Colour> colours;
  std::set<Style> styles;
  for (const Composition& composition : drawn(kDrawn)) {
    grounds.insert(number_of(composition.ground));
    styles.insert(composition.style);
    for (const PlacedThing& placed : composition.things) {
      things.insert(placed.thing);
      if (placed.colour) colours.insert(*placed.colour);
    }
  }
  EXPECT_EQ(things.size(), static_cast<std::size_t>(kThings));
  EXPECT_EQ(grounds.size(), static_cast<std::size_t>(kGrounds));
  EXPECT_EQ(colours.size(), static_cast<std::size_t>(kColours));
  EXPECT_EQ(styles.size(), static_cast<std::size_t>(kStyles));
}

TEST(Composition, KeepsThingsInThePictureAndApart) {
  for (const Composition& composition : drawn(kDrawn)) {
    for (const PlacedThing& placed : composition.things) {
      ASSERT_GE(placed.x - placed.size / 2, -0.001);
      ASSERT_LE(placed.x + placed.size / 2, 1.001);
      ASSERT_GE(placed.y - placed.size / 2, -0.001);
      ASSERT_LE(placed.y + placed.size / 2, 1.001);
    }
    if (composition.things.size() == 2) {
      const PlacedThing &left = composition.things[0], &right = composition.things[1];
      ASSERT_LE(left.x + left.size / 2, right.x - right.size / 2 + 0.021);
    }
  }
}

}  // namespace
}  // namespace latentreel::world
