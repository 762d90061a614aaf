// What holds for every option that has a row.

#include "scenes/option_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "scenes/augment_rows.h"
#include "scenes/option_values.h"
#include "scenes/options_page.h"
#include "scenes/recipes.h"
#include "scenes/scene_text.h"
#include "scenes/section_rows.h"
#include "tests/scenes/aggregate.h"
#include "tests/scenes/other_value.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr const char* kTwoKeyframes =
    "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n";

// A field without a row cannot be written in a scene, and is in no hash.
TEST(OptionRows, EveryFieldHasOne) {
  // Not rows of their own: recipe, which is the values of the others, start's picture, the lines
  // that extra's texts stand in, and the curves of three weights.
  EXPECT_EQ(fields_in<OptimizeOptions>(), static_cast<int>(optimize_rows().size()) + 3 + 3);
  // A pair is two fields; kind is the step's name.
  EXPECT_EQ(fields_in<Augment>(), static_cast<int>(augment_rows().size()) + 3 + 1);
  EXPECT_EQ(fields_in<InterpolateOptions>(), static_cast<int>(interpolate_rows().size()));
  EXPECT_EQ(fields_in<ModelOptions>(), static_cast<int>(model_rows().size()));
  // What the files say is no option.
  EXPECT_EQ(fields_in<MusicOptions>(), static_cast<int>(music_rows().size()) + 1);
  // Two of its fields are one row: towards, and the keyframe that it names.
  EXPECT_EQ(fields_in<PulseOptions>(), static_cast<int>(pulse_rows().size()) + 1);
  // Two pairs are two fields each.
  EXPECT_EQ(fields_in<MotionOptions>(), static_cast<int>(motion_rows().size()) + 2);
  // on: the table is there.
  EXPECT_EQ(fields_in<FeedbackOptions>(), static_cast<int>(feedback_rows().size()) + 1);
  EXPECT_EQ(fields_in<SourceOptions>(), static_cast<int>(source_rows().size()));
  EXPECT_EQ(fields_in<PictureOptions>(), static_cast<int>(picture_rows().size()));
  // A band is two fields; name is the signal's key.
  EXPECT_EQ(fields_in<SignalOptions>(), static_cast<int>(signal_rows().size()) + 2);
  // A size is two fields.
  EXPECT_EQ(fields_in<VideoOptions>(), static_cast<int>(video_rows().size()) + 2);
}

template <class Owner>
void expect_explained(std::span<const Row<Owner>> rows) {
  for (const auto& row : rows) {
    EXPECT_THAT(std::string(row.help), EndsWith(".")) << row.key;
    const Value value = parse_override_value(row.example, 0);
    EXPECT_TRUE(value.kind != Value::Kind::text || row.example.front() == '"')
        << row.key << ": " << row.example << " is not TOML";
  }
}

TEST(OptionRows, EachIsExplainedByASentenceAndAnExample) {
  expect_explained(scene_rows());
  expect_explained(video_rows());
  expect_explained(music_rows());
  expect_explained(model_rows());
  expect_explained(interpolate_rows());
  expect_explained(pulse_rows());
  expect_explained(motion_rows());
  expect_explained(feedback_rows());
  expect_explained(source_rows());
  expect_explained(picture_rows());
  expect_explained(signal_rows());
  expect_explained(keyframe_rows());
  expect_explained(optimize_rows());
  expect_explained(augment_rows());
}

TEST(OptionRows, EachExampleIsAllowed) {
  for (const auto& row : optimize_rows()) {
    EXPECT_EQ(mistakes_of(kTwoKeyframes,
                          {{"optimize." + std::string(row.key), std::string(row.example)}}),
              "")
        << row.key;
  }
}

// Of the second keyframe: the first has no previous one to start from.
OptimizeOptions options_with(const std::string& key, const std::string& value) {
  return parse_scene(kTwoKeyframes, "film.toml", {{"optimize." + key, value}})
      .keyframes[1]
      .optimize;
}

TEST(OptionRows, EachOptionReadsBackFromTheScenesText) {
  const auto base = recipe("notebook");
  for (const auto& row : optimize_rows()) {
    const std::string key(row.key);
    const auto changed = options_with(key, other_value(row, base));
    EXPECT_FALSE(changed == base) << key << " = " << other_value(row, base) << " changes nothing";
    const auto scene =
        parse_scene(kTwoKeyframes, "film.toml", {{"optimize." + key, other_value(row, base)}});
    const auto again = parse_scene(scene_text(scene), "film.toml");
    EXPECT_EQ(again.keyframes[1].optimize, changed) << key;
  }
}

TEST(OptionRows, EachOptionTellsValuesApart) {
  const auto base = recipe("notebook");
  for (const auto& row : optimize_rows()) {
    const auto changed = options_with(std::string(row.key), other_value(row, base));
    EXPECT_NE(option_values(changed), option_values(base)) << row.key;
  }
}

TEST(OptionsPage, IsThePageInTheRepository) {
  std::ifstream file(LATENTREEL_SOURCE_DIR "/scenes/OPTIONS.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(options_page(), page) << "latentreel schema --markdown > scenes/OPTIONS.md";
}

// Defaults are left out of a scene's text, and must not be of a hash: they may change.
TEST(OptionValues, OfAnAugmentationAreAllThatItsKindKnows) {
  for (const auto& [word, kind] : EnumNames<Augment::Kind>::kNames) {
    const auto values = option_values(Augment{.kind = kind});
    ASSERT_EQ(values.size(), augment_keys(kind).size() + 1) << word;
    EXPECT_EQ(values[0].key, "name");
    EXPECT_THAT(values[0].text, HasSubstr(word));
  }
}

}  // namespace
}  // namespace latentreel::scenes
