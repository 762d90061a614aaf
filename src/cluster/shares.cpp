#include "src/cluster/shares.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace latentreel::cluster {
namespace {

using Positions = std::vector<std::size_t>;

constexpr std::array kKinds = {TaskKind::key, TaskKind::pace, TaskKind::chain, TaskKind::segment,
                               TaskKind::film};

double seconds_of(const Positions& tasks, const ClusterPlan& plan) {
  double sum = 0;
  for (const auto task : tasks) sum += plan.tasks[task].seconds;
  return sum;
}

// The tasks of a kind in groups that do not need one another: keyframes that start from one
// another and frames that grow out of one another, in order, or single tasks.
std::vector<Positions> chains_of(TaskKind kind, const ClusterPlan& plan) {
  std::vector<Positions> chains;
  std::map<std::size_t, std::size_t> chain_of;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    if (plan.tasks[i].kind != kind) continue;
    auto chain = chains.size();
    for (const auto need : plan.tasks[i].needs) {
      const auto found = chain_of.find(need);
      if (found == chain_of.end()) continue;  // of another kind
      if (chain == chains.size()) {
        chain = found->second;
      } else if (found->second != chain) {  // two chains meet: they are one from the beginning
        auto& from = chains[found->second];
        for (const auto task : from) chain_of[task] = chain;
        auto& into = chains[chain];
        into.insert(into.end(), from.begin(), from.end());
        std::sort(into.begin(), into.end());
        from.clear();
      }
    }
    if (chain == chains.size()) chains.emplace_back();
    chains[chain].push_back(i);
    chain_of[i] = chain;
  }
  std::erase_if(chains, [](const auto& chain) { return chain.empty(); });
  return chains;
}

// How much work a share of a kind may have, so that all machines get one, and none spends its time
// on starting.
double target_seconds(TaskKind kind, const ClusterPlan& plan, const ShareSettings& settings) {
  constexpr double kLeastStarts = 4;
  double sum = 0;
  for (const auto& task : plan.tasks) {
    if (task.kind == kind) sum += task.seconds;
  }
  const double each = sum / std::max(settings.machines, 1);
  return std::min(settings.seconds, std::max(each, kLeastStarts * plan.start_seconds));
}

// Appends the chain in pieces of at most `target` seconds where they have more than one task.
void cut(const Positions& chain, double target, const ClusterPlan& plan,
         std::vector<Positions>& groups) {
  double sum = 0;
  Positions piece;
  for (const auto task : chain) {
    const double seconds = plan.tasks[task].seconds;
    if (!piece.empty() && sum + seconds > target) {
      groups.push_back(std::move(piece));
      piece = {};
      sum = 0;
    }
    piece.push_back(task);
    sum += seconds;
  }
  groups.push_back(std::move(piece));
}

// Whole chains together while they are short; a long one in pieces, with nothing else in them, as
// what waits for a piece would wait for that too.
std::vector<Positions> pack(TaskKind kind, const ClusterPlan& plan, const ShareSettings& settings) {
  // Sums of many equal times do not come out even.
  const double target = target_seconds(kind, plan, settings) * (1 + 1e-9);
  std::vector<Positions> groups;
  Positions open;
  double sum = 0;
  const auto close = [&] {
    if (!open.empty()) groups.push_back(std::move(open));
    open = {};
    sum = 0;
  };
  for (const auto& chain : chains_of(kind, plan)) {
    const double seconds = seconds_of(chain, plan);
    if (seconds > target && chain.size() > 1) {
      // A chain keeps everything behind it waiting whatever the number of machines: it is cut only
      // where a share would be too long.
      close();
      cut(chain, settings.seconds, plan, groups);
      continue;
    }
    if (sum + seconds > target) close();
    open.insert(open.end(), chain.begin(), chain.end());
    sum += seconds;
  }
  close();
  return groups;
}

Share share_of(Positions tasks, const ClusterPlan& plan) {
  Share share;
  share.kind = plan.tasks[tasks.front()].kind;
  share.seconds = seconds_of(tasks, plan);
  for (const auto task : tasks) share.bytes = std::max(share.bytes, plan.tasks[task].bytes);
  share.tasks = std::move(tasks);
  return share;
}

// What each share needs, among shares in this order.
std::vector<std::set<std::size_t>> needs_of(const std::vector<Share>& shares,
                                            const ClusterPlan& plan) {
  std::vector<std::size_t> share_of_task(plan.tasks.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    for (const auto task : shares[i].tasks) share_of_task[task] = i;
  }
  std::vector<std::set<std::size_t>> needs(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    for (const auto task : shares[i].tasks) {
      for (const auto need : plan.tasks[task].needs) {
        if (share_of_task[need] != i) needs[i].insert(share_of_task[need]);
      }
    }
  }
  return needs;
}

void set_needs(std::vector<Share>& shares, const ClusterPlan& plan) {
  const auto needs = needs_of(shares, plan);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto least = needs[i];
    for (const auto need : needs[i]) {
      for (const auto before : needs[need]) least.erase(before);
    }
    shares[i].needs.assign(least.begin(), least.end());
  }
}

// Shares with the same kind and needs side by side, in the order in which the first of each comes:
// whatever that needs comes before it still.
std::vector<Share> grouped(const std::vector<Share>& shares) {
  std::map<std::pair<TaskKind, Positions>, std::size_t> group_of;
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto [found, is_new] =
        group_of.emplace(std::pair(shares[i].kind, shares[i].needs), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(i);
  }
  std::vector<Share> sorted;
  for (const auto& group : groups) {
    for (const auto i : group) sorted.push_back(shares[i]);
  }
  return sorted;
}

std::vector<ShareArray> arrays_of(const std::vector<Share>& shares, std::size_t longest) {
  std::vector<ShareArray> arrays;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const bool goes_on = i > 0 && shares[i].kind == shares[i - 1].kind &&
                         shares[i].needs == shares[i - 1].needs && arrays.back().count < longest;
    if (goes_on) {
      ++arrays.back().count;
    } else {
      arrays.push_back({i, 1});
    }
  }
  return arrays;
}

}  // namespace

Shares make_shares(const ClusterPlan& plan, const ShareSettings& settings) {
  std::vector<Share> shares;
  for (const auto kind : kKinds) {
    for (auto& tasks : pack(kind, plan, settings)) {
      shares.push_back(share_of(std::move(tasks), plan));
    }
  }
  set_needs(shares, plan);
  Shares made;
  made.shares = grouped(shares);
  set_needs(made.shares, plan);  // with the new numbers
  made.arrays = arrays_of(made.shares, settings.longest_array);
  return made;
}

std::vector<Stage> stages_of(const Shares& shares) {
  std::vector<std::size_t> depth(shares.shares.size());  // among those of its kind
  std::map<std::pair<TaskKind, std::size_t>, Stage> stages;
  for (std::size_t i = 0; i < shares.shares.size(); ++i) {
    const auto& share = shares.shares[i];
    for (const auto need : share.needs) {
      if (shares.shares[need].kind == share.kind) depth[i] = std::max(depth[i], depth[need] + 1);
    }
    auto& stage = stages[{share.kind, depth[i]}];
    stage.kind = share.kind;
    stage.shares.push_back(i);
  }
  std::vector<Stage> in_order;
  for (auto& [key, stage] : stages) in_order.push_back(std::move(stage));
  return in_order;
}

std::string names_of(const Share& share, const ClusterPlan& plan) {
  std::string names;
  for (const auto task : share.tasks) names += (names.empty() ? "" : " ") + plan.tasks[task].name;
  return names;
}

std::string names_with_needs(const Share& share, const ClusterPlan& plan) {
  std::set<std::string> named;
  for (const auto task : share.tasks) named.insert(plan.tasks[task].name);
  std::string names;
  for (const auto task : share.tasks) {
    for (const auto& need : plan.tasks[task].reads) {
      if (named.insert(need).second) names += need + " ";
    }
  }
  return names + names_of(share, plan);
}

}  // namespace latentreel::cluster
