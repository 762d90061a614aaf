#pragma once

#include <filesystem>
#include <string>

#include "src/cluster/settings.h"

namespace latentreel::cluster::testing {

struct Ran {
  int code = -1;  // exit code, or 128 + signal
  std::string out;
};

// `sh -c command` in that folder, with `first_in_path` before PATH's folders.
Ran run_shell(const std::string& command, const std::filesystem::path& folder,
              const std::filesystem::path& first_in_path = {});

// Writes them into the folder; every .sh among them has to be one for sh.
void write_scripts(const std::vector<Script>& scripts, const std::filesystem::path& folder);

// A program of that name in `folder`: a shell script with this body.
void write_program(const std::filesystem::path& file, const std::string& body);

bool is_installed(const std::string& program);

}  // namespace latentreel::cluster::testing
