#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace latentreel::render {

// Thrown between two pieces of work once a stop was asked for. Whatever was finished is kept.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped on request"; }
};

// A stop that nobody asked for: a task took longer than it may. Says which, and how long that is.
class TimeIsUp : public Stopped {
 public:
  explicit TimeIsUp(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// Set by a signal handler, checked by whoever works. Lock-free, so a handler may set it.
class StopToken {
 public:
  using Watch = std::function<void()>;

  void request(int signal) noexcept { signal_.store(signal, std::memory_order_relaxed); }
  bool requested() const noexcept { return signal() != 0; }
  int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }

  // Whoever works calls this between two pieces of work, which makes it a sign of life too.
  void check() const {
    if (watch_) watch_();
    if (requested()) throw Stopped();
  }

  // Called at every check, by the thread that checks; what it throws ends the work as a stop does.
  // An empty one removes the watch. Set it only while nobody checks.
  void set_watch(Watch watch) { watch_ = std::move(watch); }

 private:
  static_assert(std::atomic<int>::is_always_lock_free);
  std::atomic<int> signal_{0};
  Watch watch_;
};

}  // namespace latentreel::render
