#include "src/cluster/simulate.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <utility>

namespace latentreel::cluster {
namespace {

double seconds_with_start(const Share& share, const ClusterPlan& plan) {
  return plan.start_seconds + share.seconds;
}

std::vector<std::vector<std::size_t>> waiting_for(const Shares& shares) {
  std::vector<std::vector<std::size_t>> waiting(shares.shares.size());
  for (std::size_t i = 0; i < shares.shares.size(); ++i) {
    for (const auto need : shares.shares[i].needs) waiting[need].push_back(i);
  }
  return waiting;
}

// From the beginning of each share to the film, on any number of machines.
std::vector<double> ways_to_the_end(const ClusterPlan& plan, const Shares& shares) {
  std::vector<double> way(shares.shares.size());
  for (auto i = shares.shares.size(); i-- > 0;) {
    way[i] += seconds_with_start(shares.shares[i], plan);
    for (const auto need : shares.shares[i].needs) way[need] = std::max(way[need], way[i]);
  }
  return way;
}

// Machines at work, by the time at which each is done with its share.
class MachineRoom {
 public:
  MachineRoom(const ClusterPlan& plan, const Shares& shares)
      : plan_(plan),
        shares_(shares),
        waiting_(waiting_for(shares)),
        ways_(ways_to_the_end(plan, shares)),
        begins_(shares.shares.size()) {
    for (const auto& share : shares.shares) missing_.push_back(share.needs.size());
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      if (missing_[i] == 0) ready_.emplace(ways_[i], i);
    }
  }

  // Returns when the last share is done.
  double run(int machines) {
    double now = 0;
    while (true) {
      while (!ready_.empty() && static_cast<int>(busy_.size()) < machines) begin(now);
      if (busy_.empty()) return now;
      now = busy_.top().first;
      finish(busy_.top().second);
      busy_.pop();
    }
  }

  std::vector<double> begins() && { return std::move(begins_); }

 private:
  void begin(double now) {
    const auto share = ready_.top().second;
    ready_.pop();
    begins_[share] = now;
    busy_.emplace(now + seconds_with_start(shares_.shares[share], plan_), share);
  }

  void finish(std::size_t share) {
    for (const auto next : waiting_[share]) {
      if (--missing_[next] == 0) ready_.emplace(ways_[next], next);
    }
  }

  using At = std::pair<double, std::size_t>;
  const ClusterPlan& plan_;
  const Shares& shares_;
  std::vector<std::vector<std::size_t>> waiting_;
  std::vector<double> ways_;
  std::vector<double> begins_;
  std::vector<std::size_t> missing_;
  std::priority_queue<At> ready_;                                  // the longest way first
  std::priority_queue<At, std::vector<At>, std::greater<>> busy_;  // the first to end first
};

}  // namespace

Simulation simulate(const ClusterPlan& plan, const Shares& shares, int machines) {
  Simulation result;
  result.machines = std::max(machines, 1);
  for (const auto& share : shares.shares) result.work += seconds_with_start(share, plan);
  MachineRoom room(plan, shares);
  result.seconds = room.run(result.machines);
  result.begins = std::move(room).begins();
  result.utilisation = result.seconds > 0 ? result.work / (result.seconds * result.machines) : 1;
  return result;
}

Simulation simulate(const ClusterPlan& plan, int machines, const ShareSettings& settings) {
  auto asked = settings;
  asked.machines = machines;
  return simulate(plan, make_shares(plan, asked), machines);
}

double critical_path(const ClusterPlan& plan) {
  std::vector<double> end(plan.tasks.size());
  double longest = 0;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    for (const auto need : plan.tasks[i].needs) end[i] = std::max(end[i], end[need]);
    end[i] += plan.tasks[i].seconds;
    longest = std::max(longest, end[i]);
  }
  return longest;
}

Scaling scaling(const ClusterPlan& plan, int machines, const ShareSettings& settings) {
  constexpr double kWorth = 1.1;
  constexpr std::size_t kMost = 1 << 16;
  Scaling result;
  result.critical_path = critical_path(plan);
  result.enough = 0;
  std::map<int, Simulation> all;  // also of more machines than were asked for
  const auto most = std::max<std::size_t>(plan.tasks.size(), 1);
  for (std::size_t n = 1; n <= 2 * most && n <= kMost; n *= 2) {
    const auto count = static_cast<int>(n);
    all[count] = simulate(plan, count, settings);
  }
  all[std::max(machines, 1)] = simulate(plan, std::max(machines, 1), settings);
  auto best = std::numeric_limits<double>::infinity();
  for (const auto& [count, one] : all) best = std::min(best, one.seconds);
  for (const auto& [count, one] : all) {
    if (count <= machines || result.tried.empty()) result.tried.push_back(one);
    if (result.enough == 0 && one.seconds <= best * kWorth) result.enough = count;
  }
  return result;
}

}  // namespace latentreel::cluster
