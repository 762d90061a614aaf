#include "src/train/world/captions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace latentreel::world {
namespace {

// Without the commas and full stops that stand behind words.
std::vector<std::string> words_in(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    while (!word.empty() && (word.back() == ',' || word.back() == '.')) word.pop_back();
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

bool is_known(const std::string& word) {
  return std::binary_search(known_words().begin(), known_words().end(), word);
}

struct Said {
  Composition composition;
  Caption caption;
};

const std::vector<Said>& said() {
  static const std::vector<Said> all = [] {
    std::vector<Said> made;
    for (int i = 0; i < 60000; ++i) {
      Random random(9, static_cast<std::uint64_t>(i));
      const Composition composition = draw_composition(random);
      made.push_back({composition, caption(composition, random)});
    }
    return made;
  }();
  return all;
}

TEST(Captions, SayPlainlyWhatIsThere) {
  const Ground white = Ground::plain(Colour::white);
  EXPECT_EQ(plain_name(Thing::owl, Colour::orange), "an orange owl");
  EXPECT_EQ(plain_name(Thing::heart, Colour::red), "a red heart");  // its own colour, and said
  EXPECT_EQ(plain_name(Thing::owl, std::nullopt), "an owl");
  EXPECT_EQ(plain_caption(portrait(Thing::heart, Colour::red, white)),
            "a heart on a white background");
  EXPECT_EQ(plain_caption(portrait(Thing::owl, Colour::orange, ground_number(kGrounds - 2))),
            "an orange owl under water");
  Composition two = portrait(Thing::star, Colour::blue, Ground::outdoors(Sky::night, Land::snow));
  two.things.push_back(two.things[0]);
  EXPECT_EQ(plain_caption(two), "two blue stars in the snow at night");
  two.things[1].thing = Thing::cat;
  two.style = Style::watercolor;
  EXPECT_EQ(plain_caption(two), "a blue star and a blue cat in the snow at night in watercolor");
  EXPECT_EQ(plain_caption({.things = {}, .ground = Ground::outdoors(Sky::sunset, Land::none)}),
            "a sunset");
}

TEST(Captions, PlainOnesAreUnique) {
  std::set<std::string> captions;
  std::size_t compositions = 0;
  for (int style = 0; style < kStyles; ++style) {
    for (int number = 0; number < kGrounds; ++number) {
      Composition composition{.things = {}, .ground = ground_number(number)};
      composition.style = static_cast<Style>(style);
      captions.insert(plain_caption(composition));
      ++compositions;
      for (int thing = 0; thing < kThings; ++thing) {
        for (int colour = -1; colour < kColours; ++colour) {
          const auto given = colour < 0 ? std::nullopt : std::optional(static_cast<Colour>(colour));
          const auto kind = static_cast<Thing>(thing);
          if (normalized_colour(kind, given) != given) continue;
          composition = portrait(kind, given, ground_number(number));
          composition.style = static_cast<Style>(style);
          captions.insert(plain_caption(composition));
          composition.things.push_back(composition.things[0]);
          captions.insert(plain_caption(composition));
          compositions += 2;
        }
      }
    }
  }
  EXPECT_EQ(captions.size(), compositions);
}

TEST(Captions, PlainOnesDoNotDependOnTheOrderOfThings) {
  Composition two = portrait(Thing::star, Colour::blue, Ground::plain(Colour::white));
  two.things.push_back(portrait(Thing::cat, std::nullopt, two.ground).things[0]);
  Composition other = two;
  std::swap(other.things[0], other.things[1]);
  EXPECT_EQ(plain_caption(two), plain_caption(other));
}

TEST(Captions, HoldOnlyKnownWordsBesidesUnknownOnes) {
  int with_unknown = 0;
  for (const Said& one : said()) {
    std::vector<std::string> strangers;
    for (const std::string& word : words_in(one.caption.text)) {
      if (!is_known(word)) strangers.push_back(word);
    }
    std::vector<std::string> inserted = one.caption.unknown;
    std::sort(inserted.begin(), inserted.end());
    std::sort(strangers.begin(), strangers.end());
    ASSERT_EQ(strangers, inserted) << one.caption.text;
    with_unknown += !inserted.empty();
  }
  EXPECT_NEAR(with_unknown, 0.14 * static_cast<double>(said().size()), 1000);
}

TEST(Captions, ReachEveryKnownWord) {
  std::set<std::string> reached;
  for (const Said& one : said()) {
    for (const std::string& word : words_in(one.caption.text)) reached.insert(word);
  }
  for (const std::string& word : known_words()) EXPECT_TRUE(reached.contains(word)) << word;
}

TEST(Captions, AreMadeOfLowerCaseWords) {
  ASSERT_GT(known_words().size(), 300u);
  for (const std::string& word : known_words()) {
    EXPECT_TRUE(std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
        << word;
  }
  for (const Said& one : said()) {
    ASSERT_FALSE(one.caption.text.empty());
    ASSERT_NE(one.caption.text.front(), ' ');
    ASSERT_EQ(one.caption.text.find("  "), std::string::npos) << one.caption.text;
    ASSERT_EQ(one.caption.text.find('%'), std::string::npos) << one.caption.text;
  }
}

TEST(Captions, AgreeInTheirArticles) {
  for (const Said& one : said()) {
    if (!one.caption.unknown.empty()) continue;
    const std::vector<std::string> words = words_in(one.caption.text);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      const bool vowel = std::string("aeiou").find(words[i + 1][0]) != std::string::npos;
      if (words[i] != "a" && words[i] != "an") continue;
      ASSERT_EQ(words[i] == "an", vowel) << one.caption.text;
    }
  }
}

TEST(Captions, AreSatisfiedByTheirOwnPictures) {
  for (const Said& one : said()) {
    ASSERT_TRUE(satisfies(one.composition, one.caption.meaning)) << one.caption.text;
  }
}

TEST(Captions, SayTheColourThatIsNotNatural) {
  for (const Said& one : said()) {
    const std::vector<std::string> words = words_in(one.caption.text);
    for (const PlacedThing& placed : one.composition.things) {
      if (placed.colour != Colour::blue) continue;
      ASSERT_NE(std::find(words.begin(), words.end(), "blue"), words.end()) << one.caption.text;
    }
  }
}

TEST(Captions, LeavePartsOut) {
  int placeless = 0, with_things = 0;
  for (const Said& one : said()) {
    if (one.composition.things.empty()) continue;
    ++with_things;
    const Meaning& meaning = one.caption.meaning;
    placeless += !meaning.kind && !meaning.sky && !meaning.land;
  }
  EXPECT_NEAR(placeless, 0.18 * with_things, 0.02 * with_things);
}

TEST(Satisfies, AsksForAllThatIsSaidAndNothingElse) {
  const Composition picture =
      portrait(Thing::cat, Colour::blue, Ground::outdoors(Sky::night, Land::snow));
  EXPECT_TRUE(satisfies(picture, {}));
  EXPECT_TRUE(satisfies(picture, {.things = {{Thing::cat, Colour::blue}}}));
  EXPECT_TRUE(satisfies(picture, {.sky = Sky::night}));
  EXPECT_TRUE(satisfies(picture, {.sky = Sky::night, .land = Land::snow}));
  EXPECT_FALSE(satisfies(picture, {.things = {{Thing::cat, std::nullopt}}}));
  EXPECT_FALSE(satisfies(picture, {.things = {{Thing::dog, Colour::blue}}}));
  EXPECT_FALSE(satisfies(picture, {.land = Land::sea}));
  EXPECT_FALSE(satisfies(picture, {.kind = Ground::Kind::plain, .paper = Colour::white}));
  EXPECT_FALSE(satisfies(picture, {.style = Style::sepia}));
}

TEST(Satisfies, CountsThingsThatAreNamedTwice) {
  Composition one = portrait(Thing::heart, std::nullopt, Ground::plain(Colour::white));
  const Meaning two{.things = {{Thing::heart, std::nullopt}, {Thing::heart, std::nullopt}}};
  EXPECT_FALSE(satisfies(one, two));
  one.things.push_back(one.things[0]);
  EXPECT_TRUE(satisfies(one, two));
}

TEST(Satisfies, TellsPaperFromScenery) {
  const Composition room{.things = {}, .ground = ground_number(kGrounds - 1)};
  EXPECT_FALSE(satisfies(room, {.sky = Sky::blue}));
  EXPECT_FALSE(satisfies(room, {.land = Land::none}));
  EXPECT_TRUE(satisfies(room, {.kind = Ground::Kind::room}));
}

}  // namespace
}  // namespace latentreel::world
