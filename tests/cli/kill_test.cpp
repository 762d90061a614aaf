// A render that is killed, at a random moment (F23, F24) and at every single call that changes a
// file; and one in which each of these calls fails (F20, F21, F22).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include "tests/cli/small_film.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using testing::asked;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using testing::Program;
using testing::read_file;
using testing::run;
using testing::run_in;
using testing::SmallFilm;
using testing::Surroundings;
using testing::undisturbed;

// A film under its name is the one that was there before or the new one.
void expect_old_or_new(const SmallFilm& film, const std::string& whole = undisturbed().film) {
  const auto bytes = film.bytes();
  EXPECT_TRUE(bytes == SmallFilm::kOlder || bytes == whole)
      << "half a film of " << bytes.size() << " bytes";
}

void expect_finishes(const SmallFilm& film, const Folder& folder,
                     const std::string& whole = undisturbed().film) {
  const auto last = run(film.call(), folder.path());
  EXPECT_EQ(last.code, 0) << last.error;
  EXPECT_TRUE(film.bytes() == whole);
  EXPECT_THAT(film.names(), ElementsAre("film.mp4"));
}

class Killed : public ::testing::TestWithParam<const char*> {};

// LATENTREEL_KILLS=100: as many kills.
TEST_P(Killed, AtRandomMomentsContinuesToTheSameFilm) {
  const Folder folder;
  const SmallFilm film(folder, "work", GetParam());
  const auto whole = undisturbed(GetParam());
  std::mt19937 random(20);
  const int wanted = asked("LATENTREEL_KILLS", 15);
  int kills = 0, films = 0;
  while (kills < wanted) {
    film.restart();
    for (int code = 128 + SIGKILL; code != 0;) {
      const double wait = std::uniform_real_distribution(0.0, whole.seconds)(random);
      const bool asked_first = random() % 4 == 0;  // then it is killed while it saves its state
      Program program(film.call(), folder.path());
      std::this_thread::sleep_for(std::chrono::duration<double>(wait));
      if (asked_first) {
        program.send(SIGTERM);
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 40));
      }
      program.send(SIGKILL);
      const auto result = program.wait();
      code = result.code;
      ASSERT_THAT(code, AnyOf(0, 128 + SIGKILL, 128 + SIGTERM)) << result.error;
      if (code == 128 + SIGKILL) ++kills;
      expect_old_or_new(film, whole.film);
    }
    ++films;
    EXPECT_TRUE(film.bytes() == whole.film);
    expect_finishes(film, folder, whole.film);
  }
  std::cout << kills << " kills, " << films << " films\n";
}

INSTANTIATE_TEST_SUITE_P(Films, Killed, ::testing::Values(SmallFilm::kScene, SmallFilm::kChained),
                         [](const auto& film) {
                           return film.index == 0 ? "OfKeyframes" : "OfAChain";
                         });

std::vector<std::string> lines_in(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(KilledExport, WhileADebugExportIsWrittenItsUnfinishedFileGoesWithTheNext) {
  const Folder folder;
  const SmallFilm film(folder);
  const auto scene = film.call()[1];
  const auto out = film.work() / "stills";
  const auto log = folder / "calls";
  const std::vector<std::string> call = {"frames",     scene,     "-o",
                                         out.string(), "--at",    "0",
                                         "--debug",    "--store", film.store().string()};
  const auto run_until = [&](size_t at) {
    fs::remove(log);
    fs::remove_all(out);
    return run_in({.environment = {{"LD_PRELOAD", LATENTREEL_FAILING_CALLS},
                                   {"FAIL_BELOW", (out / "debug/key-000").string()},
                                   {"FAIL_LOG", log.string()},
                                   {"FAIL_AT", std::to_string(at)},
                                   {"FAIL_HOW", "kill"}}},
                  call, folder.path());
  };
  ASSERT_EQ(run_until(0).code, 0);
  std::vector<size_t> syncs;  // of files, just before they get their names
  const auto calls = lines_in(log);
  for (size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].starts_with("fsync ") && calls[i].ends_with(".part")) syncs.push_back(i + 1);
  }
  ASSERT_GT(syncs.size(), 5u);
  for (const auto at : {syncs.front(), syncs[syncs.size() / 2], syncs.back()}) {
    SCOPED_TRACE(calls[at - 1]);
    EXPECT_EQ(run_until(at).code, 128 + SIGKILL);
    EXPECT_EQ(folder.unfinished(), 1);
    const auto next = run(call, folder.path());
    EXPECT_EQ(next.code, 0) << next.error;
    EXPECT_EQ(folder.unfinished(), 0);
  }
}

class EveryCall : public ::testing::TestWithParam<const char*> {
 protected:
  // The program with its calls counted; the `at`-th is disturbed. 0: none.
  Surroundings disturbed(const SmallFilm& film, size_t at) const {
    fs::remove(log_);
    return {.environment = {{"LD_PRELOAD", LATENTREEL_FAILING_CALLS},
                            {"FAIL_BELOW", film.work().string()},
                            {"FAIL_LOG", log_.string()},
                            {"FAIL_AT", std::to_string(at)},
                            {"FAIL_HOW", GetParam()}}};
  }

  Folder folder_;
  fs::path log_ = folder_ / "calls";
};

// LATENTREEL_CALL_STRIDE=1: every call; by default some of them, others in each kind of failure.
TEST_P(EveryCall, MayGoWrong) {
  const std::string how = GetParam();
  const SmallFilm film(folder_);
  ASSERT_EQ(run_in(disturbed(film, 0), film.call(), folder_.path()).code, 0);
  const auto all = lines_in(log_);
  ASSERT_GT(all.size(), 50u);
  ASSERT_TRUE(film.bytes() == undisturbed().film);
  std::vector<size_t> numbers;  // counted from 1
  for (size_t at = 1; at <= all.size(); ++at) {
    const bool any = how != "short" && how != "EINTR";
    if (any || all[at - 1].starts_with("write ")) numbers.push_back(at);
  }
  const auto stride = static_cast<size_t>(asked("LATENTREEL_CALL_STRIDE", 31));
  int swept = 0, went_on = 0;
  for (size_t i = static_cast<size_t>(how.front()) % std::min(stride, numbers.size());
       i < numbers.size(); i += stride) {
    const auto at = numbers[i];
    const auto& call = all[at - 1];
    SCOPED_TRACE(how + " at " + std::to_string(at) + ": " + call);
    film.restart();
    const auto result = run_in(disturbed(film, at), film.call(), folder_.path());
    ++swept;
    expect_old_or_new(film);
    if (how == "kill") {
      EXPECT_EQ(result.code, 128 + SIGKILL);
    } else if (how == "short" || how == "EINTR" || result.code == 0) {
      EXPECT_EQ(result.code, 0) << result.error;
      EXPECT_TRUE(film.bytes() == undisturbed().film);
      ++went_on;
    } else {
      EXPECT_THAT(result.code, AnyOf(73, 74)) << result.error;
      EXPECT_EQ(film.bytes(), SmallFilm::kOlder);
      EXPECT_THAT(result.error,
                  AnyOf(HasSubstr(film.file().string()), HasSubstr(film.store().string())));
      EXPECT_THAT(result.error,
                  AnyOf(HasSubstr("ree some space"), HasSubstr("run the same command"),
                        HasSubstr("hoose another"), HasSubstr("name another")));
      // A temporary file whose removal fails is the next call's to remove.
      if (!call.starts_with("unlink")) {
        EXPECT_THAT(film.names(), ElementsAre("film.mp4"));
      }
    }
    expect_finishes(film, folder_);
  }
  std::cout << all.size() << " calls, " << numbers.size() << " of this kind, " << swept
            << " disturbed, " << went_on << " went on\n";
}

INSTANTIATE_TEST_SUITE_P(By, EveryCall,
                         ::testing::Values("kill", "ENOSPC", "EIO", "short", "EINTR"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace latentreel::cli
