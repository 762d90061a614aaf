#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace latentreel::models {

// SHA-256 as 64 lower-case hexadecimal digits. A file is read once, in pieces; throws WeightsError
// (missing) where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);
std::string sha256_of(std::span<const std::byte> bytes);

}  // namespace latentreel::models
