#pragma once

#include <filesystem>

// Where a user's files go, as the XDG base directories are specified: a folder that is not absolute
// counts as not given. The home folder is HOME's, else the account's; where there is none (as in a
// container whose user has no account), what lies below it is empty.

namespace latentreel::files {

std::filesystem::path home_folder();

// For what is kept: $XDG_DATA_HOME/latentreel, else ~/.local/share/latentreel.
std::filesystem::path user_data_folder();

// For what can be made again: $XDG_CACHE_HOME/latentreel, else ~/.cache/latentreel.
std::filesystem::path user_cache_folder();

// For a user without a home: latentreel-UID where temporary files go, made where it is not there.
// Others may make files there too, so the folder is one only if it is this user's and nobody else
// may enter it. Throws FileError (cannot_create).
std::filesystem::path private_temporary_folder();

}  // namespace latentreel::files
