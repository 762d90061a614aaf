// The operators of the fake device: those that LibTorch needs of every device, and for all others
// the CPU's, behind the checks that a GPU makes.

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/DeviceGuard.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "tests/device/fake/capture.h"
#include "tests/device/fake/memory.h"
#include "tests/device/fake/runtime.h"

namespace latentreel::testing {
namespace {

using at::IntArrayRef;
using torch::jit::Stack;

template <class Names = std::initializer_list<std::string_view>>
bool is_one_of(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Operators whose indices may come from the host.
constexpr std::array<std::string_view, 3> kIndexed = {"aten::index", "aten::index_put_",
                                                      "aten::_index_put_impl_"};

// Operators of single elements take a number of the host beside tensors of the device; these do
// not.
bool takes_numbers_of_host(std::string_view name) {
  return !is_one_of(name,
                    {"aten::addmm", "aten::bmm", "aten::cat", "aten::embedding", "aten::gather",
                     "aten::index_select", "aten::mm", "aten::scatter", "aten::stack"});
}

void refuse_mixture(const c10::FunctionSchema& schema, c10::ArrayRef<c10::IValue> values) {
  const auto& name = schema.name();
  std::optional<c10::Device> device;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto& argument = schema.arguments()[i];
    const bool is_written = argument.alias_info() != nullptr && argument.alias_info()->isWrite();
    const bool tells_elements = argument.name() == "indices" && is_one_of(name, kIndexed);
    for (const auto& tensor : tensors_in(values.slice(i, 1))) {
      if (tensor.is_cpu() && !is_written) {
        if (tensor.dim() == 0 && takes_numbers_of_host(name)) continue;
        if (tells_elements) {
          refuse_while_capturing(name + " was given indices of the host");
          continue;
        }
      }
      if (!device) device = tensor.device();
      TORCH_CHECK(tensor.device() == *device, name, " was given tensors of two devices: ", *device,
                  " and ", tensor.device());
      if (tells_elements && tensor.scalar_type() == at::kBool) {
        refuse_while_capturing(name + " counts the elements that a mask lets through");
      }
    }
  }
}

// CUDA's norms want their numbers in one type.
void refuse_two_types(std::string_view name, c10::ArrayRef<c10::IValue> values) {
  if (!is_one_of(name, {"aten::native_group_norm", "aten::native_group_norm_backward",
                        "aten::native_layer_norm", "aten::native_layer_norm_backward"})) {
    return;
  }
  const auto tensors = tensors_in(values);
  for (const auto& tensor : tensors) {
    TORCH_CHECK(tensor.scalar_type() == tensors[0].scalar_type(), name,
                " was given numbers of two types: ", tensors[0].scalar_type(), " and ",
                tensor.scalar_type());
  }
}

// Those that have to look at a value before they know the shape of what they make.
void refuse_looking(std::string_view name) {
  if (is_one_of(name, {"aten::nonzero", "aten::masked_select", "aten::equal", "aten::is_nonzero",
                       "aten::_unique2", "aten::bincount", "aten::repeat_interleave"})) {
    refuse_while_capturing(std::string(name) + " waits for its end");
  }
}

void use_numbers_of_host(std::string_view name, c10::IValue& argument) {
  if (!argument.isGenerator()) return;
  refuse_while_capturing(std::string(name) + " draws random numbers with a generator of its own");
  const auto generator = argument.toGenerator();
  TORCH_CHECK(generator.device().type() == c10::kPrivateUse1, name,
              " was given a generator of the device ", generator.device());
  argument = numbers_of_host(generator);
}

c10::ArrayRef<c10::IValue> last_of(const Stack& stack, size_t count) {
  return c10::ArrayRef<c10::IValue>(stack).slice(stack.size() - count);
}

// Runs `op`, whose arguments are on the stack, on the CPU.
void run_as(const c10::OperatorHandle& op, Stack* stack) {
  const auto& name = op.schema().name();
  const auto count = op.schema().arguments().size();
  const auto arguments = last_of(*stack, count);
  refuse_mixture(op.schema(), arguments);
  refuse_two_types(name, arguments);
  refuse_looking(name);
  const bool captured = is_capturing();
  Stack given;
  if (captured) given = arguments.vec();
  for (auto value = stack->end() - static_cast<std::ptrdiff_t>(count); value != stack->end();
       ++value) {
    use_numbers_of_host(name, *value);
  }
  run_on_cpu(op, stack);
  if (captured)
    note_call(op, std::move(given), last_of(*stack, op.schema().returns().size()).vec());
}

void run(const c10::OperatorHandle& op, c10::DispatchKeySet, Stack* stack) {
  run_as(op, stack);
}

c10::OperatorHandle named(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "");
}

// What LibTorch calls for convolutions on devices that it does not know itself.
void run_convolution(const c10::OperatorHandle&, c10::DispatchKeySet, Stack* stack) {
  run_as(named("aten::convolution"), stack);
}

// Its arguments lack one that the CPU's operator has: the shape of the bias.
void run_convolution_backward(const c10::OperatorHandle&, c10::DispatchKeySet, Stack* stack) {
  constexpr size_t kArguments = 10, kWeight = 2, kTransposed = 6, kGroups = 8, kMask = 9;
  const auto first = stack->size() - kArguments;
  const auto weight = (*stack)[first + kWeight].toTensor();
  c10::IValue bias_shape;
  if ((*stack)[first + kMask].toBoolList().get(2)) {
    const bool transposed = (*stack)[first + kTransposed].toBool();
    bias_shape = std::vector<int64_t>{
        transposed ? weight.size(1) * (*stack)[first + kGroups].toInt() : weight.size(0)};
  }
  stack->insert(stack->begin() + static_cast<std::ptrdiff_t>(first + kWeight + 1), bias_shape);
  run_as(named("aten::convolution_backward"), stack);
}

c10::DispatchKeySet keys() {
  return c10::DispatchKeySet(c10::DispatchKey::PrivateUse1);
}

at::Tensor empty(IntArrayRef sizes, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device> device, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  const c10::OptionalDeviceGuard guard(device);
  return at::detail::empty_generic(sizes, &FakeMemory::of_both(), keys(),
                                   at::dtype_or_default(type), format);
}

at::Tensor empty_strided(IntArrayRef sizes, IntArrayRef strides, std::optional<at::ScalarType> type,
                         std::optional<at::Layout>, std::optional<at::Device> device,
                         std::optional<bool>) {
  const c10::OptionalDeviceGuard guard(device);
  return at::detail::empty_strided_generic(sizes, strides, &FakeMemory::of_both(), keys(),
                                           at::dtype_or_default(type));
}

const at::Tensor& resize(const at::Tensor& self, IntArrayRef sizes,
                         std::optional<at::MemoryFormat> format) {
  auto* const tensor = self.unsafeGetTensorImpl();
  tensor->set_sizes_contiguous(sizes);
  if (format) tensor->empty_tensor_restride(*format);
  auto* const storage = tensor->unsafe_storage().unsafeGetStorageImpl();
  const auto needed =
      static_cast<size_t>(tensor->storage_offset() + tensor->numel()) * tensor->itemsize();
  if (needed <= storage->nbytes()) return self;
  const c10::DeviceGuard guard(self.device());
  auto memory = FakeMemory::of_both().allocate(needed);
  if (storage->nbytes() > 0) {
    std::memcpy(host_address(memory.get()), host_address(storage->data_ptr().get()),
                storage->nbytes());
  }
  storage->set_data_ptr_noswap(std::move(memory));
  storage->set_nbytes(needed);
  return self;
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool) {
  if (!is_fake(from)) refuse_while_capturing("memory of the host was copied to it");
  if (!is_fake(to)) refuse_while_capturing("its memory was copied to the host");
  const at::NoGradGuard no_gradient;
  on_host(to).copy_(on_host(from));
  if (is_capturing()) note_call(named("aten::copy_"), {to, from, false}, {to});
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) to.resize_(from.sizes());
  const at::NoGradGuard no_gradient;
  on_host(to).copy_(on_host(from));
  return to;
}

at::Scalar number_of(const at::Tensor& self) {
  refuse_while_capturing("a value of it was read");
  return on_host(self).item();
}

// Whether a parameter may become one of this device: any of the host may, as of CUDA.
bool may_take_its_place(const at::Tensor&, const at::Tensor&) {
  return true;
}

}  // namespace

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&run>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", empty);
  m.impl("empty_strided", empty_strided);
  m.impl("resize_", resize);
  m.impl("as_strided", at::native::as_strided_tensorimpl);
  m.impl("view", at::native::view);
  m.impl("_reshape_alias", at::native::_reshape_alias);
  m.impl("unfold", at::native::unfold);
  m.impl("_copy_from", copy_from);
  m.impl("_copy_from_and_resize", copy_from_and_resize);
  m.impl("_local_scalar_dense", number_of);
  m.impl("_has_compatible_shallow_copy_type", may_take_its_place);
  // Devices that LibTorch knows have these whole; others get them in parts that want another order.
  m.impl("native_group_norm", torch::CppFunction::makeFromBoxedFunction<&run>());
  m.impl("native_layer_norm", torch::CppFunction::makeFromBoxedFunction<&run>());
  m.impl("convolution_overrideable", torch::CppFunction::makeFromBoxedFunction<&run_convolution>());
  m.impl("convolution_backward_overrideable",
         torch::CppFunction::makeFromBoxedFunction<&run_convolution_backward>());
}

TORCH_LIBRARY_IMPL(_, AutocastPrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, AutogradPrivateUse1, m) {
  m.impl("_has_compatible_shallow_copy_type", may_take_its_place);
}

}  // namespace latentreel::testing

// Mixed precision with the lists of operators that CUDA has. The macros name what is in
// at::autocast.
namespace at::autocast {
#define LATENTREEL_LOWER(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, lower_precision_fp)
#define LATENTREEL_FLOAT32(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, fp32)
#define LATENTREEL_PROMOTE(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, promote)
TORCH_LIBRARY_IMPL(aten, AutocastPrivateUse1, m) {
  AT_FORALL_LOWER_PRECISION_FP(LATENTREEL_LOWER)
  AT_FORALL_FP32(LATENTREEL_FLOAT32)
  AT_FORALL_PROMOTE(LATENTREEL_PROMOTE)
}
#undef LATENTREEL_LOWER
#undef LATENTREEL_FLOAT32
#undef LATENTREEL_PROMOTE
}  // namespace at::autocast
