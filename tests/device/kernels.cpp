#include "tests/device/kernels.h"

#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <algorithm>
#include <map>

namespace latentreel::testing {
namespace {

namespace profiler = torch::autograd::profiler;
using profiler::KinetoEvent;
using torch::profiler::impl::ActivityType;

// Operators call others, and each event of the CPU holds those that it called: from what a thread
// did in order of time, what each of its events did itself.
std::map<std::string, Kernel> own_times(std::vector<const KinetoEvent*> events) {
  std::sort(events.begin(), events.end(), [](const KinetoEvent* a, const KinetoEvent* b) {
    if (a->startThreadId() != b->startThreadId()) return a->startThreadId() < b->startThreadId();
    if (a->startNs() != b->startNs()) return a->startNs() < b->startNs();
    return a->endNs() > b->endNs();
  });
  std::map<std::string, Kernel> kernels;
  std::vector<const KinetoEvent*> open;
  for (const auto* event : events) {
    while (!open.empty() && (open.back()->startThreadId() != event->startThreadId() ||
                             open.back()->endNs() <= event->startNs())) {
      open.pop_back();
    }
    const double seconds = static_cast<double>(event->durationNs()) * 1e-9;
    if (!open.empty()) kernels[open.back()->name()].seconds -= seconds;
    auto& kernel = kernels[event->name()];
    kernel.seconds += seconds;
    ++kernel.calls;
    open.push_back(event);
  }
  return kernels;
}

}  // namespace

std::vector<Kernel> kernels_of(const std::function<void()>& work, c10::Device device) {
  const bool on_cuda = device.is_cuda();
  const profiler::ProfilerConfig config(torch::profiler::impl::ProfilerState::KINETO);
  std::set<ActivityType> activities = {ActivityType::CPU};
  if (on_cuda) activities.insert(ActivityType::CUDA);
  profiler::prepareProfiler(config, activities);
  const auto finish = [&] {  // what was given to the device before belongs to nobody's time
    if (!device.is_cpu()) {
      c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
    }
  };
  finish();
  profiler::enableProfiler(config, activities);
  work();
  finish();
  const auto result = profiler::disableProfiler();

  std::vector<const KinetoEvent*> on_device, on_host;
  for (const auto& event : result->events()) {
    (event.deviceType() == c10::kCPU ? on_host : on_device).push_back(&event);
  }
  std::map<std::string, Kernel> sums;
  if (on_cuda) {
    for (const auto* event : on_device) {
      auto& kernel = sums[event->name()];
      ++kernel.calls;
      kernel.seconds += static_cast<double>(event->durationNs()) * 1e-9;
    }
  } else {
    sums = own_times(on_host);
  }
  std::vector<Kernel> kernels;
  for (auto& [name, kernel] : sums) {
    kernel.name = name;
    kernels.push_back(kernel);
  }
  std::sort(kernels.begin(), kernels.end(),
            [](const Kernel& a, const Kernel& b) { return a.seconds > b.seconds; });
  return kernels;
}

}  // namespace latentreel::testing
