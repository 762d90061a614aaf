#pragma once

#include <mutex>

#include "src/run/progress.h"

namespace latentreel::render {

// Passes events on one at a time, whichever threads report them.
class LockedProgress : public Progress {
 public:
  // `progress` must outlive it.
  explicit LockedProgress(Progress& progress) : progress_(progress) {}

  void report(const ProgressEvent& event) override {
    const std::lock_guard lock(mutex_);
    progress_.report(event);
  }

 private:
  std::mutex mutex_;
  Progress& progress_;
};

}  // namespace latentreel::render
