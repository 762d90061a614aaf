#include "src/cluster/settings.h"

#include <algorithm>
#include <cmath>

namespace latentreel::cluster {

int cores_of(const ClusterPlan& plan, const Settings& settings) {
  return std::max({settings.cores, plan.threads, 1});
}

int jobs_of(const ClusterPlan& plan, const Settings& settings) {
  return plan.on_gpu() ? 1 : cores_of(plan, settings) / plan.threads;
}

std::size_t mebibytes_of(const Share& share, const ClusterPlan& plan, const Settings& settings) {
  constexpr double kMebibyte = 1 << 20;
  constexpr double kMargin = 1.25;
  constexpr double kStep = 256;  // MiB: shares that are nearly alike are asked for alike
  if (settings.memory_bytes) {
    return static_cast<std::size_t>(std::ceil(*settings.memory_bytes / kMebibyte));
  }
  constexpr double kMost = 1 << 30;  // MiB: a plan may say anything
  const double bytes = share.bytes * jobs_of(plan, settings) * kMargin;
  const double steps = std::ceil(bytes / kMebibyte / kStep);
  return static_cast<std::size_t>(std::clamp(steps * kStep, kStep, kMost));
}

int minutes_of(const Share& share, const ClusterPlan& plan, const Settings& settings) {
  constexpr double kMargin = 4;
  constexpr double kLeast = 10;
  constexpr double kMost = 365 * 24 * 60;
  if (settings.minutes) return *settings.minutes;
  const double minutes = kMargin * (plan.start_seconds + share.seconds) / 60;
  return static_cast<int>(std::ceil(std::clamp(minutes, kLeast, kMost)));
}

}  // namespace latentreel::cluster
