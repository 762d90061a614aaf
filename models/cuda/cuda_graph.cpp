#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <map>
#include <mutex>

#include "models/cuda/plug_in.h"

namespace latentreel::models {
namespace {

class CudaGraph final : public DeviceGraph {
 public:
  explicit CudaGraph(std::unique_ptr<at::cuda::CUDAGraph> graph) : graph_(std::move(graph)) {}
  void replay() override { graph_->replay(); }

 private:
  std::unique_ptr<at::cuda::CUDAGraph> graph_;
};

// One for all captures of a device: cuBLAS keeps memory for every stream that it has seen.
c10::cuda::CUDAStream capture_stream(c10::DeviceIndex device) {
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const auto found = streams.find(device);
  if (found != streams.end()) return found->second;
  return streams.emplace(device, c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device))
      .first->second;
}

// All graphs of one capturer share one pool of memory.
class CudaGraphCapturer final : public GraphCapturer {
 public:
  explicit CudaGraphCapturer(c10::Device device)
      : device_(device),
        stream_(capture_stream(device.index())),
        pool_(at::cuda::graph_pool_handle()) {}

  std::unique_ptr<DeviceGraph> capture(const std::function<void()>& work) override {
    const c10::cuda::CUDAGuard on_device(device_);
    auto graph = std::make_unique<at::cuda::CUDAGraph>();
    c10::cuda::device_synchronize();  // what the work reads is written on another stream
    const c10::cuda::CUDAStreamGuard on_stream(stream_);
    graph->capture_begin(pool_);
    try {
      work();
    } catch (...) {
      end_failed(*graph);
      throw;
    }
    graph->capture_end();
    return std::make_unique<CudaGraph>(std::move(graph));
  }

 private:
  // Otherwise the stream would stay one that is captured. Of a capture that CUDA itself has given
  // up, capture_end throws before it tells the allocators that the pool is theirs again. What was
  // wrong is thrown already.
  void end_failed(at::cuda::CUDAGraph& graph) const {
    namespace allocator = c10::cuda::CUDACachingAllocator;
    try {
      graph.capture_end();
    } catch (const std::exception&) {
      const auto quietly = [](const auto& work) {
        try {
          work();
        } catch (const std::exception&) {
        }
      };
      quietly([&] { allocator::endAllocateToPool(device_.index(), pool_); });
      quietly([&] { allocator::releasePool(device_.index(), pool_); });
      auto* const host = at::getHostAllocator(c10::kCUDA);
      quietly([&] { host->end_allocate_to_pool(pool_); });
      quietly([&] { host->release_pool(pool_); });
    }
  }

  c10::Device device_;
  c10::cuda::CUDAStream stream_;
  c10::cuda::MempoolId_t pool_;
};

std::unique_ptr<GraphCapturer> make_capturer(c10::Device device) {
  return std::make_unique<CudaGraphCapturer>(device);
}

}  // namespace
}  // namespace latentreel::models

latentreel::models::MakeGraphCapturer latentreel_cuda_graph_capturer() {
  return &latentreel::models::make_capturer;
}
