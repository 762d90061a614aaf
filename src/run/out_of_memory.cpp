#include "src/run/out_of_memory.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <new>
#include <string_view>
#include <system_error>

namespace latentreel::render {
namespace {

// Those that have no type of their own: the CPU's allocator, CUDA's driver, cuBLAS and cuDNN.
bool names_memory(std::string_view text) {
  const auto says = [&](std::string_view words) { return text.find(words) != text.npos; };
  return says("DefaultCPUAllocator") || says("CUDA error: out of memory") ||
         says("CUBLAS_STATUS_ALLOC_FAILED") || says("CUDNN_STATUS_ALLOC_FAILED");
}

// oneDNN's exceptions, whose type LibTorch's headers do not show. It prepares the same operations
// while memory suffices, so its not being able to has no other cause here.
bool is_from_onednn(std::string_view text) {
  return text == "could not create a primitive" ||
         text == "could not create a primitive descriptor" ||
         text == "could not execute a primitive" || text == "could not create a memory object" ||
         text == "could not create a memory";
}

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  if (const auto* system = dynamic_cast<const std::system_error*>(&error)) {
    return system->code() == std::errc::resource_unavailable_try_again ||
           system->code() == std::errc::not_enough_memory;
  }
  if (const auto* torch = dynamic_cast<const c10::Error*>(&error)) {
    return names_memory(torch->what_without_backtrace());
  }
  return is_from_onednn(error.what());
}

void say_if_memory_is_short(Jobs* jobs, Progress& progress) {
  if (jobs == nullptr || !jobs->memory().is_news()) return;
  progress.report(Warning{fmt::format(
      "out of memory with {} jobs side by side; going on with one at a time. The film is the "
      "same; with fewer --jobs it is made sooner",
      jobs->count())});
}

}  // namespace latentreel::render
