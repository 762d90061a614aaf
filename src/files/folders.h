#pragma once

#include <filesystem>
#include <vector>

namespace latentreel::files {

// The folders that `file` is to be in and that are not there, the innermost first.
std::vector<std::filesystem::path> missing_folders(const std::filesystem::path& file);

// Makes them. Throws FileError (cannot_create).
void make_folders_for(const std::filesystem::path& file);

}  // namespace latentreel::files
