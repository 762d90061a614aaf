#include "tests/cli/run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace latentreel::cli::testing {
namespace {

namespace fs = std::filesystem;

void redirect(int stream, const fs::path& file) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (descriptor < 0 || dup2(descriptor, stream) < 0) _exit(126);
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const fs::path& folder,
                         const fs::path& out, const fs::path& error) {
  redirect(STDOUT_FILENO, out);
  redirect(STDERR_FILENO, error);
  if (chdir(folder.c_str()) != 0) _exit(126);
  setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1);
  std::string program = LATENTREEL_BUILD_DIR "/src/cli/latentreel";
  std::vector<char*> argv = {program.data()};
  auto copies = arguments;
  for (auto& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  _exit(127);
}

}  // namespace

Result run(const std::vector<std::string>& arguments, const fs::path& folder,
           const std::string& interrupt_at) {
  const auto out = folder / ".out", error = folder / ".error";
  const pid_t child = fork();
  if (child == 0) become(arguments, folder, out, error);
  int status = 0;
  bool interrupted = interrupt_at.empty();
  while (waitpid(child, &status, interrupted ? 0 : WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (read_file(error).find(interrupt_at) == std::string::npos) continue;
    kill(child, SIGINT);
    interrupted = true;
  }
  Result result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(out);
  result.error = read_file(error);
  fs::remove(out);
  fs::remove(error);
  return result;
}

Folder::Folder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  path_ = fs::temp_directory_path() / (std::string("latentreel-") + test->test_suite_name() + "-" +
                                       test->name() + "-" + std::to_string(getpid()));
  fs::remove_all(path_);
  fs::create_directories(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name, std::ios::binary) << text;
  return path_ / name;
}

int Folder::unfinished() const {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (entry.path().extension() == ".part") ++count;
  }
  return count;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace latentreel::cli::testing
