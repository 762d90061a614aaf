// The program latentreel-train, run as a person would.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "src/train/world/captions.h"
#include "tests/temporary_folder.h"

namespace latentreel::train {
namespace {

namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string said;  // standard output and standard error
};

class TrainProgram : public testing::Test {
 protected:
  Result run(const std::string& arguments) const {
    const std::string call = "cd '" + folder_.string() + "' && '" LATENTREEL_TRAIN "' ";
    std::FILE* stream = popen((call + arguments + " 2>&1").c_str(), "r");
    Result result;
    std::array<char, 512> piece{};
    while (std::fgets(piece.data(), piece.size(), stream) != nullptr) result.said += piece.data();
    const int status = pclose(stream);
    if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
    return result;
  }

  void expect_done(const std::string& arguments) const {
    const Result result = run(arguments);
    EXPECT_EQ(result.code, 0) << arguments << "\n" << result.said;
  }

  std::string contents(const std::string& name) const { return temporary_.read(name); }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

std::ptrdiff_t lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

// The numbers of a column of comma-separated values, empty cells left out.
std::vector<double> column(const std::string& text, const std::string& name) {
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return cells;
  };
  std::istringstream stream(text);
  std::string line;
  std::getline(stream, line);
  const auto names = cells_of(line);
  const auto place =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  std::vector<double> numbers;
  while (std::getline(stream, line)) {
    const auto cells = cells_of(line);
    if (place < cells.size() && !cells[place].empty()) numbers.push_back(std::stod(cells[place]));
  }
  return numbers;
}

// That the loss of this curve fell by a twentieth.
void expect_fallen(const std::string& curve) {
  const auto losses = column(curve, "loss");
  ASSERT_GE(losses.size(), 2U) << curve;
  EXPECT_LT(*std::min_element(losses.begin(), losses.end()), 0.95 * losses.front()) << curve;
}

TEST_F(TrainProgram, DrawsThingsGroundsAndPicturesOnOneSheet) {
  const Result result = run("world --sheet sheet.png --size 16 --count 30");
  EXPECT_EQ(result.code, 0) << result.said;
  EXPECT_EQ(result.said, "sheet.png\n");
  EXPECT_EQ(contents("sheet.png").substr(1, 3), "PNG");
  EXPECT_EQ(lines(contents("sheet.txt")), world::kThings + world::kGrounds + 30);
}

TEST_F(TrainProgram, DrawsWhatIsAskedFor) {
  EXPECT_EQ(run("world --sheet things.png --things --size 16").code, 0);
  EXPECT_EQ(lines(contents("things.txt")), world::kThings);
  EXPECT_EQ(run("world --sheet grounds.png --grounds --size 16").code, 0);
  EXPECT_EQ(lines(contents("grounds.txt")), world::kGrounds);
  EXPECT_EQ(run("world --sheet pictures.png --pictures --count 5 --size 16").code, 0);
  EXPECT_EQ(lines(contents("pictures.txt")), 5);
}

TEST_F(TrainProgram, NamesTheWordsOfCaptions) {
  const Result result = run("world --words");
  EXPECT_EQ(result.code, 0) << result.said;
  EXPECT_EQ(lines(result.said), static_cast<std::ptrdiff_t>(world::known_words().size()));
  EXPECT_NE(("\n" + result.said).find("\nlighthouse\n"), std::string::npos);
  EXPECT_EQ(run("world --words --sheet sheet.png").code, 64);
}

TEST_F(TrainProgram, DrawsOtherPicturesForAnotherSeed) {
  run("world --sheet one.png --pictures --seed 3 --size 16");
  run("world --sheet two.png --pictures --seed 3 --size 16");
  run("world --sheet other.png --pictures --seed 4 --size 16");
  EXPECT_EQ(contents("one.png"), contents("two.png"));
  EXPECT_NE(contents("one.png"), contents("other.png"));
}

TEST_F(TrainProgram, SaysWhatIsWrong) {
  EXPECT_EQ(run("").code, 64);
  EXPECT_EQ(run("world").code, 64);
  EXPECT_EQ(run("world --sheet sheet.png --size 1").code, 64);
  const Result result = run("world --sheet missing/sheet.png --things --size 16");
  EXPECT_EQ(result.code, 73);
  EXPECT_NE(result.said.find("missing/sheet.png"), std::string::npos) << result.said;
}

// Every stage a few steps long: what each leaves is what the next one takes, and the renderer opens
// the pair in the end.
TEST_F(TrainProgram, MakesAPairStageByStage) {
  expect_done("vqgan --codes 1024 --steps 3");
  expect_done("clip --steps 4");
  expect_done("judge --steps 2");
  expect_done("bank --thin 300");
  expect_done("export --to pair");
  expect_done("judge --steps 2 --pair pair --folder strict");
  expect_done(
      "selftest --pair pair --prompts 3 --set optimize.iterations=1 --set "
      "optimize.coarse_iterations=1 --against 'other optimize.iterations=2 "
      "optimize.coarse_iterations=2 optimize.collage=false'");
  for (const char* name : {"nearest", "coloured", "previous", "random", "drawn", "other"}) {
    EXPECT_NE(contents("training/selftest.json").find(name), std::string::npos) << name;
  }
  EXPECT_EQ(contents("training/blind-nearest-1.png").substr(1, 3), "PNG");
  EXPECT_EQ(lines(contents("training/blind-nearest-key.txt")), 3);
  EXPECT_EQ(lines(contents("training/selftest-coloured-other.txt")), 3);
  EXPECT_EQ(run("selftest --pair pair --prompts 3 --against 'other optimize.stepz=2'").code, 65);
  EXPECT_NE(contents("training/vqgan.html").find("<svg"), std::string::npos);
  EXPECT_EQ(contents("training/vqgan.csv").substr(0, 4), "step");
  for (const char* name : {"vqgan.safetensors", "clip.safetensors", "merges.txt", "bank.txt"}) {
    EXPECT_FALSE(contents(std::string("pair/") + name).empty()) << name;
  }
}

// A small budget is enough to learn something. Steps, where errors are compared: what minutes are
// worth depends on the machine.
TEST_F(TrainProgram, AVqganLearnsWithASmallBudget) {
  expect_done("vqgan --codes 1024 --steps 60");
  expect_fallen(contents("training/vqgan.csv"));
  EXPECT_GT(column(contents("training/vqgan.csv"), "psnr").back(), 12) << "mere gray has about 11";
}

TEST_F(TrainProgram, AClipLearnsWithASmallBudget) {
  expect_done("vqgan --codes 1024 --steps 2");
  expect_done("clip --steps 24");
  expect_fallen(contents("training/clip.csv"));
  expect_done("judge --minutes 0.05");
}

TEST_F(TrainProgram, BeginsWithAnEarlierNetwork) {
  EXPECT_EQ(run("vqgan --codes 1024 --steps 3 --precision float32").code, 0);
  const auto next =
      run("vqgan --codes 1024 --steps 1 --precision bfloat16 --folder next --from "
          "training/vqgan.safetensors");
  EXPECT_EQ(next.code, 0) << next.said;
  // It has a codebook from the start, which a fresh one gets on its way.
  EXPECT_NE(contents("next/vqgan.csv").find("used"), std::string::npos);
  EXPECT_NE(contents("next/vqgan.safetensors"), contents("training/vqgan.safetensors"));

  const auto other = run("clip --steps 1 --from training/vqgan.safetensors");
  EXPECT_EQ(other.code, 65);
  EXPECT_NE(other.said.find("the CLIP to begin with"), std::string::npos) << other.said;
  EXPECT_EQ(run("vqgan --codes 1024 --steps 1 --folder third --from missing.safetensors").code, 64);
  EXPECT_EQ(run("vqgan --codes 1024 --steps 1 --folder third --precision half").code, 64);
}

TEST_F(TrainProgram, NeverBeginsAnewUnasked) {
  EXPECT_EQ(run("vqgan --codes 1024 --steps 2").code, 0);
  const auto again = run("vqgan --codes 1024 --steps 3");
  EXPECT_EQ(again.code, 73);
  EXPECT_NE(again.said.find("--resume"), std::string::npos) << again.said;
  EXPECT_EQ(run("vqgan --codes 1024 --steps 3 --resume").code, 0);

  fs::resize_file(folder_ / "training/vqgan.checkpoint.safetensors", 1000);
  const auto damaged = run("vqgan --codes 1024 --steps 4 --resume");
  EXPECT_EQ(damaged.code, 65);
  EXPECT_NE(damaged.said.find("vqgan.checkpoint.safetensors"), std::string::npos) << damaged.said;
}

TEST_F(TrainProgram, NamesTheStageThatIsMissing) {
  const auto result = run("clip --steps 2");
  EXPECT_EQ(result.code, 66);
  EXPECT_NE(result.said.find("latentreel-train vqgan"), std::string::npos) << result.said;
  EXPECT_EQ(result.said.substr(0, 18), "latentreel-train: ") << result.said;
  EXPECT_EQ(run("vqgan --codes 1024 --steps 0").code, 64);
  EXPECT_EQ(run("vqgan --minutes -1").code, 64);
}

TEST_F(TrainProgram, ExplainsItself) {
  const Result result = run("world --help");
  EXPECT_EQ(result.code, 0);
  for (const char* option :
       {"--sheet", "--things", "--grounds", "--pictures", "--seed", "--size"}) {
    EXPECT_NE(result.said.find(option), std::string::npos) << option;
  }
}

}  // namespace
}  // namespace latentreel::train
