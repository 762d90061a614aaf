#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace latentreel::models {

// SHA-256 as 64 lower-case hexadecimal digits, of `label` and the bytes after it. A file is read
// once, in pieces; throws WeightsError (missing) where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path, std::string_view label = {});
std::string sha256_of(std::span<const std::byte> bytes, std::string_view label = {});

}  // namespace latentreel::models
