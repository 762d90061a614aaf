#include "src/render/frame_stream.h"

#include <chrono>
#include <exception>
#include <thread>

#include "src/render/bounded_queue.h"

namespace latentreel::render {
namespace {

constexpr std::size_t kQueuedFrames = 4;

using Clock = std::chrono::steady_clock;

// Closes the queue and waits for the writer, whatever happens to the one who feeds it.
class WriterThread {
 public:
  WriterThread(BoundedQueue<Frame>& queue, FrameSink& sink)
      : queue_(queue), thread_([this, &sink] { run(sink); }) {}
  ~WriterThread() { join(); }

  // Waits until everything queued is written; throws what writing threw.
  void finish() {
    join();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void run(FrameSink& sink) {
    try {
      while (const auto frame = queue_.pop()) sink.write(*frame);
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

}  // namespace

void stream_frames(const LatentPath& path, const FrameDecoder& decoder, scenes::FrameRange range,
                   FrameSink& sink, Progress& progress, const StopToken& stop) {
  BoundedQueue<Frame> queue(kQueuedFrames);
  WriterThread writer(queue, sink);
  auto before = Clock::now();
  for (int64_t number = range.first; number < range.end; ++number) {
    stop.check();
    if (!queue.push(decoder.decode(path.at(number), number))) break;  // the writer failed
    const auto now = Clock::now();
    progress.frame(number - range.first + 1, range.size(),
                   std::chrono::duration<double>(now - before).count());
    before = now;
  }
  writer.finish();
}

}  // namespace latentreel::render
