#include "src/cli/watching.h"

#include <gtest/gtest.h>

#include "src/cli/exit_codes.h"

namespace latentreel::cli {
namespace {

using State = Look::State;

// Looks like these, one after the other, the last one again and again.
std::function<Look()> looks(std::vector<Look> all, int& count) {
  return [all = std::move(all), &count] {
    const auto now = std::min(static_cast<std::size_t>(count++), all.size() - 1);
    return all[now];
  };
}

Look look(State state, int code) {
  return {.state = state, .text = "text\n", .line = "line", .code = code};
}

TEST(Watching, EndsWhenItIsDone) {
  int count = 0;
  const auto going_on = look(State::going_on, kTryAgain);
  EXPECT_EQ(watch(looks({going_on, going_on, look(State::done, kDone)}, count), 0.01), kDone);
  EXPECT_EQ(count, 3);
}

TEST(Watching, EndsWithTheCodeOfWhatFailed) {
  int count = 0;
  EXPECT_EQ(watch(looks({look(State::going_on, kTryAgain), look(State::failed, 65)}, count), 0.2),
            65);
}

// On a disk that machines share, a film is seen some time after its last job.
TEST(Watching, WaitsForAFilmWhoseJobsHaveEnded) {
  int count = 0;
  std::vector<Look> all(30, look(State::failed, kTryAgain));
  all.push_back(look(State::done, kDone));
  EXPECT_EQ(watch(looks(std::move(all), count), 0.2), kDone);
}

}  // namespace
}  // namespace latentreel::cli
