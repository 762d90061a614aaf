#pragma once

#include <filesystem>
#include <string>

#include "scenes/scene.h"

namespace latentreel::cli {

// "3.4 MB": for people, in powers of 1000.
std::string format_bytes(double bytes);

// Where the film of a scene goes by default: the scene's name with its codec's extension, in the
// working directory.
std::filesystem::path default_film(const std::filesystem::path& scene_file,
                                   const scenes::Scene& scene);

}  // namespace latentreel::cli
