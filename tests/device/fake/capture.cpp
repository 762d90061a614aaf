#include "tests/device/fake/capture.h"

#include <ATen/ATen.h>
#include <ATen/native/CPUFallback.h>

#include <atomic>
#include <optional>

#include "tests/device/fake/memory.h"

namespace latentreel::testing {
namespace {

using torch::jit::Stack;

// Holding what a call was given and made keeps their memory for the replays.
struct Call {
  c10::OperatorHandle op;
  Stack arguments, results;
};

using Tape = std::vector<Call>;

std::atomic<Tape*> tape{nullptr};  // where calls are noted while work is captured
std::atomic<int> captures{0};

// How deep this thread is in operators that run on the CPU: copies on the way are not the
// program's.
thread_local int on_the_way = 0;

class TapeGraph final : public models::DeviceGraph {
 public:
  explicit TapeGraph(Tape calls) : calls_(std::move(calls)) {}

  // What an operator makes anew goes to where it was when it was captured; what it wrote in place
  // is there already.
  void replay() override {
    const at::NoGradGuard no_gradient;
    for (const auto& call : calls_) {
      auto stack = call.arguments;
      run_on_cpu(call.op, &stack);
      const auto made = tensors_in(stack), captured = tensors_in(call.results);
      for (size_t i = 0; i < made.size(); ++i) {
        if (!made[i].is_same(captured[i])) on_host(captured[i]).copy_(on_host(made[i]));
      }
    }
  }

 private:
  Tape calls_;
};

class TapeCapturer final : public models::GraphCapturer {
 public:
  std::unique_ptr<models::DeviceGraph> capture(const std::function<void()>& work) override {
    Tape calls;
    TORCH_CHECK(tape.exchange(&calls) == nullptr, "two captures at once");
    const struct End {
      ~End() { tape = nullptr; }
    } end;
    work();
    ++captures;
    return std::make_unique<TapeGraph>(std::move(calls));
  }
};

}  // namespace

// LibTorch's own way of doing it: copies to the CPU, the CPU's operator, and copies back.
void run_on_cpu(const c10::OperatorHandle& op, Stack* stack) {
  const struct Way {
    Way() { ++on_the_way; }
    ~Way() { --on_the_way; }
  } way;
  at::native::cpu_fallback(op, stack);
}

bool is_capturing() {
  return on_the_way == 0 && tape != nullptr;
}

void refuse_while_capturing(const std::string& what) {
  TORCH_CHECK(!is_capturing(), "the work of a device is being captured, and ", what);
}

void note_call(const c10::OperatorHandle& op, Stack arguments, Stack results) {
  tape.load()->push_back(Call{op, std::move(arguments), std::move(results)});
}

std::unique_ptr<models::GraphCapturer> make_fake_capturer(c10::Device) {
  return std::make_unique<TapeCapturer>();
}

int captures_made() {
  return captures;
}

std::vector<at::Tensor> tensors_in(c10::ArrayRef<c10::IValue> values) {
  std::vector<at::Tensor> tensors;
  for (const auto& value : values) {
    if (value.isTensor()) {
      tensors.push_back(value.toTensor());
    } else if (value.isTensorList()) {
      for (const at::Tensor& tensor : value.toTensorVector()) tensors.push_back(tensor);
    } else if (value.isOptionalTensorList()) {
      for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorVector()) {
        if (tensor) tensors.push_back(*tensor);
      }
    }
  }
  std::erase_if(tensors, [](const at::Tensor& tensor) { return !tensor.defined(); });
  return tensors;
}

}  // namespace latentreel::testing
