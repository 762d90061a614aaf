#include "src/frames/frame_stream.h"

#include <algorithm>
#include <exception>
#include <thread>

#include "src/frames/bounded_queue.h"
#include "src/run/lap_timer.h"

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

// Decodes a group and queues those frames of it that are asked for; false once the writer failed.
bool stream_group(const StreamPlan& plan, scenes::FrameRange group, BoundedQueue<Frame>& queue) {
  if (group.end <= plan.only.first || group.first >= plan.only.end) return true;
  for (auto& frame : plan.source.frames(group)) {
    if (frame.number < plan.only.first || frame.number >= plan.only.end) continue;
    if (!queue.push(std::move(frame))) return false;
  }
  return true;
}

bool stream_range(const StreamPlan& plan, scenes::FrameRange range, BoundedQueue<Frame>& queue,
                  const StopToken& stop) {
  for (auto first = range.first; first < range.end; first += plan.group) {
    stop.check();
    const auto end = std::min(first + plan.group, range.end);
    if (!stream_group(plan, {first, end}, queue)) return false;
  }
  return true;
}

}  // namespace

void stream_frames(const StreamPlan& plan, FrameSink& sink, Progress& progress,
                   const StopToken& stop) {
  BoundedQueue<Frame> queue(kQueuedFrames);
  Writer writer(plan, sink, progress);
  WriterThread thread(queue, writer);
  for (const auto& range : plan.ranges) {
    if (!stream_range(plan, range, queue, stop)) break;
  }
  thread.finish();
}

}  // namespace latentreel::render
