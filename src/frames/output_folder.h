#pragma once

#include <filesystem>

namespace latentreel::render {

// Makes the folder that a call is to write into, shows that files can be made there (better known
// before hours of work than after), and removes the unfinished ones that killed runs left. Throws
// RenderError (cannot_create).
void prepare_folder(const std::filesystem::path& folder);

}  // namespace latentreel::render
