#pragma once

#include <filesystem>

#include "src/library/pack.h"

// pack.json, read and written.

namespace latentreel::library {

inline constexpr const char* kPackRecord = "pack.json";

// Throws LibraryError (invalid).
PackRecord parse_pack_record(const std::filesystem::path& file);
// Throws FileError.
void write_pack_record(const std::filesystem::path& file, const PackRecord& record);

}  // namespace latentreel::library
