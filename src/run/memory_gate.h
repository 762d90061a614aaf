#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace latentreel::render {

// Lets work that needs much memory go on side by side, or one piece of it alone where the memory
// does not suffice for several. Who waits to be alone comes before those that begin later.
class MemoryGate {
 public:
  // Held while memory is used; waits while another one is alone or waits for it.
  class Shared {
   public:
    explicit Shared(MemoryGate& gate) : gate_(gate) { gate_.enter(); }
    ~Shared() { gate_.leave(); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

   private:
    MemoryGate& gate_;
  };

  // Held by the only one; waits until the others have left.
  class Alone {
   public:
    explicit Alone(MemoryGate& gate) : gate_(gate) { gate_.enter_alone(); }
    ~Alone() { gate_.leave_alone(); }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;

   private:
    MemoryGate& gate_;
  };

  // Set once work side by side ran out of memory: from then on steps are made alone, and Jobs
  // begins nothing side by side.
  void set_short() {
    const std::lock_guard lock(mutex_);
    is_short_ = true;
  }
  bool is_short() const {
    const std::lock_guard lock(mutex_);
    return is_short_;
  }
  // True for the first who asks once it is short: whoever tells the person.
  bool is_news() {
    const std::lock_guard lock(mutex_);
    return is_short_ && !std::exchange(is_told_, true);
  }

 private:
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !alone_ && waiting_ == 0; });
    ++inside_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }
  void enter_alone() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.wait(lock, [&] { return !alone_ && inside_ == 0; });
    --waiting_;
    alone_ = true;
  }
  void leave_alone() {
    const std::lock_guard lock(mutex_);
    alone_ = false;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0, waiting_ = 0;
  bool alone_ = false;
  bool is_short_ = false, is_told_ = false;
};

}  // namespace latentreel::render
