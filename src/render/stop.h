#pragma once

#include <atomic>
#include <exception>

namespace latentreel::render {

// Thrown between two pieces of work once a stop was asked for. Whatever was finished is kept.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped on request"; }
};

// Asked by a signal handler, obeyed by whoever works. Lock-free, so a handler may set it.
class StopToken {
 public:
  void request(int signal) noexcept { signal_.store(signal, std::memory_order_relaxed); }
  bool requested() const noexcept { return signal() != 0; }
  int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }
  void check() const {
    if (requested()) throw Stopped();
  }

 private:
  static_assert(std::atomic<int>::is_always_lock_free);
  std::atomic<int> signal_{0};
};

}  // namespace latentreel::render
