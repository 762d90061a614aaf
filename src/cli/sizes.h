#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "scenes/scene.h"

namespace latentreel::cli {

// "3.4 MB": for people, in powers of 1000.
std::string format_bytes(double bytes);

// The reverse: "0", "500M", "20G", "1.5 GB"; nothing for another text.
std::optional<std::uint64_t> parse_bytes(const std::string& text);

// Seconds: "90", "90s", "30m", "1.5h"; nothing for another text or for no time at all.
std::optional<double> parse_duration(const std::string& text);

// Where the film of a scene goes by default: the scene's name with its codec's extension, in the
// working directory.
std::filesystem::path default_film(const std::filesystem::path& scene_file,
                                   const scenes::Scene& scene);

}  // namespace latentreel::cli
