#include "src/farm/task_board.h"

#include <gtest/gtest.h>

#include "scenes/scene_reader.h"

namespace latentreel::farm {
namespace {

// key:0 and key:1, of which the second needs the first where `chain`; pace:0, seg:0, film.
render::RenderPlan plan(bool chain = false) {
  using Kind = render::TaskId::Kind;
  const auto scene = scenes::parse_scene(
      "[[keyframe]]\nat = 0\nprompt = \"a\"\n[[keyframe]]\nat = 1\nprompt = \"b\"\n", "test.toml");
  render::RenderPlan plan{.script = {scenes::Timeline(scene), scene}};
  const render::TaskId first{Kind::key, 0}, second{Kind::key, 1}, pace{Kind::pace, 0},
      segment{Kind::segment, 0}, film{Kind::film, 0};
  plan.keys = {{.id = first, .output = "a"}, {.id = second, .output = "b"}};
  if (chain) plan.keys[1].needs = {first};
  plan.paces = {{.id = pace, .output = "c", .needs = {first, second}}};
  plan.segments = {{.id = segment, .output = "d", .needs = {first, second, pace}}};
  plan.film = {.id = film, .output = "e", .needs = {segment}};
  return plan;
}

std::string taken(TaskBoard& board, std::optional<size_t> last = std::nullopt) {
  const auto ticket = board.take(last);
  return ticket ? std::to_string(ticket->film) + " " + ticket->task : "nothing";
}

TEST(TaskBoard, HandsOutWhatCanBeDoneAndEachTaskOnce) {
  TaskBoard board;
  board.add(plan(), {});
  EXPECT_EQ(taken(board), "0 key:0");
  EXPECT_EQ(taken(board), "0 key:1");
  EXPECT_EQ(taken(board), "nothing");
  board.finish({0, "key:1"});
  EXPECT_EQ(taken(board), "nothing");
  board.finish({0, "key:0"});
  EXPECT_EQ(taken(board), "0 pace:0");
  board.finish({0, "pace:0"});
  EXPECT_EQ(taken(board), "0 seg:0");
  board.finish({0, "seg:0"});
  EXPECT_FALSE(board.film_done(0));
  EXPECT_EQ(taken(board), "0 film");
  board.finish({0, "film"});
  EXPECT_TRUE(board.film_done(0));
}

TEST(TaskBoard, LeavesOutWhatIsDone) {
  TaskBoard board;
  board.add(plan(), {"key:0", "key:1", "pace:0"});
  EXPECT_EQ(taken(board), "0 seg:0");
}

TEST(TaskBoard, FillsWorkersWithOtherFilmsWhileOneWaits) {
  TaskBoard board;
  board.add(plan(true), {});
  board.add(plan(true), {});
  EXPECT_EQ(taken(board), "0 key:0");
  EXPECT_EQ(taken(board, 0), "1 key:0");
  board.finish({0, "key:0"});
  board.finish({1, "key:0"});
  EXPECT_EQ(taken(board, 1), "1 key:1");  // the film whose models it holds
  EXPECT_EQ(taken(board, 1), "0 key:1");
}

TEST(TaskBoard, AFailedFilmStopsNoOther) {
  TaskBoard board;
  board.add(plan(), {});
  board.add_nothing();
  board.add(plan(), {});
  EXPECT_EQ(taken(board), "0 key:0");
  board.fail({0, "key:0"});
  EXPECT_EQ(taken(board, 0), "2 key:0");
  EXPECT_FALSE(board.film_done(0));
  EXPECT_FALSE(board.film_done(1));
}

}  // namespace
}  // namespace latentreel::farm
