#include "models/ops/device_graph.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>

namespace latentreel::models {
namespace {

constexpr auto kDeviceTypes = static_cast<size_t>(c10::DeviceType::COMPILE_TIME_MAX_DEVICE_TYPES);

MakeGraphCapturer& capturer_of(c10::DeviceType type) {
  static std::array<MakeGraphCapturer, kDeviceTypes> makers = {};
  return makers.at(static_cast<size_t>(type));
}

}  // namespace

void register_graph_capturer(c10::DeviceType type, MakeGraphCapturer make) {
  capturer_of(type) = make;
}

bool has_graph_capturer(c10::DeviceType type) {
  return capturer_of(type) != nullptr;
}

// The tensors whose memory the two graphs read and write.
struct GraphedFunction::Captured {
  Captured(const Function& function, const at::Tensor& like)
      : x(like.detach().clone().requires_grad_()),
        capturer(capturer_of(like.device().type())(like.device())) {
    forward = capturer->capture([&] { y = function(x); });
    y_gradient = at::zeros_like(y);
    backward = capturer->capture([&] {
      x_gradient = torch::autograd::grad({y}, {x}, {y_gradient}, /*retain_graph=*/true)[0];
    });
  }

  at::Tensor call(const at::Tensor& input) {
    const at::NoGradGuard no_gradient;
    x.detach().copy_(input);
    forward->replay();
    ++calls;
    return y.detach().clone();
  }

  at::Tensor gradient(const at::Tensor& incoming, int64_t of_call) {
    TORCH_CHECK(of_call == calls, "a gradient of call ", of_call,
                " of a captured function, after call ", calls);
    const at::NoGradGuard no_gradient;
    y_gradient.copy_(incoming);
    backward->replay();
    return x_gradient.detach().clone();
  }

  at::Tensor x, y, y_gradient, x_gradient;
  std::unique_ptr<GraphCapturer> capturer;
  std::unique_ptr<DeviceGraph> forward, backward;
  int64_t calls = 0;

  struct Call;
};

namespace {

// How the steps of autograd hold a captured function.
template <class Captured>
struct Holder : torch::CustomClassHolder {
  explicit Holder(std::shared_ptr<Captured> held) : captured(std::move(held)) {}
  std::shared_ptr<Captured> captured;
};

}  // namespace

struct GraphedFunction::Captured::Call : torch::autograd::Function<Call> {
  using Context = torch::autograd::AutogradContext;

  static at::Tensor forward(Context* ctx, const at::Tensor& x,
                            const std::shared_ptr<Captured>& captured) {
    auto y = captured->call(x);
    ctx->saved_data["captured"] =
        c10::IValue::make_capsule(c10::make_intrusive<Holder<Captured>>(captured));
    ctx->saved_data["call"] = captured->calls;
    return y;
  }

  static torch::autograd::variable_list backward(Context* ctx,
                                                 torch::autograd::variable_list gradients) {
    const auto holder = ctx->saved_data["captured"].toCapsule();
    auto& captured = *static_cast<Holder<Captured>&>(*holder).captured;
    return {captured.gradient(gradients[0], ctx->saved_data["call"].toInt()), at::Tensor()};
  }
};

GraphedFunction::GraphedFunction(Function function, bool enabled)
    : function_(std::move(function)), enabled_(enabled) {}

at::Tensor GraphedFunction::operator()(const at::Tensor& x) {
  const bool differentiated = at::GradMode::is_enabled() && x.requires_grad();
  if (!enabled_ || !differentiated || !has_graph_capturer(x.device().type())) return function_(x);
  auto& shape = shapes_[x.sizes().vec()];
  if (++shape.calls <= kCallsBefore) return function_(x);
  if (!shape.captured) shape.captured = std::make_shared<Captured>(function_, x);
  return Captured::Call::apply(x, shape.captured);
}

}  // namespace latentreel::models
