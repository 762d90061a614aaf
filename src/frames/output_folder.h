#pragma once

#include <filesystem>

namespace latentreel::render {

// Creates the folder that a command will write into, checks that files can be created there (better
// known before hours of work than after), and removes unfinished files that killed runs left.
// Throws RenderError (cannot_create).
void prepare_folder(const std::filesystem::path& folder);

}  // namespace latentreel::render
