#include "tests/cli/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
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
                         const fs::path& out, const fs::path& error,
                         const Surroundings& surroundings) {
  redirect(STDOUT_FILENO, out);
  redirect(STDERR_FILENO, error);
  if (chdir(folder.c_str()) != 0) _exit(126);
  setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1);
  for (const auto& [name, value] : surroundings.environment) setenv(name.c_str(), value.c_str(), 1);
  std::string program = LATENTREEL_BUILD_DIR "/src/cli/latentreel";
  std::vector<char*> argv = {program.data()};
  auto copies = arguments;
  for (auto& argument : copies) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (surroundings.before) surroundings.before();
  execv(program.c_str(), argv.data());
  _exit(127);
}

// Several may run in one folder.
fs::path stream_file(const fs::path& folder, const char* name) {
  static int counter = 0;
  return folder / fmt::format(".{}-{}", name, counter++);
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments, const fs::path& folder,
                 const Surroundings& surroundings)
    : out_(stream_file(folder, "out")), error_(stream_file(folder, "error")) {
  process_ = fork();
  if (process_ == 0) become(arguments, folder, out_, error_, surroundings);
}

Program::~Program() {
  if (!ended_) send(SIGKILL);
  wait();
}

bool Program::ended() {
  siginfo_t what{};
  return ended_ ||
         (waitid(P_PID, static_cast<id_t>(process_), &what, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          what.si_pid == process_);
}

bool Program::says(const std::string& text) {
  while (true) {
    const bool last = ended();  // asked first: what it said before it ended counts
    if (read_file(error_).find(text) != std::string::npos) return true;
    if (last) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void Program::handles(int signal) {
  const auto status = fs::path("/proc") / std::to_string(process_) / "status";
  const std::string field = "SigCgt:\t";
  while (!ended()) {
    const auto text = read_file(status);
    const auto at = text.find(field);
    if (at != std::string::npos &&
        (std::stoull(text.substr(at + field.size(), 16), nullptr, 16) >> (signal - 1) & 1) != 0) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Result Program::wait() {
  if (ended_) return result_;
  int status = 0;
  rusage usage{};
  wait4(process_, &status, 0, &usage);
  ended_ = true;
  result_.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result_.out = read_file(out_);
  result_.error = read_file(error_);
  result_.most_memory = usage.ru_maxrss;
  std::error_code ignored;
  fs::remove(out_, ignored);
  fs::remove(error_, ignored);
  return result_;
}

Result run(const std::vector<std::string>& arguments, const fs::path& folder,
           const std::string& interrupt_at) {
  Program program(arguments, folder);
  if (!interrupt_at.empty() && program.says(interrupt_at)) program.send(SIGINT);
  return program.wait();
}

Result run_in(const Surroundings& surroundings, const std::vector<std::string>& arguments,
              const fs::path& folder) {
  return Program(arguments, folder, surroundings).wait();
}

int Folder::unfinished() const {
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path())) {
    if (entry.path().extension() == ".part") ++count;
  }
  return count;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int asked(const char* name, int by_default) {
  const char* text = std::getenv(name);
  return text == nullptr ? by_default : std::max(1, std::atoi(text));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace latentreel::cli::testing
