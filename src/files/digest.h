#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace latentreel::files {

// SHA-256 as 64 lower-case hexadecimal digits, of `label` and the bytes after it. A file is read
// once, in pieces; throws FileError (cannot_read) where it cannot be. One that another machine
// replaces meanwhile (ESTALE) is opened again.
std::string sha256_of_file(const std::filesystem::path& path, std::string_view label = {});
std::string sha256_of(std::span<const std::byte> bytes, std::string_view label = {});
// Of the bytes of a text.
std::string sha256_of_text(std::string_view text);

}  // namespace latentreel::files
