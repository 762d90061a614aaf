#pragma once

#include <filesystem>

// Where a user's files go, as the XDG base directories are specified: a folder that is not absolute
// counts as not given. Empty where neither the variable nor HOME gives one.

namespace latentreel::files {

// For what is kept: $XDG_DATA_HOME/latentreel, else ~/.local/share/latentreel.
std::filesystem::path user_data_folder();

// For what can be made again: $XDG_CACHE_HOME/latentreel, else ~/.cache/latentreel.
std::filesystem::path user_cache_folder();

}  // namespace latentreel::files
