#include "src/farm/worker_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "src/run/error.h"

namespace latentreel::farm {
namespace {

using render::RenderError;

constexpr int kDied = 70;          // the exit code that its task is given
constexpr int kLookForStop = 200;  // milliseconds

[[noreturn]] void become(const std::vector<std::string>& command, int in, int out) {
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  // Ctrl-C reaches the whole group of a terminal: the one who hands out decides.
  ::setpgid(0, 0);
  auto copies = command;
  std::vector<char*> arguments;
  for (auto& argument : copies) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::pair<int, int> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) {
    throw RenderError(RenderError::Kind::cannot_create,
                      fmt::format("starting a worker: {}. Close other programs and try again.",
                                  std::strerror(errno)));
  }
  return {ends[0], ends[1]};
}

}  // namespace

WorkerPool::WorkerPool(const std::vector<std::vector<std::string>>& commands)
    : workers_(commands.size()) {
  for (size_t i = 0; i < commands.size(); ++i) start(workers_[i], commands[i]);
}

WorkerPool::~WorkerPool() {
  for (auto& worker : workers_) close(worker);
}

void WorkerPool::start(Worker& worker, const std::vector<std::string>& command) {
  const auto [task_read, task_write] = make_pipe();
  const auto [answer_read, answer_write] = make_pipe();
  const pid_t process = ::fork();
  if (process == 0) become(command, task_read, answer_write);
  ::close(task_read);
  ::close(answer_write);
  worker.to = task_write;
  worker.from = answer_read;
  worker.process = process;
  if (process < 0) {
    const int error = errno;
    close(worker);
    throw RenderError(RenderError::Kind::cannot_create,
                      fmt::format("starting a worker: {}. Close other programs and try again.",
                                  std::strerror(error)));
  }
}

void WorkerPool::close(Worker& worker) noexcept {
  for (int* end : {&worker.to, &worker.from}) {
    if (*end >= 0) ::close(std::exchange(*end, -1));
  }
  if (worker.process > 0) {
    while (::waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  worker.process = -1;
}

bool WorkerPool::any_busy() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) { return worker.alive() && worker.task; });
}

void WorkerPool::hand_out(TaskBoard& board) {
  for (auto& worker : workers_) {
    if (!worker.alive() || worker.task) continue;
    const auto ticket = board.take(worker.last_film);
    if (!ticket) return;
    worker.task = ticket;
    worker.last_film = ticket->film;
    const auto line = fmt::format("{} {}\n", ticket->film, ticket->task);
    // A worker that is gone is found when its answer is read: the end of its output.
    [[maybe_unused]] const auto written = ::write(worker.to, line.data(), line.size());
  }
}

void WorkerPool::run(TaskBoard& board, const render::StopToken& stop,
                     const std::function<void(const Outcome&)>& report) {
  bool asked = false;
  while (true) {
    if (!stop.requested()) hand_out(board);
    if (!any_busy()) return;
    if (stop.requested() && !asked) {
      for (const auto& worker : workers_) {
        if (worker.alive()) ::kill(worker.process, SIGTERM);
      }
      asked = true;
    }
    wait_for_answers(board, report);
  }
}

void WorkerPool::wait_for_answers(TaskBoard& board,
                                  const std::function<void(const Outcome&)>& report) {
  std::vector<pollfd> ends;
  for (const auto& worker : workers_) ends.push_back({worker.from, POLLIN, 0});  // -1 is skipped
  if (::poll(ends.data(), ends.size(), kLookForStop) <= 0) return;
  for (size_t i = 0; i < ends.size(); ++i) {
    if (ends[i].revents != 0) read_from(workers_[i], board, report);
  }
}

void WorkerPool::read_from(Worker& worker, TaskBoard& board,
                           const std::function<void(const Outcome&)>& report) {
  std::array<char, 4096> buffer{};
  const auto got = ::read(worker.from, buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) return handle_death(worker, board, report);
  worker.received.append(buffer.data(), static_cast<size_t>(got));
  for (auto end = worker.received.find('\n'); end != std::string::npos;
       end = worker.received.find('\n')) {
    answer(worker, worker.received.substr(0, end), board, report);
    worker.received.erase(0, end + 1);
  }
}

void WorkerPool::answer(Worker& worker, const std::string& line, TaskBoard& board,
                        const std::function<void(const Outcome&)>& report) {
  if (!worker.task) return;
  Outcome outcome;
  outcome.ticket = *std::exchange(worker.task, std::nullopt);
  char* rest = nullptr;
  outcome.code = static_cast<int>(std::strtol(line.c_str(), &rest, 10));
  outcome.seconds = std::strtod(rest, &rest);
  if (*rest == ' ') outcome.message = rest + 1;
  if (outcome.code == 0) {
    board.finish(outcome.ticket);
  } else {
    board.fail(outcome.ticket);
  }
  report(outcome);
}

void WorkerPool::handle_death(Worker& worker, TaskBoard& board,
                              const std::function<void(const Outcome&)>& report) {
  const auto task = std::exchange(worker.task, std::nullopt);
  close(worker);
  if (!task) return;
  board.fail(*task);
  report({.ticket = *task,
          .code = kDied,
          .message = "the process that did " + task->task + " died",
          .seconds = 0});
}

}  // namespace latentreel::farm
