#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <vector>

#include "src/cluster/engines.h"
#include "src/cluster/simulate.h"
#include "tests/cluster/plans.h"
#include "tests/cluster/shell.h"
#include "tests/temporary_folder.h"

// What a simulation says beside what was measured of a real run. What each share took is measured
// and given to the simulation, so that nothing depends on how busy the machine is.

namespace latentreel::cluster {
namespace {

using testing::plan_of;

constexpr int kMachines = 2;
constexpr double kRounding = 1e-6;  // seconds

// Seconds since 1970.
struct Times {
  double begin = 0;
  double end = 0;
  double took() const { return end - begin; }
};

// What stands still: `all` while nobody works, `some` while one machine has nothing to do although
// a share could be done.
struct Pauses {
  double all = 0;
  double some = 0;
};

class RealRun {
 public:
  RealRun(const Shares& shares, std::vector<Times> times)
      : shares_(shares), times_(std::move(times)) {
    for (const auto& one : times_) {
      moments_.push_back(one.begin);
      moments_.push_back(one.end);
    }
    std::sort(moments_.begin(), moments_.end());
  }

  double seconds() const { return moments_.back() - moments_.front(); }

  int most_at_once() const {
    int most = 0;
    for (std::size_t i = 0; i + 1 < moments_.size(); ++i) {
      most = std::max(most, working(middle_after(i)));
    }
    return most;
  }

  Pauses pauses() const {
    Pauses pauses;
    for (std::size_t i = 0; i + 1 < moments_.size(); ++i) {
      const double at = middle_after(i);
      const double seconds = moments_[i + 1] - moments_[i];
      if (working(at) == 0) {
        pauses.all += seconds;
      } else if (working(at) < kMachines && one_could_begin(at)) {
        pauses.some += seconds;
      }
    }
    return pauses;
  }

 private:
  double middle_after(std::size_t moment) const {
    return (moments_[moment] + moments_[moment + 1]) / 2;
  }
  int working(double at) const {
    return static_cast<int>(std::count_if(times_.begin(), times_.end(), [&](const Times& one) {
      return one.begin < at && at < one.end;
    }));
  }
  bool one_could_begin(double at) const {
    for (std::size_t i = 0; i < times_.size(); ++i) {
      const auto& needs = shares_.shares[i].needs;
      if (at < times_[i].begin && std::all_of(needs.begin(), needs.end(), [&](std::size_t need) {
            return times_[need].end < at;
          })) {
        return true;
      }
    }
    return false;
  }

  const Shares& shares_;
  std::vector<Times> times_;
  std::vector<double> moments_;
};

// Of shares of one task each, what they have written down: "TASK BEGIN END".
std::vector<Times> read_times(const std::filesystem::path& file, const ClusterPlan& plan,
                              const Shares& shares) {
  std::map<std::string, Times> by_name;
  std::ifstream in(file);
  std::string name;
  Times one;
  while (in >> name >> one.begin >> one.end) by_name[name] = one;
  std::vector<Times> times;
  for (const auto& share : shares.shares) {
    times.push_back(by_name[plan.tasks[share.tasks.front()].name]);
  }
  return times;
}

// The plan, its tasks taking what was measured.
ClusterPlan measured_plan(ClusterPlan plan, const Shares& shares, const std::vector<Times>& times) {
  plan.start_seconds = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    plan.tasks[shares.shares[i].tasks.front()].seconds = times[i].took();
  }
  return plan;
}

// How much longer than the shortest of a kind its longest took.
double spread_of(TaskKind kind, const Shares& shares, const std::vector<Times>& times) {
  double least = 1e9, most = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (shares.shares[i].kind != kind) continue;
    least = std::min(least, times[i].took());
    most = std::max(most, times[i].took());
  }
  return most - least;
}

TEST(RealRun, OfTwoMachinesTakesWhatIsSimulated) {
  if (!testing::is_installed("parallel")) GTEST_SKIP() << "GNU parallel is not installed";
  const TemporaryFolder folder;
  auto settings = testing::settings();
  settings.folder = folder / "scripts";
  settings.program = folder / "latentreel";
  settings.at_once = kMachines;
  testing::write_program(
      settings.program,
      "for word in \"$@\"; do [ \"$word\" != --store ] || break; task=$word; done\n"
      "begin=$(date +%s.%N)\n"
      "case $task in key:0) sleep 0.6 ;; key:*) sleep 0.3 ;; seg:*) sleep 0.4 ;; *) sleep 0.1 ;; "
      "esac\n"
      "echo \"$task $begin $(date +%s.%N)\" >> times\n");
  // Two keyframes, three segments that need both, the film: the stages of GNU parallel keep nobody
  // waiting, and on two machines nothing is faster than the longest first, as the simulation does.
  const auto plan =
      plan_of({.keyframes = 2, .paced = false, .segments_between = 3}, folder / "plan.json");
  const auto shares = make_shares(plan, testing::each_alone());
  write_scripts(scripts_of(Engine::parallel, plan, shares, settings), settings);
  ASSERT_EQ(hand_over(Engine::parallel, plan, shares, settings).code, 0);

  const auto times = read_times(settings.folder / "times", plan, shares);
  for (std::size_t i = 0; i < times.size(); ++i) {
    ASSERT_GT(times[i].took(), 0.05) << i;
    for (const auto need : shares.shares[i].needs) EXPECT_GE(times[i].begin, times[need].end);
  }
  const RealRun real(shares, times);
  EXPECT_LE(real.most_at_once(), kMachines);
  const auto pauses = real.pauses();
  const auto measured = measured_plan(plan, shares, times);
  const auto simulated =
      simulate(measured, make_shares(measured, testing::each_alone()), kMachines).seconds;
  // Without the time in which nobody works, as while GNU parallel starts, the real run is one that
  // the simulation could have chosen. It is longer by pauses of one machine at the most, and by
  // what its order of the segments may cost: the first to come, not the longest, is done first.
  const double worked = real.seconds() - pauses.all;
  EXPECT_LE(simulated, worked + kRounding);
  EXPECT_GE(simulated + pauses.some + spread_of(TaskKind::segment, shares, times) + kRounding,
            worked);
  RecordProperty("simulated_ms", static_cast<int>(simulated * 1e3));
  RecordProperty("worked_ms", static_cast<int>(worked * 1e3));
  RecordProperty("pauses_ms", static_cast<int>(pauses.some * 1e3));
}

}  // namespace
}  // namespace latentreel::cluster
