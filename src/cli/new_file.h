#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace latentreel::cli {

// Writes a file that is somebody's work from now on: never replaces one. `what` it is, for
// messages: "scene". Makes missing folders. Throws render::RenderError (cannot_create,
// write_failed).
void write_new_file(const std::filesystem::path& file, std::string_view text,
                    const std::string& what);

}  // namespace latentreel::cli
