// The schema and the reader are made from the same rows; a validator of others compares them.

#include "scenes/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>

#include "scenes/scene_template.h"
#include "tests/scenes/mistake_cases.h"
#include "tests/scenes/support.h"

namespace latentreel::scenes {
namespace {

using testing::HasSubstr;

// What only the reader can tell.
const std::set<std::string> kOnlyTheReaderTells = {
    // JSON does not tell nan from a number in range.
    "[video]\nfps = nan",
    "[music]\nbpm = nan",
    // One key depends on another.
    "[video]\noutput = \"511x301\"",
    "[video]\nsize = \"101x76\"",
    "[video]\ncodec = \"prores\"\nquality = 17",
    "[video]\ncodec = \"ffv1\"\nquality = 17",
    "[music]\nfile = \"" LATENTREEL_SOURCE_DIR
    "/examples/metronome.m4a\"\ncodec = \"copy\"\ngain = -3",
    "[optimize]\ncut_min = 0.8\ncut_max = 0.5",
    "[optimize]\naugment = [{ name = \"erase\", area = [0.4, 0.1] }]",
    "[interpolate]\nloop = true",
    "[[keyframe]]\nat = \"bar 9\"\nprompt = \"a\"\n",
    // Expressions have a grammar of their own.
    "[interpolate]\nspeed = \"1 + kik\"",
    "[interpolate]\nspeed = '1 < t < 2'",
    "[interpolate]\nspeed = \"1 + beat_phase\"",
    "[music]\nbpm = 120\n[pulse]\namount = \"0.1 * kick\"",
    "[music]\nbpm = 120\n[pulse]\namount = \"0.1 * low + high\"",
    "[picture]\nbrightness = \"1 + low * beat\"",
    "[picture]\nbrightness = [[\"bar 5\", 1]]",
    "[picture]\nbrightness = [[\"0s\", 1], [\"0s\", 2]]",
    "[pulse]\ntowards = 1",
    "[signals]\nkick = { source = \"band\" }",
    "[signals]\nkick = { band = [40, 120] }",
    "[signals]\nkick = { source = \"rms\", release = \"90s\" }",
    // Times are counted in frames.
    "[video]\nduration = \"0s\"",
    "[video]\nduration = 500000",
    "[[keyframe]]\nat = 500000\nprompt = \"a\"\n",
    "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nprompt = \"b\"\n",
    "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = \"0.01s\"\nprompt = \"b\"\n",
    "[video]\nduration = \"3s\"\n[[keyframe]]\nprompt = \"a\"\n"
    "[[keyframe]]\nat = 4\nprompt = \"b\"\n",
    "[[keyframe]]\nhold = \"4s\"\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n",
    "[interpolate]\nloop = true\n[video]\nduration = \"4s\"\n"
    "[[keyframe]]\nprompt = \"a\"\n[[keyframe]]\nat = 4\nprompt = \"b\"\n",
};

class SchemaTest : public FolderTest {
 protected:
  // What the validator says of each file; empty where there is no validator.
  std::map<std::string, std::string> validate(const std::string& files) {
    write("schema.json", scene_schema());
    const std::string call = "/usr/bin/python3 " LATENTREEL_SOURCE_DIR
                             "/tests/scenes/validate.py '" +
                             (folder_ / "schema.json").string() + "' " + files + " 2>&1";
    std::FILE* stream = popen(call.c_str(), "r");
    std::string said;
    std::array<char, 4096> piece{};
    while (std::fgets(piece.data(), piece.size(), stream) != nullptr) said += piece.data();
    const int status = pclose(stream);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return {};
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << said;
    std::map<std::string, std::string> results;
    std::istringstream lines(said);
    for (std::string line; std::getline(lines, line);) {
      const auto space = line.find(' ');
      results[line.substr(0, space)] = line.substr(space + 1);
    }
    return results;
  }
};

TEST_F(SchemaTest, AllowsTheExamplesAndTheTemplate) {
  write("template.toml", scene_template("New"));
  write("lines.toml", "[[keyframe]]\nprompt = \"a\\r\\n\\tb\"\n");
  const auto results =
      validate(LATENTREEL_SOURCE_DIR "/examples/*.toml '" + (folder_ / "template.toml").string() +
               "' '" + (folder_ / "lines.toml").string() + "'");
  if (results.empty()) GTEST_SKIP() << "no validator (Debian: python3-jsonschema)";
  EXPECT_GE(results.size(), 5u);
  for (const auto& [file, said] : results) EXPECT_EQ(said, "ok") << file;
}

TEST_F(SchemaTest, RefusesWhatTheReaderRefuses) {
  std::map<std::string, std::string> lines_of;
  const auto add = [&](const std::string& lines, const std::string& text) {
    const auto name = std::to_string(lines_of.size()) + ".toml";
    lines_of[name] = lines;
    write(name, text);
  };
  for (const auto* cases : {&kKeysMistakes, &kVideoMistakes, &kMusicMistakes, &kCurveMistakes,
                            &kOptimizeMistakes, &kTomlMistakes}) {
    for (const auto& mistake : *cases) add(mistake.lines, with_keyframe(mistake.lines));
  }
  for (const auto& mistake : kWholeFiles) add(mistake.lines, mistake.lines);
  const auto results = validate("'" + folder_.string() + "'/*.toml");
  if (results.empty()) GTEST_SKIP() << "no validator (Debian: python3-jsonschema)";
  ASSERT_EQ(results.size(), lines_of.size());
  for (const auto& [file, said] : results) {
    EXPECT_EQ(said == "ok", kOnlyTheReaderTells.count(lines_of[file]) == 1)
        << lines_of[file] << "\n"
        << said;
  }
}

TEST_F(SchemaTest, ExplainsEveryOption) {
  const auto schema = scene_schema();
  EXPECT_THAT(schema, HasSubstr("\"title\": \"learning_rate\""));
  EXPECT_THAT(schema, HasSubstr("\"description\": \"How large the first steps are.\""));
  EXPECT_THAT(schema, HasSubstr("\"$schema\": \"http://json-schema.org/draft-07/schema#\""));
}

}  // namespace
}  // namespace latentreel::scenes
