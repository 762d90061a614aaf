#include "src/cluster/program_call.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "src/cluster/error.h"
#include "src/files/error.h"

namespace latentreel::cluster {
namespace {

[[noreturn]] void fail_call(const std::string& program, int error) {
  throw ClusterError(ClusterError::Kind::unavailable,
                     fmt::format("starting {}: {}. Is it installed here, and in PATH?",
                                 files::quoted(program), std::strerror(error)));
}

// A pipe whose ends are closed with it and are not inherited.
class CallPipe {
 public:
  explicit CallPipe(const std::string& program) {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail_call(program, errno);
  }
  ~CallPipe() {
    close_writing();
    ::close(ends_[0]);
  }
  CallPipe(const CallPipe&) = delete;
  CallPipe& operator=(const CallPipe&) = delete;

  int writing() const { return ends_[1]; }

  void close_writing() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

  std::string read_all() const {
    std::string all;
    std::array<char, 4096> part{};
    while (true) {
      const auto size = ::read(ends_[0], part.data(), part.size());
      if (size > 0) {
        all.append(part.data(), static_cast<std::size_t>(size));
      } else if (size == 0 || errno != EINTR) {
        return all;
      }
    }
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

// SIGPIPE and SIGXFSZ are ignored in this program, which programs it starts would inherit.
class CallAttributes {
 public:
  CallAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions_);
  }
  ~CallAttributes() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  CallAttributes(const CallAttributes&) = delete;
  CallAttributes& operator=(const CallAttributes&) = delete;

  void write_to(int descriptor) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor, STDOUT_FILENO);
  }

  pid_t start(const std::vector<std::string>& arguments) const {
    std::vector<char*> words;
    for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    pid_t process = -1;
    const int error =
        posix_spawnp(&process, words.front(), &actions_, &attributes_, words.data(), environ);
    if (error != 0) fail_call(arguments.front(), error);
    return process;
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

int wait_for_exit(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

CallResult call_program(const std::vector<std::string>& arguments, Output output) {
  CallPipe pipe(arguments.front());
  CallAttributes attributes;
  if (output == Output::collected) attributes.write_to(pipe.writing());
  const auto process = attributes.start(arguments);
  pipe.close_writing();
  CallResult result;
  result.out = pipe.read_all();
  result.code = wait_for_exit(process);
  return result;
}

}  // namespace latentreel::cluster
