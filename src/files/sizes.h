#pragma once

#include <string>

namespace latentreel::files {

// A number of bytes for people, in powers of 1000: "512 B", "3.4 MB", "345 MB", "1.2 GB".
std::string format_bytes(double bytes);

}  // namespace latentreel::files
