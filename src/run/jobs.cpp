#include "src/run/jobs.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <exception>
#include <system_error>

namespace latentreel::render {

// The pieces of one call.
struct Jobs::Batch {
  Batch(int64_t count, const StopToken& outer, const Work& to_do) : pieces(count), work(to_do) {
    stop.set_watch([&outer] { outer.check(); });
  }

  const int64_t pieces;
  const Work& work;
  StopToken stop;
  std::mutex mutex = {};
  std::condition_variable ended = {};
  int64_t begun = 0;
  int64_t under_way = 0;
  std::exception_ptr error = {};

  // Does one piece; false where there was none left to begin.
  bool do_one() {
    int64_t piece = 0;
    {
      const std::lock_guard lock(mutex);
      if (begun == pieces || error) return false;
      piece = begun++;
      ++under_way;
    }
    std::exception_ptr thrown;
    try {
      work(piece, stop);
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    if (thrown && !error) {
      error = thrown;
      stop.request(1);
    }
    --under_way;
    ended.notify_all();
    return true;
  }

  bool has_more() {
    const std::lock_guard lock(mutex);
    return begun < pieces && !error;
  }

  void wait() {
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return under_way == 0; });
  }
};

Jobs::Jobs(int count) {
  try {
    for (int i = 1; i < count; ++i) threads_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {
    // As many as this process may have.
  }
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Jobs::for_each(int64_t pieces, const StopToken& stop, const Work& work) {
  const auto batch = std::make_shared<Batch>(pieces, stop, work);
  if (pieces > 1 && !threads_.empty() && !memory_.is_short()) {
    const std::lock_guard lock(mutex_);
    open_.push_back(batch);
    changed_.notify_all();
  }
  while (batch->do_one()) {
  }
  {
    // A thread that found it just now finds no piece in it.
    const std::lock_guard lock(mutex_);
    open_.erase(std::remove(open_.begin(), open_.end(), batch), open_.end());
  }
  batch->wait();
  if (batch->error) std::rethrow_exception(batch->error);
}

void Jobs::help() {
  at::init_num_threads();  // OpenMP keeps a number for each thread
  while (const auto batch = next_batch()) batch->do_one();
}

// The oldest with a piece to begin: a newer one is a part of it and has a thread already. Nothing
// once this ends.
std::shared_ptr<Jobs::Batch> Jobs::next_batch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [](const auto& batch) { return batch->has_more(); });
    if (found != open_.end()) return *found;
    changed_.wait(lock);
  }
  return nullptr;
}

}  // namespace latentreel::render
