#include "src/run/device.h"

#include <ATen/Context.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "models/cuda/plug_in.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

// The driver's own sign that an NVIDIA GPU is there; costs nothing to look at.
bool has_nvidia_driver() {
  std::error_code ignored;
  return std::filesystem::exists("/proc/driver/nvidia/version", ignored);
}

// Empty when CUDA can be used, else why not. The library registers itself with LibTorch when
// loaded.
std::string load_cuda() {
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return fmt::format("LibTorch's CUDA library could not be loaded ({})", dlerror());
  }
  if (!at::hasCUDA()) return "LibTorch finds no usable CUDA device (driver missing or too old?)";
  return {};
}

// Loads what of our own needs CUDA's headers: it lies beside the program, or where it was built. A
// program that was built without CUDA's toolkit has none, and does without. A warning where there
// is one that cannot be loaded, else empty.
std::string load_plug_in() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::array folders = {program.parent_path(), std::filesystem::path(LATENTREEL_CUDA_FOLDER)};
  for (const auto& folder : folders) {
    const auto file = folder / "liblatentreel_cuda.so";
    if (!std::filesystem::exists(file, ignored)) continue;
    void* const library = dlopen(file.c_str(), RTLD_NOW);
    void* const found =
        library == nullptr ? nullptr : dlsym(library, "latentreel_cuda_graph_capturer");
    if (found == nullptr) {
      return fmt::format("continuing without CUDA graphs: {} could not be loaded ({})",
                         file.string(), dlerror());
    }
    const auto capturer = reinterpret_cast<decltype(&latentreel_cuda_graph_capturer)>(found);
    models::register_graph_capturer(c10::kCUDA, capturer());
    return {};
  }
  return {};
}

int cuda_device_count() {
  return static_cast<int>(at::detail::getCUDAHooks().deviceCount());
}

}  // namespace

bool is_device_name(const std::string& name) {
  if (name == "auto" || name == "cpu" || name == "cuda") return true;
  return name.size() > 5 && name.size() < 9 && name.rfind("cuda:", 0) == 0 &&
         name.find_first_not_of("0123456789", 5) == std::string::npos;
}

DeviceChoice resolve_device(const std::string& name) {
  if (name == "cpu") return {};
  if (name == "auto" && !has_nvidia_driver()) return {};
  const auto problem = load_cuda();
  if (!problem.empty()) {
    if (name == "auto") {
      return {.warning =
                  fmt::format("this machine has an NVIDIA GPU, but {}; using the CPU", problem)};
    }
    throw RenderError(RenderError::Kind::device,
                      fmt::format("using --device {}: {}. Try --device cpu.", name, problem));
  }
  const int index = name.size() > 5 ? std::stoi(name.substr(5)) : 0;
  if (index >= cuda_device_count()) {
    throw RenderError(RenderError::Kind::device,
                      fmt::format("using --device {}: this machine has {} CUDA device(s), "
                                  "counted from 0.",
                                  name, cuda_device_count()));
  }
  return {.device = c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index)),
          .warning = load_plug_in()};
}

}  // namespace latentreel::render
