#include "src/frames/frame_stream.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "src/frames/bounded_queue.h"
#include "src/run/in_order.h"
#include "src/run/lap_timer.h"
#include "src/run/out_of_memory.h"

namespace latentreel::render {
namespace {

constexpr std::size_t kQueuedFrames = 4;

// Hands frames to the sink and tells of each that is written.
class Writer {
 public:
  Writer(const StreamPlan& plan, FrameSink& sink, Progress& progress)
      : sink_(sink), progress_(progress), done_(plan.done), total_(plan.total) {}

  void write(const Frame& frame) {
    sink_.write(frame);
    progress_.report(FramesWritten{++done_, total_, timer_.lap()});
  }

 private:
  FrameSink& sink_;
  Progress& progress_;
  int64_t done_, total_;
  LapTimer timer_;
};

// Closes the queue and waits for the writer, whatever happens to the one who feeds it.
class WriterThread {
 public:
  WriterThread(BoundedQueue<Frame>& queue, Writer& writer)
      : queue_(queue), thread_([this, &writer] { run(writer); }) {}
  ~WriterThread() { join(); }

  // Waits until everything queued is written; throws what writing threw.
  void finish() {
    join();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void run(Writer& writer) {
    try {
      while (const auto frame = queue_.pop()) writer.write(*frame);
    } catch (...) {
      error_ = std::current_exception();
      queue_.close();
    }
  }
  void join() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
  }

  BoundedQueue<Frame>& queue_;
  std::exception_ptr error_;
  std::thread thread_;
};

// The groups that hold a frame that is asked for.
std::vector<scenes::FrameRange> groups_of(const StreamPlan& plan) {
  std::vector<scenes::FrameRange> groups;
  for (const auto& range : plan.ranges) {
    for (auto first = range.first; first < range.end; first += plan.group) {
      const auto end = std::min(first + plan.group, range.end);
      if (end > plan.only.first && first < plan.only.end) groups.push_back({first, end});
    }
  }
  return groups;
}

// Thrown where the writer failed, which throws why.
struct WriterFailed {};

}  // namespace

void stream_frames(const StreamPlan& plan, FrameSink& sink, Progress& progress,
                   const StopToken& stop) {
  BoundedQueue<Frame> queue(kQueuedFrames);
  Writer writer(plan, sink, progress);
  WriterThread thread(queue, writer);
  const auto groups = groups_of(plan);
  const auto decode = [&](int64_t i, const StopToken& stop_group) {
    stop_group.check();
    auto frames =
        alone_if_memory_is_short(plan.jobs, [&] { return plan.source.frames(groups[i]); });
    say_if_memory_is_short(plan.jobs, progress);
    return frames;
  };
  const auto write = [&](std::vector<Frame> frames) {
    for (auto& frame : frames) {
      if (frame.number < plan.only.first || frame.number >= plan.only.end) continue;
      if (!queue.push(std::move(frame))) throw WriterFailed();
    }
  };
  try {
    in_order(plan.jobs, static_cast<int64_t>(groups.size()), stop, decode, write);
  } catch (const WriterFailed&) {
  }
  thread.finish();
}

}  // namespace latentreel::render
