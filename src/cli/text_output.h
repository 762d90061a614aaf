#pragma once

#include <filesystem>
#include <string_view>

namespace latentreel::cli {

// Writes a text file, which appears whole or not at all. Throws MediaError (cannot_create,
// write_failed).
void write_text(const std::filesystem::path& file, std::string_view text);

}  // namespace latentreel::cli
