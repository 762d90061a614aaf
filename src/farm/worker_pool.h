#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/farm/task_board.h"
#include "src/run/stop.h"

namespace latentreel::farm {

// The result of a task.
struct Outcome {
  Ticket ticket;
  int code = 0;         // an exit code: 0 done
  std::string message;  // of an error
  double seconds = 0;
};

// Processes that each do one task at a time. A worker is a program that reads lines "FILM TASK" on
// standard input and answers each with "CODE SECONDS MESSAGE" on standard output; it ends at the
// end of its input. Each device has a process of its own, so that LibTorch's state, a crash or a
// lack of memory in one does not affect the others.
class WorkerPool {
 public:
  // Starts one process for each command line. Throws RenderError (cannot_create).
  explicit WorkerPool(const std::vector<std::vector<std::string>>& commands);
  ~WorkerPool();  // ends the workers and waits for them
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Hands out all tasks of the board and calls `report` with the outcome of each. A worker that
  // died is reported as code 70 for its task, and the others go on; with no worker left, what
  // remains is not done. Once `stop` is requested nothing more is handed out, the workers are asked
  // to stop too, and their answers are waited for.
  void run(TaskBoard& board, const render::StopToken& stop,
           const std::function<void(const Outcome&)>& report);

 private:
  struct Worker {
    pid_t process = -1;
    int to = -1, from = -1;
    std::string received;  // not yet a whole line
    std::optional<Ticket> task;
    std::optional<size_t> last_film;

    bool alive() const { return process > 0; }
  };
  void start(Worker& worker, const std::vector<std::string>& command);
  void hand_out(TaskBoard& board);
  bool any_busy() const;
  void wait_for_answers(TaskBoard& board, const std::function<void(const Outcome&)>& report);
  void read_from(Worker& worker, TaskBoard& board,
                 const std::function<void(const Outcome&)>& report);
  void answer(Worker& worker, const std::string& line, TaskBoard& board,
              const std::function<void(const Outcome&)>& report);
  void handle_death(Worker& worker, TaskBoard& board,
                    const std::function<void(const Outcome&)>& report);
  void close(Worker& worker) noexcept;

  std::vector<Worker> workers_;
};

}  // namespace latentreel::farm
