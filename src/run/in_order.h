#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

#include "src/run/jobs.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Lets pieces that were computed side by side take their turns, 0 first.
class Turns {
 public:
  // Waits until all pieces before `piece` have ended their turns. Throws Stopped where a piece
  // before it failed and so never will.
  void wait_for(int64_t piece, const StopToken& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ == piece || closed_; });
    if (next_ == piece) return;
    lock.unlock();
    stop.check();
    throw Stopped();
  }
  void end(int64_t piece) {
    const std::lock_guard lock(mutex_);
    next_ = piece + 1;
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t next_ = 0;
  bool closed_ = false;
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
      turns.wait_for(piece, stop_piece);
      take(std::move(made));
      turns.end(piece);
    } catch (...) {
      turns.close();
      throw;
    }
  });
}

}  // namespace latentreel::render
