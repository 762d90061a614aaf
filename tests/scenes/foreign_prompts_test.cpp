#include "scenes/foreign_prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scenes/prompt_reading.h"
#include "scenes/toml_text.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// As TOML; "" where it is prose.
std::string meant_by(std::string_view text) {
  const auto foreign = read_foreign(text);
  return foreign ? toml_list(foreign->prompts, prompt_text) : std::string();
}

TEST(ForeignPrompts, AreReadAsTheirProgramsMeanThem) {
  // VQGAN+CLIP's notebooks: text:weight:stop between bars.
  EXPECT_EQ(meant_by("a castle:1.0 | blurry:-0.5"),
            R"(["a castle", { text = "blurry", weight = -0.5 }])");
  EXPECT_EQ(meant_by("a castle | watercolor"), R"(["a castle", "watercolor"])");
  EXPECT_EQ(meant_by("a castle:2:0.1|ruins : -1"),
            R"([{ text = "a castle", weight = 2, stop = 0.1 }, { text = "ruins", weight = -1 }])");
  EXPECT_EQ(meant_by("blurry:-0.5"), R"([{ text = "blurry", weight = -0.5 }])");
  EXPECT_EQ(meant_by("a castle:2"), R"([{ text = "a castle", weight = 2 }])");
  EXPECT_EQ(meant_by("a castle:1"), R"(["a castle"])");
  // Midjourney.
  EXPECT_EQ(meant_by("a castle::2"), R"([{ text = "a castle", weight = 2 }])");
  EXPECT_EQ(
      meant_by("a castle::2 trees::-.5 at night"),
      R"([{ text = "a castle", weight = 2 }, { text = "trees", weight = -0.5 }, "at night"])");
  EXPECT_EQ(meant_by("hot:: dog"), R"(["hot", "dog"])");
  EXPECT_EQ(meant_by("a castle --no trees, people"),
            R"(["a castle", { text = "trees, people", weight = -0.5 }])");
  EXPECT_EQ(meant_by("a castle --neg blurry --ar 16:9"),
            R"(["a castle", { text = "blurry", weight = -0.5 }])");
  EXPECT_THAT(read_foreign("a castle --ar 16:9 --v 5")->left_out,
              ElementsAre("--ar (size in [video])", "--v"));
  // Stable Diffusion.
  EXPECT_EQ(meant_by("a castle with a (tall:1.2) tower"),
            R"(["a castle with a tall tower", { text = "tall", weight = 0.2 }])");
  EXPECT_EQ(meant_by("a ((tall)) [grey] {old} tower"),
            R"(["a tall grey old tower", { text = "tall", weight = 0.21 }, )"
            R"({ text = "grey", weight = -0.09 }, { text = "old", weight = 0.05 }])");
  EXPECT_EQ(meant_by("a castle, (blurry:-0.5)"),
            R"(["a castle", { text = "blurry", weight = -0.5 }])");
  EXPECT_EQ(meant_by("castle, (red), at night"),
            R"(["castle, red, at night", { text = "red", weight = 0.1 }])");
  EXPECT_EQ(meant_by("(red dress), best quality"),
            R"(["red dress, best quality", { text = "red dress", weight = 0.1 }])");
  EXPECT_EQ(meant_by("a castle, (trees:0)"), R"(["a castle"])");
  EXPECT_EQ(meant_by("a [red|blue] cow"), R"(["a red and blue cow"])");
  EXPECT_EQ(meant_by("a [red:blue:0.5] cow"), R"(["a red and blue cow"])");
  EXPECT_EQ(meant_by("a castle <lora:ink:0.8>"), R"(["a castle"])");
  EXPECT_EQ(meant_by("a castle\nNegative prompt: blurry\nSteps: 20, Seed: 3"),
            R"(["a castle", { text = "blurry", weight = -0.5 }])");
}

TEST(ForeignPrompts, AreNotFoundInProse) {
  for (const std::string text : {"a red apple",
                                 "a clock at 3:00 pm",
                                 "a clock at 3:00",
                                 "a clock at 10:30:15",
                                 "midnight in UTC+02:00",
                                 "a frame of 16:9",
                                 "John 3:16",
                                 "Psalm 119:105",
                                 "a sign: open",
                                 "a sign: 5",
                                 "a price tag: 4.99",
                                 "scale 1:2.5",
                                 "a castle (in ruins)",
                                 "a castle (1889)",
                                 "(a castle)",
                                 "a castle, now (in ruins), at night",
                                 "a castle, (in ruins) at night",
                                 "a castle, (1889), at night",
                                 "a footnote [1]",
                                 "a tyop [sic]",
                                 "a castle -- at night",
                                 "a castle--no, a palace",
                                 "std::vector on a blackboard",
                                 "http://localhost:8080",
                                 "a smile :-)",
                                 "a heart <3",
                                 "three: two: one",
                                 "half (",
                                 "[",
                                 "a > b",
                                 "rock 'n' roll: 10:30",
                                 "an apple; a pear",
                                 "a ((",
                                 ""}) {
    EXPECT_EQ(meant_by(text), "") << text;
  }
}

TEST(ForeignPrompts, OfAnySizeAreReadSoon) {
  for (const std::string mark : {"(", "[", "((a)", "(a:2)", "|", "::", "a:1:", " --no", "{{"}) {
    std::string text;
    while (text.size() < 4000) text += mark;
    read_foreign(text);
  }
  const auto deep = std::string(1999, '(') + "a" + std::string(1999, ')');
  EXPECT_EQ(meant_by(deep), R"(["a", { text = "a", weight = 1000 }])");
}

TEST(ForeignPrompts, AreNotedWithTheLineRewritten) {
  const auto notes = [](const std::string& text, const std::vector<Override>& overrides = {}) {
    return parse_scene(text, "film.toml", overrides).notes;
  };
  const std::string said =
      ": the text is written as for another program; CLIP reads all of it as words";
  const std::string away = said + ", so that what is to be pushed away attracts";
  EXPECT_THAT(notes("[[keyframe]]\nprompt = \"a castle:1.0 | blurry:-0.5\"\n"),
              ElementsAre("film.toml:2: prompt" + away +
                          R"(, write prompts = ["a castle", { text = "blurry", weight = -0.5 }])"));
  EXPECT_THAT(
      notes("[[keyframe]]\nprompts = [\"a\", { text = \"(b:1.5)\" }]\n"
            "[optimize]\nextra = \"c:2 | d:-1\"\nexclude = \"e:3\"\n"),
      ElementsAre("film.toml:2: prompts" + said + R"(, write "b", { text = "b", weight = 0.5 })",
                  "film.toml:4: extra" + away + R"(, write extra = ["c"] and exclude = ["d"])",
                  "film.toml:5: exclude" + said + R"(, write { text = "e", weight = 3 })"));
  EXPECT_THAT(
      notes("[[keyframe]]\nprompt = \"a\"\n", {{"keyframe.0.prompt", "a castle --ar 16:9"}}),
      ElementsAre("--set keyframe.0.prompt=a castle --ar 16:9: prompt" + said +
                  R"(, write prompt = "a castle", and leave out --ar (size in [video]))"));
  EXPECT_THAT(notes("[[keyframe]]\nprompt = \"a clock (old) at 3:00 pm\"\n"), IsEmpty());
}

}  // namespace
}  // namespace latentreel::scenes
