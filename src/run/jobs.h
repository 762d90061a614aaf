#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "src/run/memory_gate.h"
#include "src/run/stop.h"

namespace latentreel::render {

// Does independent pieces of work side by side, in a fixed number of threads: keyframes, chunks of
// cutouts, frames. A piece computes in as many threads as LibTorch was told (resolve_machine), so
// what it computes does not depend on how many are done side by side.
//
// for_each is thread-safe, and a piece of work may call it.
class Jobs {
 public:
  // `count` threads work, at least one: the one that calls for_each, and count - 1 that live as
  // long as this; fewer where the system gives no more.
  explicit Jobs(int count = 1);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  int count() const { return static_cast<int>(threads_.size()) + 1; }

  // Calls work(0, stop), ..., work(pieces - 1, stop), begun in this order, and returns when all
  // have ended. The calling thread does pieces too, and the others help where they have nothing
  // else to do: so it always goes on, however deep calls are nested. Once memory was short, the
  // calling thread does all of them.
  //
  // Once a piece threw, no further one begins, the `stop` of those under way asks them to end, and
  // the exception that was thrown first is thrown here. That `stop` also checks the one given.
  using Work = std::function<void(int64_t piece, const StopToken& stop)>;
  void for_each(int64_t pieces, const StopToken& stop, const Work& work);

  // Held by pieces of work while they use much memory.
  MemoryGate& memory() { return memory_; }

 private:
  struct Batch;
  void help();  // what each thread does
  std::shared_ptr<Batch> next_batch();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Batch>> open_;  // with pieces that nobody began, the oldest first
  bool ending_ = false;
  MemoryGate memory_;
  std::vector<std::thread> threads_;
};

}  // namespace latentreel::render
