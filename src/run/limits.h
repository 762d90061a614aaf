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

// How many cores' time the control groups of this process allow it; nothing where they do not say.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

}  // namespace latentreel::render
