#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "ffmpeg/film_check.h"
#include "tests/cli/run.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::AnyOf;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_file;
using testing::run;
using ::testing::StartsWith;

// Two keyframes in a second, small and quick.
constexpr const char* kProgramScene = R"(
title = "Small"
[video]
size = "64x64"
fps = 8
[optimize]
iterations = 3
cutouts = 4
cutter = "crops"
augment = []
start = "nearest"
[[keyframe]]
at = 0
prompt = "a red heart on a white background"
[[keyframe]]
at = 1
prompt = "a yellow star on a blue background"
)";

std::string scene_with(const std::string& from, const std::string& to) {
  return testing::replaced(kProgramScene, from, to);
}

// --- Help ----------------------------------------------------------------------------------------

TEST(Program, EveryCallHasHelpWithAnExample) {
  const Folder folder;
  for (const std::string call : {"new", "render", "frames", "plan", "analyze", "scene", "schema"}) {
    const auto help = run({call, "--help"}, folder.path());
    EXPECT_EQ(help.code, 0) << call;
    EXPECT_THAT(help.out, HasSubstr("latentreel " + call)) << call;
  }
  EXPECT_THAT(run({"--help"}, folder.path()).out, HasSubstr("latentreel render dawn.toml"));
  EXPECT_THAT(run({"--version"}, folder.path()).out, HasSubstr("latentreel "));
}

TEST(Program, NamesTheCommandThatIsMeant) {
  const Folder folder;
  EXPECT_THAT(run({"rendr", "scene.toml"}, folder.path()).error,
              HasSubstr("there is no command \"rendr\"; did you mean \"render\"?"));
  EXPECT_THAT(run({"xyzzy"}, folder.path()).error, HasSubstr("there is no command \"xyzzy\"\n"));
}

TEST(Program, WrongArgumentsAreUsageErrors) {
  const Folder folder;
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"rendr", "scene.toml"},
      {"render"},
      {"render", "s.toml", "--device", "tpu"},
      {"render", "s.toml", "--set", "iterations"},
      {"render", "s.toml", "--threads", "-1"},
      {"frames", "s.toml", "-o", "x", "--range", "1,5:2"},
      {"frames", "s.toml", "-o", "x", "--range", "5:5"},
      {"frames", "s.toml", "-o", "x", "--range", "48:0"},
      {"frames", "s.toml", "-o", "x", "--range", ":0"},
      {"frames", "s.toml", "-o", "x", "--range", "2s"},
      {"frames", "s.toml", "-o", "x", "--range", "2:4.5"},
      {"frames", "s.toml", "-o", "x", "--range", "1:2:3"},
      {"frames", "s.toml", "-o", "x", "--at", "12,5s"},
      {"frames", "s.toml", "-o", "x", "--at", "1s", "--range", "0:1"},
      {"frames", "s.toml", "-o", "x", "--snapshots", "0,10"},
      {"frames", "s.toml", "-o", "x", "--debug", "--snapshots", "0,-1"},
      {"frames", "s.toml", "-o", "x", "--debug", "--snapshots", "ten"},
      {"render", "s.toml", "--range", "5:5"},
      {"render", "s.toml", "--range", "0:5", "--report", "x"},
      {"render", "s.toml", "--preview", "--report", "x"},
      {"plan", "s.toml", "--range", "2s"},
      {"frames", "s.toml"}};
  for (const auto& arguments : wrong) {
    const auto result = run(arguments, folder.path());
    EXPECT_EQ(result.code, 64) << (arguments.empty() ? "(none)" : arguments.back());
    EXPECT_FALSE(result.error.empty());
  }
}

// --- From a new scene to a film ------------------------------------------------------------------

TEST(Program, NewScenePlansAndRenders) {
  const Folder folder;
  const testing::Surroundings own{.environment = {{"XDG_DATA_HOME", (folder / "data").string()}}};
  ASSERT_EQ(testing::run_in(own, {"new", "dawn.toml"}, folder.path()).code, 0);
  const auto again = testing::run_in(own, {"new", "dawn.toml"}, folder.path());
  EXPECT_EQ(again.code, 73);
  EXPECT_THAT(again.error, HasSubstr("dawn.toml"));
  const std::vector<std::string> small = {"--set", "video.size=64x64",     "--set", "video.fps=4",
                                          "--set", "optimize.iterations=2"};
  auto arguments = small;
  arguments.insert(arguments.begin(), {"render", "dawn.toml"});
  const auto render = run(arguments, folder.path());
  EXPECT_EQ(render.code, 0) << render.error;
  EXPECT_EQ(render.out, "dawn.mp4\n");
  EXPECT_GT(ffmpeg::inspect(folder / "dawn.mp4").decoded, 0);
}

TEST(Program, SaysThatAFolderOfModelsIsNotThere) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto plan = run({"plan", "scene.toml", "--models", "nothere"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.error, HasSubstr("there is no folder \"nothere\" (--models)"));
}

// A picture that keyframes cannot begin with is no surprise on some other machine.
TEST(Program, PlansReadThePicturesOfTheScene) {
  const Folder folder;
  folder.write("scene.toml",
               "[video]\nsize = \"64x64\"\nduration = \"1s\"\n[optimize]\niterations = 1\n"
               "[[keyframe]]\nat = \"0s\"\nprompts = [{ video = \"" LATENTREEL_SOURCE_DIR
               "/examples/meadow.mp4\", at = 900 }]\n");
  const auto plan = run({"plan", "scene.toml"}, folder.path());
  EXPECT_EQ(plan.code, 65);
  EXPECT_THAT(plan.error, HasSubstr("shows nothing at 900s"));
}

TEST(Program, NewScenesOfZoomsAndFootageRender) {
  const Folder folder;
  const testing::Surroundings own{.environment = {{"XDG_DATA_HOME", (folder / "data").string()}}};
  const std::string clip = LATENTREEL_SOURCE_DIR "/examples/meadow.mp4";
  ASSERT_EQ(testing::run_in(own, {"new", "dive.toml", "--zoom"}, folder.path()).code, 0);
  const auto made = testing::run_in(own, {"new", "dance.toml", "--footage", clip}, folder.path());
  ASSERT_EQ(made.code, 0) << made.error;
  for (const std::string scene : {"dive.toml", "dance.toml"}) {
    const auto render = run({"render", scene, "--set", "video.size=64x48", "--set", "video.fps=1",
                             "--set", "feedback.iterations=1", "--set", "video.output=64x48"},
                            folder.path());
    EXPECT_EQ(render.code, 0) << render.error;
  }
  EXPECT_EQ(ffmpeg::inspect(folder / "dive.mp4").decoded, 16);
  EXPECT_EQ(ffmpeg::inspect(folder / "dance.mp4").decoded, 6);
  folder.write("no.mp4", "this is no clip");
  const auto refused =
      testing::run_in(own, {"new", "no.toml", "--footage", "no.mp4"}, folder.path());
  EXPECT_EQ(refused.code, 65);
  EXPECT_FALSE(std::filesystem::exists(folder / "no.toml"));
}

TEST(Program, NewSceneNamesItsSchema) {
  const Folder folder;
  const auto data = folder / "my data";
  const auto made = testing::run_in({.environment = {{"XDG_DATA_HOME", data.string()}}},
                                    {"new", "dawn.toml"}, folder.path());
  ASSERT_EQ(made.code, 0) << made.error;
  EXPECT_THAT(read_file(folder / "dawn.toml"),
              StartsWith("#:schema file://" + (folder / "my%20data").string() +
                         "/latentreel/scene.schema.json\n"));
  const auto schema = run({"schema"}, folder.path());
  EXPECT_EQ(schema.code, 0);
  EXPECT_EQ(read_file(folder / "my data/latentreel/scene.schema.json"), schema.out);
  EXPECT_EQ(nlohmann::json::parse(schema.out)["title"], "latentreel scene");
}

TEST(Program, NewSceneNeedsNoSchema) {
  const Folder folder;
  folder.write("file", "in the way");
  const auto made =
      testing::run_in({.environment = {{"XDG_DATA_HOME", (folder / "file").string()}}},
                      {"new", "dawn.toml"}, folder.path());
  EXPECT_EQ(made.code, 0) << made.error;
  EXPECT_THAT(made.error, HasSubstr("without a schema"));
  EXPECT_THAT(read_file(folder / "dawn.toml"), StartsWith("# A scene"));
}

TEST(Program, RenderSaysWhatItMadeAndWhatToTry) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result = run({"render", "scene.toml", "-o", "film.mp4"}, folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.error,
              AllOf(HasSubstr("film.mp4: 9 frames"), HasSubstr("key:0       loss"),
                    HasSubstr("from nearest: \""), HasSubstr("optimizing"), HasSubstr("Next:")));
  EXPECT_EQ(folder.unfinished(), 0);
}

TEST(Program, FilmCarriesItsSceneUnlessToldNotTo) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  ASSERT_EQ(run({"render", "scene.toml", "-o", "a.mp4"}, folder.path()).code, 0);
  const auto scene = run({"scene", "a.mp4"}, folder.path());
  EXPECT_EQ(scene.code, 0);
  EXPECT_THAT(scene.out, AllOf(HasSubstr("a red heart on a white background"),
                               Not(HasSubstr(folder.path().string()))));
  folder.write("again.toml", scene.out);
  ASSERT_EQ(run({"render", "again.toml", "-o", "b.mp4"}, folder.path()).code, 0);
  EXPECT_EQ(read_file(folder / "a.mp4"), read_file(folder / "b.mp4"));

  ASSERT_EQ(run({"render", "scene.toml", "-o", "c.mp4", "--no-embed-scene"}, folder.path()).code,
            0);
  const auto none = run({"scene", "c.mp4"}, folder.path());
  EXPECT_EQ(none.code, 65);
  EXPECT_THAT(none.error, HasSubstr("--no-embed-scene"));
}

TEST(Program, PlanShowsTimelineTokensAndCost) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto plan = run({"plan", "scene.toml"}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(
      plan.out,
      AllOf(HasSubstr("9 frames"), HasSubstr("key:1     frame 8, 1 s"),
            HasSubstr("towards   \"a red heart on a white background\", 7 of 30 tokens: a red "
                      "heart on a white background"),
            HasSubstr("from      the picture \""), HasSubstr("time      about"),
            HasSubstr("memory    about"), HasSubstr("encoder   wrote and read back")));
  EXPECT_THAT(plan.out, Not(HasSubstr("unknown")));
  EXPECT_FALSE(fs::exists(folder / "scene.mp4"));
  EXPECT_EQ(folder.unfinished(), 0);
}

TEST(Program, PlanSaysWhatIsDoneAtSmallerSizesFirst) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const std::vector<std::string> coarse = {
      "plan",  "scene.toml",           "--set", "optimize.coarse=2",
      "--set", "optimize.restarts=3",  "--set", "optimize.coarse_iterations=7",
      "--set", "optimize.iterations=2"};
  const auto plan = run(coarse, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("before    the best of 3 times 7 iterations at 16x16, then "
                                        "7 at 32x32"),
                              HasSubstr("at most 60 iterations")));
}

TEST(Program, PlanNamesWordsThatTheBundledPairWasNeverTaught) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto plan = run(
      {"plan", "scene.toml", "--set", "keyframe.0.prompt=\"a photon in the sea\""}, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out, HasSubstr("unknown   \"photon\" is a word that tiny does not know"));
}

TEST(Program, FramesAreNumberedAndClamped) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result =
      run({"frames", "scene.toml", "-o", "stills", "--range", "7:20"}, folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("the film ends at frame 8"));
  EXPECT_TRUE(fs::exists(folder / "stills/frame-000007.png"));
  EXPECT_TRUE(fs::exists(folder / "stills/frame-000008.png"));
  EXPECT_FALSE(fs::exists(folder / "stills/frame-000009.png"));
  ASSERT_EQ(run({"frames", "scene.toml", "-o", "one", "--at", "0.5"}, folder.path()).code, 0);
  EXPECT_TRUE(fs::exists(folder / "one/frame-000004.png"));
  EXPECT_EQ(run({"frames", "scene.toml", "-o", "x", "--range", "50:60"}, folder.path()).code, 65);
}

TEST(Program, SomeFramesOfAFilmHaveANameOfTheirOwn) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result = run({"render", "scene.toml", "--range", "0.25s:0.5s"}, folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_EQ(result.out, "scene-0.25s-0.5s.mp4\n");
  EXPECT_EQ(ffmpeg::inspect(folder / "scene-0.25s-0.5s.mp4").decoded, 2);
  const auto named =
      run({"render", "scene.toml", "--range", "7:20", "-o", "end.mp4"}, folder.path());
  EXPECT_EQ(named.code, 0) << named.error;
  EXPECT_THAT(named.error, HasSubstr("the film ends at frame 8"));
  EXPECT_EQ(ffmpeg::inspect(folder / "end.mp4").decoded, 2);
  const auto plan = run({"plan", "scene.toml", "--range", "2:4"}, folder.path());
  EXPECT_THAT(plan.out, AllOf(HasSubstr("2 frames, 0.25 s at 8 fps"),
                              HasSubstr("frames 2 to 3 of 9, from 0.25 s to 0.5 s")));
  for (const char* command : {"render", "plan"}) {
    const auto outside = run({command, "scene.toml", "--range", "50:60"}, folder.path());
    EXPECT_EQ(outside.code, 65);
    EXPECT_THAT(outside.error, HasSubstr("the film has frames 0 to 8 (1.125 s)"));
  }
}

TEST(Program, APreviewSaysThatItIsOneAndCarriesTheWholeScene) {
  const Folder folder;
  folder.write("scene.toml", scene_with("64x64", "256x256"));
  const std::vector<std::string> more = {"--set", "optimize.iterations=30"};
  auto call = std::vector<std::string>{"render", "scene.toml", "--preview"};
  call.insert(call.end(), more.begin(), more.end());
  const auto result = run(call, folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_EQ(result.out, "scene-preview.mp4\n");
  EXPECT_THAT(result.error, HasSubstr("this is a preview: 64x64 instead of 256x256 pixels, 3 "
                                      "instead of 30 iterations a keyframe"));
  const auto film = ffmpeg::inspect(folder / "scene-preview.mp4");
  EXPECT_EQ(film.decoded, 9);
  EXPECT_EQ(film.width, 64);
  EXPECT_THAT(run({"scene", "scene-preview.mp4"}, folder.path()).out,
              AllOf(HasSubstr("\"256x256\""), HasSubstr("iterations = 30")));
  call.insert(call.end(), {"--range", "2:6"});
  EXPECT_EQ(run(call, folder.path()).out, "scene-preview-0.25s-0.75s.mp4\n");
  call[0] = "plan";
  const auto plan = run(call, folder.path());
  EXPECT_EQ(plan.code, 0) << plan.error;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("Small (preview)"), HasSubstr("64x64 h264"),
                              HasSubstr("3 iterations of 4 cutouts")));
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

TEST(Program, FramesOfTimesAndBars) {
  const Folder folder;
  folder.write("scene.toml", scene_with("[video]", "[music]\nbpm = 240\n[video]"));
  const auto frames = [&](const std::string& option, const std::string& value) {
    const auto result = run(
        {"frames", "scene.toml", "-o", value, "--progress", "plain", option, value}, folder.path());
    EXPECT_EQ(result.code, 0) << value << "\n" << result.error;
    std::set<int> numbers;
    for (const auto& name : names_in(folder / value)) numbers.insert(std::stoi(name.substr(6, 6)));
    return numbers;
  };
  using Frames = std::set<int>;
  EXPECT_EQ(frames("--range", "0.25s:0.5s"), (Frames{2, 3}));  // at 8 frames a second
  EXPECT_EQ(frames("--range", "0.25:0.5"), (Frames{2, 3}));
  EXPECT_EQ(frames("--range", "frame 6:"), (Frames{6, 7, 8}));
  EXPECT_EQ(frames("--range", "7:1.0s"), (Frames{7}));
  EXPECT_EQ(frames("--range", "00:00.5:00:00.625"), (Frames{4}));
  EXPECT_EQ(frames("--range", "beat 2:beat 3"), (Frames{2, 3}));  // a beat is two frames
  EXPECT_EQ(frames("--range", "bar 1:bar 1 beat 2"), (Frames{0, 1}));
  EXPECT_EQ(frames("--at", "bar 2"), (Frames{8}));

  const auto code_of = [&](const std::string& range) {
    return run({"frames", "scene.toml", "-o", "x", "--range", range}, folder.path()).code;
  };
  EXPECT_EQ(code_of("0.5s:0.25s"), 64);
  EXPECT_EQ(code_of("bar 2:bar 2"), 64);
  EXPECT_EQ(code_of("0.5s:0.51s"), 64);  // between two frames
  EXPECT_EQ(code_of("bar 3:bar 5"), 65);
  EXPECT_EQ(code_of("9:"), 65);
  folder.write("scene.toml", kProgramScene);
  EXPECT_EQ(code_of("bar 1:bar 2"), 65);  // a scene without a tempo
  EXPECT_FALSE(fs::exists(folder / "x"));
}

TEST(Program, FramesWithDebugLeaveWhatAKeyframeWasMadeOf) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result =
      run({"frames", "scene.toml", "-o", "out", "--at", "1s", "--debug", "--snapshots", "0,1"},
          folder.path());
  ASSERT_EQ(result.code, 0) << result.error;
  EXPECT_EQ(names_in(folder / "out"), (std::set<std::string>{"debug", "frame-000008.png"}));
  EXPECT_EQ(names_in(folder / "out/debug"), (std::set<std::string>{"key-001"}));
  const auto names = names_in(folder / "out/debug/key-001");
  for (const auto* name :
       {"prompts.json", "losses.csv", "0001.png", "latent-0001.safetensors",
        "cutouts-0001.safetensors", "cutouts-0001.png", "gradient-0001.safetensors", "0000.png"}) {
    EXPECT_TRUE(names.count(name)) << name;
  }
  EXPECT_EQ(folder.unfinished(), 0);

  const auto beyond =
      run({"frames", "scene.toml", "-o", "out", "--debug", "--snapshots", "3"}, folder.path());
  EXPECT_EQ(beyond.code, 65);
  EXPECT_THAT(beyond.error, HasSubstr("its last is iteration 2"));
  folder.write("file", "in the way");
  const auto unwritable =
      run({"frames", "scene.toml", "-o", "file", "--debug", "--progress", "json", "--store", "new"},
          folder.path());
  EXPECT_EQ(unwritable.code, 73);
  EXPECT_THAT(unwritable.error, Not(HasSubstr("\"iteration\"")));
}

TEST(Program, CtrlCWhileDebugRunsAnIterationAgain) {
  const Folder folder;
  folder.write("scene.toml", scene_with("iterations = 3", "iterations = 40"));
  ASSERT_EQ(run({"frames", "scene.toml", "-o", "a", "--at", "0s"}, folder.path()).code, 0);
  const auto stopped = run({"frames", "scene.toml", "-o", "b", "--at", "0s", "--debug",
                            "--snapshots", "38", "--progress", "json"},
                           folder.path(), "\"iteration\":2,");
  EXPECT_EQ(stopped.code, 130) << stopped.error;
  EXPECT_EQ(folder.unfinished(), 0);
}

TEST(Program, ProgressJsonIsAnObjectALine) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result = run({"render", "scene.toml", "--progress", "json"}, folder.path());
  ASSERT_EQ(result.code, 0) << result.error;
  std::istringstream lines(result.error);
  int iterations = 0, frames = 0;
  std::vector<std::string> tasks;
  nlohmann::json last;
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line);
    if (event["event"] == "iteration") {
      ++iterations;
      EXPECT_TRUE(event.contains("key") && event.contains("loss") && event.contains("seconds"));
    }
    if (event["event"] == "frame") ++frames;
    last = event;
    if (event["event"] == "task") {
      tasks.push_back(event["name"].get<std::string>() + " " + event["state"].get<std::string>());
    }
  }
  EXPECT_EQ(iterations, 6);
  EXPECT_EQ(frames, 9);
  EXPECT_THAT(tasks.front(), AnyOf("key:0 started", "key:1 started"));  // side by side
  EXPECT_EQ(tasks.back(), "film finished");
  EXPECT_EQ(last["event"], "done");
  EXPECT_EQ(last["frames"], 9);
}

TEST(Program, AFullStandardOutputIsAFailedWrite) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  ASSERT_EQ(run({"render", "scene.toml", "-o", "a.mp4"}, folder.path()).code, 0);
  const std::string call = "cd '" + folder.path().string() +
                           "' && '" LATENTREEL_BUILD_DIR
                           "/src/cli/latentreel' scene a.mp4 > /dev/full 2> error.txt";
  EXPECT_EQ(WEXITSTATUS(std::system(call.c_str())), 74);
  EXPECT_THAT(read_file(folder / "error.txt"), HasSubstr("standard output"));
}

TEST(Program, AMistakeInALateKeyframeIsFoundBeforeAnyWork) {
  const Folder folder;
  std::string longest = "a yellow star";
  for (int i = 0; i < 40; ++i) longest += " red";
  folder.write("scene.toml", scene_with("a yellow star", longest));
  const auto result = run({"render", "scene.toml", "--progress", "json"}, folder.path());
  EXPECT_EQ(result.code, 65);
  EXPECT_THAT(result.error, Not(HasSubstr("\"iteration\"")));
}

TEST(Program, AStoreThatCannotBeWrittenIsSaidAndTheFilmMade) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result =
      run({"render", "scene.toml", "-o", "a.mp4", "--store", "/proc/nope"}, folder.path());
  EXPECT_EQ(result.code, 0) << result.error;
  EXPECT_THAT(result.error, HasSubstr("Continuing without it: nothing of this run will be kept"));
  EXPECT_TRUE(fs::exists(folder / "a.mp4"));
}

TEST(Program, CtrlCKeepsWhatWasDoneAndTheSameCallGoesOn) {
  const Folder folder;
  folder.write("scene.toml", scene_with("iterations = 3", "iterations = 40"));
  const std::vector<std::string> call = {"render",   "scene.toml", "-o",
                                         "film.mp4", "--progress", "json"};
  // Keyframes are made side by side: the first has to have got that far, not any.
  const auto stopped = run(call, folder.path(), "\"iteration\":4,\"key\":0");
  EXPECT_EQ(stopped.code, 130) << stopped.error;
  EXPECT_THAT(stopped.error,
              HasSubstr("run the same command again (without --force) to continue from there"));
  EXPECT_FALSE(fs::exists(folder / "film.mp4"));
  EXPECT_EQ(folder.unfinished(), 0);
  const auto rest = run(call, folder.path());
  EXPECT_EQ(rest.code, 0) << rest.error;
  EXPECT_THAT(rest.error, Not(HasSubstr("\"iteration\":4,\"key\":0")));
  EXPECT_THAT(rest.error, HasSubstr("\"iteration\":39,\"key\":0"));

  // The same bits as a run that was never stopped.
  const auto whole =
      run({"render", "scene.toml", "-o", "whole.mp4", "--store", "other"}, folder.path());
  EXPECT_EQ(whole.code, 0) << whole.error;
  EXPECT_EQ(read_file(folder / "film.mp4"), read_file(folder / "whole.mp4"));
}

// --- Bad input -----------------------------------------------------------------------------------

struct BadCase {
  const char* name;
  std::vector<std::string> arguments;
  int code;
  const char* says;
};

TEST(BadInput, HasAClearErrorAndTheRightExitCode) {
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  folder.write("fps.toml", scene_with("fps = 8", "fps = 0"));
  folder.write("unknown.toml", scene_with("iterations = 3", "iteratons = 3"));
  folder.write("codec.toml", scene_with("fps = 8", "fps = 8\ncodec = \"divx\""));
  folder.write("tiny.toml", scene_with("64x64", "4x4"));
  folder.write("utf8.toml", scene_with("a red heart", "a \xff heart"));
  folder.write("nomodel.toml", scene_with("[video]", "[models]\nvqgan = \"vanished\"\n[video]"));
  folder.write("song.toml", scene_with("[video]", "[music]\nfile = \"gone.flac\"\n[video]"));
  folder.write("noise.flac", "this is no song");
  folder.write("nosong.toml", scene_with("[video]", "[music]\nfile = \"noise.flac\"\n[video]"));
  folder.write("noise.png", "this is no picture");
  folder.write("nopicture.toml", scene_with("start = \"nearest\"", "start = \"noise.png\""));
  folder.write("damaged.safetensors", "not weights");
  folder.write("damaged.toml",
               scene_with("[video]", "[models]\nvqgan = \"./damaged.safetensors\"\n[video]"));
  std::string longest = "a";
  for (int i = 0; i < 40; ++i) longest += " red";
  folder.write("long.toml", scene_with("a red heart", longest));

  const std::vector<BadCase> cases = {
      {"missing scene", {"render", "none.toml"}, 66, "none.toml"},
      {"fps 0", {"render", "fps.toml"}, 65, "fps.toml:5:7"},
      {"unknown key", {"render", "unknown.toml"}, 65, "did you mean \"iterations\"?"},
      {"unknown codec", {"render", "codec.toml"}, 65, "h264"},
      {"too small", {"render", "tiny.toml"}, 65, "out of range"},
      {"wrong UTF-8", {"render", "utf8.toml"}, 65, "UTF-8"},
      {"unknown model", {"render", "nomodel.toml"}, 66, "Known here: tiny"},
      {"missing song", {"render", "song.toml"}, 66, "gone.flac"},
      {"unreadable song", {"render", "nosong.toml"}, 65, "noise.flac"},
      {"unreadable picture", {"render", "nopicture.toml"}, 65, "noise.png"},
      {"damaged model", {"render", "damaged.toml"}, 65, "damaged.safetensors"},
      {"prompt too long", {"render", "long.toml"}, 65, "tokens"},
      {"codec and name", {"render", "scene.toml", "-o", "film.mkv"}, 64, ".mp4"},
      {"no folder can be made", {"render", "scene.toml", "-o", "noise.png/film.mp4"}, 73, "noise"},
      {"standard output", {"render", "scene.toml", "-o", "-"}, 64, "name a file or a folder"},
      {"no seed", {"render", "scene.toml", "--seed", "-2"}, 64, "-1 to draw one"},
      {"unknown override", {"render", "scene.toml", "--set", "video.fsp=3"}, 65, "fps"},
  };
  for (const auto& c : cases) {
    const auto result = run(c.arguments, folder.path());
    EXPECT_EQ(result.code, c.code) << c.name << "\n" << result.error;
    EXPECT_THAT(result.error, HasSubstr(c.says)) << c.name;
  }
  EXPECT_EQ(folder.unfinished(), 0);
  EXPECT_FALSE(fs::exists(folder / "film.mkv"));
}

TEST(BadInput, CudaThatIsNotThereIsSaid) {
  if (fs::exists("/proc/driver/nvidia/version")) GTEST_SKIP() << "this machine has an NVIDIA GPU";
  const Folder folder;
  folder.write("scene.toml", kProgramScene);
  const auto result = run({"render", "scene.toml", "--device", "cuda"}, folder.path());
  EXPECT_EQ(result.code, 69);
  EXPECT_THAT(result.error, HasSubstr("--device cpu"));
}

}  // namespace
}  // namespace latentreel::cli
