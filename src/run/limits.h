#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace latentreel::render {

// Bytes that this process can still allocate without driving out others: what the kernel calls
// available, or what the limits of its control groups or of its address space (ulimit -v) leave
// where that is less. Nothing where none is known. `root` is the folder in which proc and sys lie,
// another one in tests.
std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

// Throws RenderError (device) where the address space is limited (ulimit -v) so tightly that an
// allocation of LibTorch's libraries would fail in places where they do not expect it: they were
// seen to end the process by a signal. To be called before a device computes.
void check_address_space(const std::filesystem::path& root = "/");

// How many cores' time the control groups of this process allow it; nothing where they do not say.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

}  // namespace latentreel::render
