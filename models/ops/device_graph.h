#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

// A device's work captured once and replayed: one call in place of hundreds of launches (on CUDA, a
// CUDA graph). What a kind of device needs for that is registered by whoever brings the device;
// code that uses it does not ask which device it runs on.

namespace latentreel::models {

class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;
  // Submits the captured work to the device again: the same kernels on the same memory.
  virtual void replay() = 0;
};

// Graphs captured by one capturer may share memory for their temporaries, so they must be replayed
// in the order of their capture, and never two at a time.
class GraphCapturer {
 public:
  virtual ~GraphCapturer() = default;
  // Calls `work` once. Throws c10::Error where it reads a value, copies one from the host, or does
  // anything else that its device cannot capture. The tensors that `work` writes may be read only
  // after a replay.
  virtual std::unique_ptr<DeviceGraph> capture(const std::function<void()>& work) = 0;
};

using MakeGraphCapturer = std::unique_ptr<GraphCapturer> (*)(c10::Device device);

// For all devices of that type, in this process. Not thread-safe: register before the first use.
void register_graph_capturer(c10::DeviceType type, MakeGraphCapturer make);

// Whether one is registered for that type.
bool has_graph_capturer(c10::DeviceType type);

// A differentiable function of one tensor whose device work, forward and backward, is captured at
// its third call with an input of some shape and replayed from then on. The earlier calls run it as
// it is, which also prepares what a device prepares only once. It always runs as it is where no
// gradient is asked for, or where its device has no capturer.
//
// The function must do the same work at each call: what it holds besides its argument is captured
// as it was. Every output is a copy and belongs to the caller. The gradient of a call must be taken
// before the next call with the same shape: later it throws c10::Error. Not thread-safe.
class GraphedFunction {
 public:
  using Function = std::function<at::Tensor(const at::Tensor&)>;
  static constexpr int kCallsBefore = 2;

  // enabled: false for a function that is never to be captured.
  GraphedFunction(Function function, bool enabled);

  at::Tensor operator()(const at::Tensor& x);

  // Gives back what was captured, and its memory.
  void forget() { shapes_.clear(); }

 private:
  struct Captured;
  struct Shape {
    int calls = 0;
    std::shared_ptr<Captured> captured;
  };

  Function function_;
  bool enabled_;
  std::map<std::vector<std::int64_t>, Shape> shapes_;  // by the input's sizes
};

}  // namespace latentreel::models
