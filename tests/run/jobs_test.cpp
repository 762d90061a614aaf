#include "src/run/jobs.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "src/run/in_order.h"

namespace latentreel::render {
namespace {

using std::chrono::milliseconds;

const StopToken kNever;

class JobsOf : public ::testing::TestWithParam<int> {
 protected:
  Jobs jobs_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Threads, JobsOf, ::testing::Values(1, 2, 5));

TEST_P(JobsOf, DoEveryPieceOnce) {
  EXPECT_EQ(jobs_.count(), GetParam());
  std::vector<std::atomic<int>> done(100);
  jobs_.for_each(100, kNever, [&](int64_t i, const StopToken&) { ++done[i]; });
  for (const auto& times : done) EXPECT_EQ(times, 1);
  jobs_.for_each(0, kNever, [](int64_t, const StopToken&) { FAIL(); });
}

TEST_P(JobsOf, DoPiecesOfPieces) {
  std::atomic<int> done = 0;
  jobs_.for_each(7, kNever, [&](int64_t, const StopToken& stop) {
    jobs_.for_each(9, stop, [&](int64_t, const StopToken& inner) {
      jobs_.for_each(3, inner, [&](int64_t, const StopToken&) { ++done; });
    });
  });
  EXPECT_EQ(done, 7 * 9 * 3);
}

TEST_P(JobsOf, PassOnWhatWasThrownFirst) {
  std::atomic<int> begun = 0;
  const auto fail = [&] {
    jobs_.for_each(1000, kNever, [&](int64_t i, const StopToken& stop) {
      ++begun;
      if (i == 3) throw std::runtime_error("piece 3");
      stop.check();
    });
  };
  EXPECT_THROW(
      {
        try {
          fail();
        } catch (const std::runtime_error& error) {
          EXPECT_STREQ(error.what(), "piece 3");
          throw;
        }
      },
      std::runtime_error);
  EXPECT_LT(begun, 1000);
  // And can be used again.
  begun = 0;
  jobs_.for_each(4, kNever, [&](int64_t, const StopToken&) { ++begun; });
  EXPECT_EQ(begun, 4);
}

TEST_P(JobsOf, StopWhenAskedTo) {
  StopToken stop;
  std::atomic<int> begun = 0;
  EXPECT_THROW(jobs_.for_each(1000, stop,
                              [&](int64_t i, const StopToken& inner) {
                                ++begun;
                                if (i == 10) stop.request(2);
                                inner.check();
                              }),
               Stopped);
  EXPECT_LT(begun, 1000);
}

TEST_P(JobsOf, GiveResultsInOrder) {
  std::vector<int64_t> taken;
  in_order(
      &jobs_, 50, kNever,
      [](int64_t i, const StopToken&) {
        std::this_thread::sleep_for(milliseconds(i % 3));
        return i * i;
      },
      [&](int64_t square) { taken.push_back(square); });
  ASSERT_EQ(taken.size(), 50u);
  for (int64_t i = 0; i < 50; ++i) EXPECT_EQ(taken[static_cast<size_t>(i)], i * i);
}

TEST_P(JobsOf, GiveNoResultAfterOneThatFailed) {
  std::vector<int64_t> taken;
  const auto make = [](int64_t i, const StopToken&) {
    if (i == 5) throw std::runtime_error("five");
    return i;
  };
  EXPECT_THROW(in_order(&jobs_, 50, kNever, make, [&](int64_t i) { taken.push_back(i); }),
               std::runtime_error);
  for (const auto i : taken) EXPECT_LT(i, 5);
}

TEST(Jobs, WorkSideBySide) {
  Jobs jobs(3);
  std::atomic<int> inside = 0;
  jobs.for_each(3, kNever, [&](int64_t, const StopToken&) {
    ++inside;
    while (inside < 3) std::this_thread::yield();  // ends only if all three are here
  });
  EXPECT_EQ(inside, 3);
}

TEST(Jobs, ComputeInAsManyThreadsAsLibTorchWasTold) {
  const auto before = at::get_num_threads();
  at::set_num_threads(1);
  Jobs jobs(3);
  std::atomic<int> wrong = 0;
  jobs.for_each(6, kNever, [&](int64_t, const StopToken&) {
    if (at::get_num_threads() != 1) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
  at::set_num_threads(before);
}

TEST(MemoryGate, LetsOneBeAlone) {
  MemoryGate gate;
  std::atomic<int> inside = 0, most_beside_one = 0;
  Jobs jobs(5);
  jobs.for_each(200, kNever, [&](int64_t i, const StopToken&) {
    if (i % 10 == 0) {
      const MemoryGate::Alone alone(gate);
      most_beside_one = std::max<int>(most_beside_one, inside);
    } else {
      const MemoryGate::Shared shared(gate);
      ++inside;
      std::this_thread::yield();
      --inside;
    }
  });
  EXPECT_EQ(most_beside_one, 0);
}

TEST(MemoryGate, TellsOnceThatMemoryIsShort) {
  MemoryGate gate;
  EXPECT_FALSE(gate.is_news());
  gate.set_short();
  EXPECT_TRUE(gate.is_short());
  EXPECT_TRUE(gate.is_news());
  EXPECT_FALSE(gate.is_news());
}

}  // namespace
}  // namespace latentreel::render
