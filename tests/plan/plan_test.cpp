#include "src/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "scenes/preview.h"
#include "src/plan/plan_file.h"
#include "src/run/error.h"
#include "tests/optimize/tiny_pair.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::job_for;
using testing::small_scene;

// Three keyframes, 65 frames, five segments of 16 at 8 fps.
std::string long_scene() {
  auto scene = small_scene();
  scene.append("[[keyframe]]\nat = 8\nprompt = \"a green tree\"\n");
  return scene;
}

RenderPlan plan_of(const std::vector<scenes::Override>& overrides = {}) {
  const auto job = job_for(long_scene(), overrides);
  ModelPack models(job.models, job.machine);
  return make_plan(job, models);
}

// Names of the tasks whose output differs.
std::set<std::string> changed(const RenderPlan& a, const RenderPlan& b) {
  std::set<std::string> outputs, names;
  for (const auto* task : a.tasks()) outputs.insert(task->output);
  for (const auto* task : b.tasks()) {
    if (outputs.count(task->output) == 0) names.insert(task->name());
  }
  return names;
}

std::vector<std::string> needs_of(const Task& task) {
  std::vector<std::string> names;
  for (const auto& need : task.needs) names.push_back(need.name());
  return names;
}

TEST(Plan, HasEveryTaskAfterWhatItNeeds) {
  const auto plan = plan_of({{"keyframe.1.start", "previous"}});
  std::set<std::string> done;
  std::vector<std::string> names;
  for (const auto* task : plan.tasks()) {
    for (const auto& need : task->needs) {
      EXPECT_TRUE(done.count(need.name())) << task->name() << need.name();
    }
    done.insert(task->name());
    names.push_back(task->name());
    EXPECT_EQ(task->output.size(), 64u);
  }
  EXPECT_THAT(names, ElementsAre("key:0", "key:1", "key:2", "pace:0", "pace:1", "seg:0", "seg:1",
                                 "seg:2", "seg:3", "seg:4", "film"));
  EXPECT_THAT(needs_of(plan.keys[1]), ElementsAre("key:0"));
  EXPECT_THAT(needs_of(plan.keys[2]), ElementsAre());
  EXPECT_THAT(needs_of(plan.segments[0]),
              ElementsAre("key:0", "key:1", "key:2", "pace:0", "pace:1"));
  EXPECT_THAT(needs_of(plan.segments[3]), ElementsAre("key:1", "key:2", "pace:1"));
  EXPECT_EQ(plan.ranges.back(), (scenes::FrameRange{64, 65}));
}

TEST(Plan, IsTheSameEachTime) {
  EXPECT_TRUE(changed(plan_of(), plan_of()).empty());
}

TEST(Plan, ChangesWhereTheSceneDoesAndNowhereElse) {
  const auto base = plan_of();
  const auto after = [&](const std::string& key, const std::string& value) {
    return changed(base, plan_of({{key, value}}));
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(after("title", "Another"), (Names{"film"}));
  EXPECT_EQ(after("keyframe.2.prompt", "a blue car"),
            (Names{"key:2", "pace:1", "seg:0", "seg:1", "seg:2", "seg:3", "seg:4", "film"}));
  EXPECT_EQ(after("keyframe.0.prompt", "a blue car"), (Names{"key:0", "pace:0", "seg:0", "film"}));
  // The last frame, a segment of its own, stands: no easing bends it.
  EXPECT_EQ(after("interpolate.easing", "linear"),
            (Names{"seg:0", "seg:1", "seg:2", "seg:3", "film"}));
  EXPECT_EQ(after("video.codec", "ffv1"),
            (Names{"seg:0", "seg:1", "seg:2", "seg:3", "seg:4", "film"}));
  EXPECT_EQ(after("video.fps", "10").count("key:0") + after("video.fps", "10").count("pace:0"), 0u);
  EXPECT_EQ(after("interpolate.path", "linear").count("key:0"), 0u);
  EXPECT_EQ(after("interpolate.path", "linear").count("pace:0"), 1u);
}

// Also where the film does not carry the scene's text.
TEST(Plan, AnotherSoundOfTheSongIsAnotherFilm) {
  const auto with_song = [](const std::string& key, const std::string& value) {
    auto job =
        job_for(long_scene(), {{"video.duration", "8.125"},
                               {"music.file", LATENTREEL_SOURCE_DIR "/examples/metronome.m4a"},
                               {key, value}});
    job.embed_scene = false;
    ModelPack models(job.models, job.machine);
    return make_plan(job, models);
  };
  const auto base = with_song("music.codec", "auto");
  EXPECT_TRUE(changed(base, with_song("music.gain", "0")).empty());
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"music.from", "1"},
                                                        {"music.to", "2"},
                                                        {"music.codec", "aac"},
                                                        {"music.channels", "stereo"},
                                                        {"music.gain", "-3.5"},
                                                        {"music.gain", "auto"}}) {
    EXPECT_EQ(changed(base, with_song(key, value)), (std::set<std::string>{"film"})) << key;
  }
}

// Also where the film does not carry the scene's text.
TEST(Plan, OtherTracksAreAnotherFilm) {
  const TemporaryFolder folder;
  const auto with_tracks = [&](const std::string& sections, const std::string& lyrics,
                               const std::vector<scenes::Override>& overrides = {}) {
    const auto places = folder.write("sections.txt", sections);
    const auto lines = folder.write("song.lrc", lyrics);
    auto all = overrides;
    all.push_back({"music.sections", places.string()});
    all.push_back({"music.lyrics", lines.string()});
    auto job = job_for(long_scene(), all);
    job.embed_scene = false;
    ModelPack models(job.models, job.machine);
    return make_plan(job, models);
  };
  using Names = std::set<std::string>;
  const auto base = with_tracks("0\t4\tverse\n", "[00:01]words\n");
  EXPECT_TRUE(changed(base, with_tracks("0\t4\tverse\n", "[00:01]words\n")).empty());
  EXPECT_EQ(changed(base, with_tracks("0\t4\tchorus\n", "[00:01]words\n")), (Names{"film"}));
  EXPECT_EQ(changed(base, with_tracks("1\t4\tverse\n", "[00:01]words\n")), (Names{"film"}));
  EXPECT_EQ(changed(base, with_tracks("0\t4\tverse\n", "[00:02]words\n")), (Names{"film"}));
  EXPECT_EQ(changed(base, with_tracks("0\t4\tverse\n", "[00:01]word\n")), (Names{"film"}));
  EXPECT_EQ(changed(base, with_tracks("0\t4\tverse\n", "[la:en]\n[00:01]words\n")),
            (Names{"film"}));
  for (const scenes::Override& change :
       {scenes::Override{"music.chapters", "false"}, scenes::Override{"music.subtitles", "false"},
        scenes::Override{"artist", "A band"}}) {
    EXPECT_EQ(changed(base, with_tracks("0\t4\tverse\n", "[00:01]words\n", {change})),
              (Names{"film"}))
        << change.key;
  }
}

// Frames that stand are those of their keyframe, wherever the others go and on whatever path.
TEST(Plan, ASegmentThatStandsNeedsItsKeyframeAlone) {
  const std::vector<scenes::Override> standing = {{"keyframe.1.hold", "5"},
                                                  {"interpolate.path", "spline"}};
  const auto plan = plan_of(standing);
  EXPECT_THAT(needs_of(plan.segments[1]), ElementsAre("key:1"));
  for (const auto& [key, value] :
       {std::pair("keyframe.2.prompt", "a dog"), std::pair("interpolate.path", "linear"),
        std::pair("interpolate.easing", "linear"), std::pair("interpolate.pacing", "clock")}) {
    auto overrides = standing;
    overrides.push_back({key, value});
    EXPECT_EQ(plan_of(overrides).segments[1].output, plan.segments[1].output) << key;
    EXPECT_NE(plan_of(overrides).segments[3].output, plan.segments[3].output) << key;
  }
}

TEST(Plan, OfACameraMakesOnlySegmentsAnewThatItMovesIn) {
  const auto still = plan_of();
  EXPECT_EQ(changed(still, plan_of({{"motion.zoom", "1 + 0 * t"}, {"motion.edge", "wrap"}})),
            (std::set<std::string>{"film"}))
      << "the film carries the scene";
  // It stands until frame 40, in the third segment of 16 frames.
  EXPECT_EQ(changed(still, plan_of({{"motion.zoom", "t < 5 ? 1 : 2"}})),
            (std::set<std::string>{"seg:2", "seg:3", "seg:4", "film"}));
}

TEST(Plan, OfASplineLooksAtTheNeighbours) {
  const auto plan = plan_of({{"interpolate.path", "spline"}});
  EXPECT_THAT(needs_of(plan.paces[1]), ElementsAre("key:0", "key:1", "key:2"));
}

RenderPlan plan_of_range(scenes::FrameRange range,
                         const std::vector<scenes::Override>& overrides = {}) {
  auto job = job_for(long_scene(), overrides);
  job.range = range;
  ModelPack models(job.models, job.machine);
  return make_plan(job, models);
}

std::vector<std::string> names_of(const RenderPlan& plan) {
  std::vector<std::string> names;
  for (const auto* task : plan.tasks()) names.push_back(task->name());
  return names;
}

TEST(Plan, OfARangeHasTheWholeFilmsSegmentsAndKeyframesThatItNeeds) {
  const auto whole = plan_of(), part = plan_of_range({20, 48});
  EXPECT_THAT(part.ranges, ElementsAre(scenes::FrameRange{20, 32}, scenes::FrameRange{32, 48}));
  EXPECT_EQ(part.frames, (scenes::FrameRange{20, 48}));
  EXPECT_NE(part.segments[0].output, whole.segments[1].output) << "it is a part of that one";
  EXPECT_EQ(part.segments[1].output, whole.segments[2].output);
  EXPECT_NE(part.film.output, whole.film.output);
  EXPECT_THAT(names_of(part), ElementsAre("key:1", "key:2", "pace:1", "seg:0", "seg:1", "film"));
  for (size_t i = 0; i < whole.keys.size(); ++i) {
    EXPECT_EQ(part.keys[i].output, whole.keys[i].output);
  }
  EXPECT_TRUE(changed(whole, plan_of_range({0, 65})).empty());
  EXPECT_THAT(names_of(plan_of_range({64, 65})), ElementsAre("key:2", "seg:0", "film"));
}

TEST(Plan, OfARangeNeedsWhatItsKeyframesStartFrom) {
  EXPECT_THAT(names_of(plan_of_range(
                  {20, 32}, {{"keyframe.1.start", "previous"}, {"keyframe.2.start", "previous"}})),
              ElementsAre("key:0", "key:1", "key:2", "pace:1", "seg:0", "film"));
}

TEST(Plan, OfARangeThatTheFilmDoesNotHaveSaysWhatItHas) {
  for (const scenes::FrameRange range :
       {scenes::FrameRange{0, 66}, {65, 70}, {-1, 3}, {7, 7}, {9, 8}}) {
    try {
      plan_of_range(range);
      ADD_FAILURE() << range.first << " to " << range.end;
    } catch (const RenderError& error) {
      EXPECT_EQ(error.kind(), RenderError::Kind::scene);
      EXPECT_THAT(error.what(), HasSubstr("the film has frames 0 to 64 (8.125 s)"));
    }
  }
}

TEST(Plan, TheSongOfARangeBeginsWithItsFirstFrame) {
  auto job = job_for(long_scene(), {{"video.duration", "8.125"},
                                    {"music.file", LATENTREEL_SOURCE_DIR "/examples/metronome.m4a"},
                                    {"music.from", "1"}});
  EXPECT_EQ(video_settings(job).song->skip, (ffmpeg::Ratio{0, 1}));
  job.range = scenes::FrameRange{20, 48};
  EXPECT_EQ(video_settings(job).song->skip, (ffmpeg::Ratio{5, 2}));
  EXPECT_EQ(video_settings(job).song->from, (ffmpeg::Ratio{1, 1}));
  // Where nothing of it is left, the film is silent.
  job.song = ffmpeg::SongInfo{.codec = "aac", .sample_rate = 48000, .samples = 48000 * 4};
  EXPECT_TRUE(video_settings(job).song.has_value());
  job.range->first = 24;
  EXPECT_FALSE(video_settings(job).song.has_value());
  job.range->first = 16;
  job.scene.music.to = scenes::RationalTime(3, 1);
  EXPECT_FALSE(video_settings(job).song.has_value());
}

// What is written on frames is in their segments' names, and in nothing else's.
TEST(Plan, CaptionsMakeOtherSegments) {
  auto job = job_for(long_scene());
  ModelPack models(job.models, job.machine);
  const auto plain = make_plan(job, models);
  job.scene.captions = true;
  EXPECT_EQ(changed(plain, make_plan(job, models)),
            (std::set<std::string>{"seg:0", "seg:1", "seg:2", "seg:3", "seg:4", "film"}));
}

class PlanFile : public ::testing::Test {
 protected:
  PlanFile() {
    request_.scene = "/scenes/a.toml";
    request_.set = {"optimize.seed=4"};
    request_.film = "/films/a.mp4";
    request_.threads = 2;
    const auto job = job_for(long_scene());
    ModelPack models(job.models, job.machine);
    text_ = plan_text(request_, job, make_plan(job, models), models);
  }
  void write(const std::string& text) const { std::ofstream(file_, std::ios::binary) << text; }
  std::string refusal(RenderError::Kind kind) const {
    try {
      read_request(file_);
      expect_same_plan(file_, text_);
    } catch (const RenderError& error) {
      EXPECT_EQ(error.kind(), kind);
      return error.what();
    }
    return "accepted";
  }
  std::string with(const std::string& from, const std::string& to) const {
    auto text = text_;
    text.replace(text.find(from), from.size(), to);
    return text;
  }

  TemporaryFolder temporary_;
  const std::filesystem::path file_ = temporary_ / "plan.json";
  PlanRequest request_;
  std::string text_;
};

TEST_F(PlanFile, ComesBackAsItWasWritten) {
  write(text_);
  const auto back = read_request(file_);
  EXPECT_EQ(back.scene, request_.scene);
  EXPECT_EQ(back.set, request_.set);
  EXPECT_EQ(back.film, request_.film);
  EXPECT_EQ(back.threads, 2);
  EXPECT_FALSE(back.preview);
  EXPECT_EQ(back.range, "");
  EXPECT_NO_THROW(expect_same_plan(file_, text_));
}

TEST_F(PlanFile, SaysThatItIsOfAPreviewAndOfWhichFrames) {
  request_.preview = true;
  request_.range = "16:32";
  auto job = job_for(long_scene());
  job.scene = scenes::preview_of(job.scene);
  job.range = scenes::FrameRange{16, 32};
  ModelPack models(job.models, job.machine);
  write(plan_text(request_, job, make_plan(job, models), models));
  EXPECT_TRUE(read_request(file_).preview);
  EXPECT_EQ(read_request(file_).range, "16:32");
  std::ifstream in(file_);
  const auto text = nlohmann::json::parse(in);
  EXPECT_EQ(text["frames"], 16);
  EXPECT_EQ(text["tasks"].size(), 5u);  // two keyframes, a pace, a segment, the film
}

TEST_F(PlanFile, IsRefusedWhenAnythingWasChanged) {
  using Kind = RenderError::Kind;
  EXPECT_THAT(refusal(Kind::missing), HasSubstr("reading the plan"));
  write("");
  EXPECT_THAT(refusal(Kind::scene), HasSubstr("it is not a plan of latentreel"));
  write("{\"format\": \"latentreel plan 0\"}");
  EXPECT_THAT(refusal(Kind::scene), HasSubstr("by another version"));
  write("{\"format\": \"latentreel plan 1\", \"scene\": 3}");
  EXPECT_THAT(refusal(Kind::scene), HasSubstr("something is missing in it"));
  write(with("\"output\": \"", "\"output\": \"0"));
  EXPECT_THAT(refusal(Kind::scene), HasSubstr("the scene, or the plan itself, was changed"));
  write(with("\"seg:4\"", "\"seg:9\""));
  EXPECT_THAT(refusal(Kind::scene), HasSubstr("the scene, or the plan itself, was changed"));
  write(with("\"sha256\": \"", "\"sha256\": \"0"));
  EXPECT_THAT(refusal(Kind::scene), HasSubstr("the song or what belongs to it was changed"));
  write(with("\"kind\": \"cpu", "\"kind\": \"gpu"));
  EXPECT_THAT(refusal(Kind::device), HasSubstr("another kind of machine (gpu"));
}

// They differ each time, so they count for nothing; what is not known is left out.
TEST_F(PlanFile, TellsCostsThatMakeItNoOtherPlan) {
  const auto job = job_for(long_scene());
  ModelPack models(job.models, job.machine);
  const PlanCosts costs{.start_seconds = 2.5, .tasks = {{"seg:4", {1.25, 3e9}}}};
  const auto with_costs = plan_text(request_, job, make_plan(job, models), models, &costs);
  const auto text = nlohmann::json::parse(with_costs);
  EXPECT_EQ(text["cost"]["start_seconds"], 2.5);
  int known = 0;
  for (const auto& task : text["tasks"]) {
    if (!task.contains("cost")) continue;
    ++known;
    EXPECT_EQ(task["name"], "seg:4");
    EXPECT_EQ(task["cost"]["seconds"], 1.25);
    EXPECT_EQ(task["cost"]["bytes"], 3000000000);
  }
  EXPECT_EQ(known, 1);
  write(with_costs);
  EXPECT_EQ(refusal(RenderError::Kind::scene), "accepted");
  write(text_);
  EXPECT_NO_THROW(expect_same_plan(file_, with_costs));
  write(R"({"format": "latentreel plan 1", "tasks": [1], "cost": 2})");
  EXPECT_THAT(refusal(RenderError::Kind::scene), HasSubstr("something is missing in it"));
}

// Names tell of the machine that the plan was made on, wherever it is read; segments, which may
// come from anywhere, are never taken for those of one kind of machine.
TEST_F(PlanFile, ThatIsMixedIsTheSameOnAnotherKindOfMachine) {
  auto job = job_for(long_scene());
  ModelPack models(job.models, job.machine);
  const auto plain = make_plan(job, models);
  job.mixed = request_.mixed = true;
  const auto mixed = make_plan(job, models);
  EXPECT_EQ(changed(plain, mixed),
            (std::set<std::string>{"seg:0", "seg:1", "seg:2", "seg:3", "seg:4", "film"}));
  write(plan_text(request_, job, mixed, models));
  const auto read = read_request(file_);
  EXPECT_TRUE(read.mixed);
  EXPECT_FALSE(planned_on(read, job.machine));
  auto other = job;
  other.machine.kind = "another";
  other.machine.frame_group = job.machine.frame_group + 1;
  other.machine.tuning.bfloat16 = !job.machine.tuning.bfloat16;
  other.planned_on = planned_on(read, other.machine);
  const auto there = make_plan(other, models);
  EXPECT_NO_THROW(expect_same_plan(file_, plan_text(request_, other, there, models)));
  EXPECT_THROW(expect_made_here(other, there.keys[0]), RenderError);
  EXPECT_THROW(expect_made_here(other, there.paces[0]), RenderError);
  EXPECT_NO_THROW(expect_made_here(other, there.segments[0]));
  EXPECT_NO_THROW(expect_made_here(other, there.film));
  EXPECT_NO_THROW(expect_made_here(job, there.keys[0]));
  other.planned_on.reset();
  EXPECT_THROW(
      expect_same_plan(file_, plan_text(request_, other, make_plan(other, models), models)),
      RenderError);
}

TEST_F(PlanFile, CutAnywhereIsRefused) {
  for (size_t length = 0; length + 2 < text_.size(); length += 37) {
    write(text_.substr(0, length));
    EXPECT_NE(refusal(RenderError::Kind::scene), "accepted") << length;
  }
}

}  // namespace
}  // namespace latentreel::render
