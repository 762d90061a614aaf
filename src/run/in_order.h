#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>

#include "src/run/jobs.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Lets pieces that were computed side by side take their turns, 0 first.
class Turns {
 public:
  // Waits until all pieces before `piece` have ended their turns. Where one of them failed, and so
  // never will, throws what that one threw.
  void wait_for(int64_t piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ == piece || failure_; });
    if (failure_) std::rethrow_exception(failure_);
  }
  void end(int64_t piece) {
    const std::lock_guard lock(mutex_);
    next_ = piece + 1;
    changed_.notify_all();
  }
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t next_ = 0;
  std::exception_ptr failure_;  // of the first that failed
};

// Calls take(make(0, stop)), take(make(1, stop)), ... in this order, one at a time, while `jobs`
// makes several side by side; null: one after the other. A result waits for its turn in the thread
// that made it, so no more of them are held than there are jobs. Throws as Jobs::for_each does.
template <class Make, class Take>
void in_order(Jobs* jobs, int64_t pieces, const StopToken& stop, const Make& make,
              const Take& take) {
  if (jobs == nullptr || jobs->count() == 1) {
    for (int64_t i = 0; i < pieces; ++i) take(make(i, stop));
    return;
  }
  Turns turns;
  jobs->for_each(pieces, stop, [&](int64_t piece, const StopToken& stop_piece) {
    try {
      auto made = make(piece, stop_piece);
      turns.wait_for(piece);
      take(std::move(made));
      turns.end(piece);
    } catch (...) {
      turns.fail(std::current_exception());
      throw;
    }
  });
}

}  // namespace latentreel::render
