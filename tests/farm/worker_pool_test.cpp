#include "src/farm/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "scenes/scene_reader.h"

namespace latentreel::farm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Workers are shell scripts here: they read "FILM TASK" and answer.
std::vector<std::string> script(const std::string& text) {
  return {"/bin/sh", "-c", text};
}

const char* const kGood = "while read film task; do echo \"0 0.5 \"; done";

TaskBoard board_of(int films) {
  const auto scene = scenes::parse_scene(
      "[[keyframe]]\nat = 0\nprompt = \"a\"\n[[keyframe]]\nat = 1\nprompt = \"b\"\n", "test.toml");
  render::RenderPlan plan{.script = {scenes::Timeline(scene), scene}};
  plan.keys = {{.id = {render::TaskId::Kind::key, 0}, .output = "a"}};
  plan.film = {.id = {render::TaskId::Kind::film, 0},
               .output = "b",
               .needs = {{render::TaskId::Kind::key, 0}}};
  TaskBoard board;
  for (int i = 0; i < films; ++i) board.add(plan, {});
  return board;
}

struct Told {
  std::vector<std::string> lines;
  void operator()(const Outcome& outcome) {
    lines.push_back(std::to_string(outcome.ticket.film) + " " + outcome.ticket.task + " " +
                    std::to_string(outcome.code) + " " + outcome.message);
  }
};

std::vector<std::string> run(TaskBoard& board, const std::vector<std::vector<std::string>>& workers,
                             const render::StopToken& stop = {}) {
  Told told;
  WorkerPool pool(workers);
  pool.run(board, stop, std::ref(told));
  return told.lines;
}

TEST(WorkerPool, DoesEveryTask) {
  std::signal(SIGPIPE, SIG_IGN);
  auto board = board_of(2);
  EXPECT_THAT(run(board, {script(kGood), script(kGood)}),
              UnorderedElementsAre("0 key:0 0 ", "0 film 0 ", "1 key:0 0 ", "1 film 0 "));
  EXPECT_TRUE(board.film_done(0) && board.film_done(1));
}

TEST(WorkerPool, AnErrorEndsItsFilmAlone) {
  auto board = board_of(2);
  const auto lines = run(board, {script("while read film task; do if [ $film = 0 ]; then echo "
                                        "\"65 0 wrong scene\"; else echo \"0 0 \"; fi; done")});
  EXPECT_THAT(lines, ElementsAre("0 key:0 65 wrong scene", "1 key:0 0 ", "1 film 0 "));
}

TEST(WorkerPool, AWorkerThatDiesCostsItsTaskAndTheOthersGoOn) {
  std::signal(SIGPIPE, SIG_IGN);
  auto board = board_of(3);
  const auto lines = run(board, {script("read line; kill -9 $$"), script(kGood)});
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr("70 the process that did key:0 died")));
  int done = 0;
  for (int film = 0; film < 3; ++film) done += board.film_done(static_cast<size_t>(film)) ? 1 : 0;
  EXPECT_EQ(done, 2);
}

TEST(WorkerPool, EndsWhenNoWorkerIsLeft) {
  std::signal(SIGPIPE, SIG_IGN);
  auto board = board_of(2);
  const auto lines = run(board, {script("exit 1"), {"/nowhere/program"}});
  EXPECT_EQ(lines.size(), 2u);
  EXPECT_FALSE(board.film_done(0));
}

TEST(WorkerPool, AStopHandsNothingMoreOutAndAsksTheWorkers) {
  auto board = board_of(2);
  render::StopToken stop;
  std::thread asker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request(SIGINT);
  });
  const auto lines = run(board,
                         {script("trap 'echo \"143 0 stopped\"; exit' TERM; read film task; "
                                 "while :; do sleep 0.05; done")},
                         stop);
  asker.join();
  EXPECT_THAT(lines, ElementsAre("0 key:0 143 stopped"));
}

}  // namespace
}  // namespace latentreel::farm
