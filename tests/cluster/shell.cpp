#include "tests/cluster/shell.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "src/cluster/shell_text.h"

namespace latentreel::cluster::testing {

namespace fs = std::filesystem;

Ran run_shell(const std::string& command, const fs::path& folder, const fs::path& first_in_path) {
  auto call = "cd -- " + shell_quoted(folder.string()) + " || exit 99\n";
  if (!first_in_path.empty()) {
    call += "PATH=" + shell_quoted(first_in_path.string()) + ":$PATH\n";
  }
  call += command;
  Ran ran;
  FILE* pipe = ::popen(call.c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 4096> part{};
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) {
    ran.out.append(part.data(), size);
  }
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

void write_scripts(const std::vector<Script>& scripts, const fs::path& folder) {
  fs::create_directories(folder);
  for (const auto& script : scripts) {
    std::ofstream(folder / script.name, std::ios::binary) << script.text;
    if (!script.name.ends_with(".sh")) continue;
    EXPECT_EQ(run_shell("sh -n " + script.name, folder).code, 0) << script.text;
  }
}

void write_program(const fs::path& file, const std::string& body) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "#!/bin/sh\n" << body;
  fs::permissions(file, fs::perms::owner_all);
}

bool is_installed(const std::string& program) {
  return run_shell("command -v " + program + " >/dev/null", "/").code == 0;
}

}  // namespace latentreel::cluster::testing
