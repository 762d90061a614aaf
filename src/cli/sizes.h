#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/files/sizes.h"

namespace latentreel::cli {

using files::format_bytes;

// The reverse of format_bytes: "0", "500M", "20G", "1.5 GB"; nothing for another text.
std::optional<std::uint64_t> parse_bytes(const std::string& text);

// Seconds: "90", "90s", "30m", "1.5h"; nothing for another text or for no time at all.
std::optional<double> parse_duration(const std::string& text);

}  // namespace latentreel::cli
