#include "src/cli/watching.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/cli/sizes.h"

namespace latentreel::cli {
namespace {

// Files on a file system that machines share are seen some time after the job that wrote them
// ended: by NFS's usual settings up to a minute. Where a job has failed, no film is waited for.
constexpr double kSecondsUntilSeen = 90;
constexpr double kSecondsOfAFailure = 4;

bool on_terminal() {
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && term != nullptr && std::string(term) != "dumb";
}

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// Rows that the text takes on the terminal, long lines being broken.
std::size_t rows_of(const std::string& text) {
  const auto columns = terminal_columns();
  std::size_t rows = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows += std::max<std::size_t>((line.size() + columns - 1) / columns, 1);
  }
  return rows;
}

class Screen {
 public:
  explicit Screen(double seconds) : terminal_(on_terminal()), seconds_(seconds) {}

  void show(const Look& look) {
    if (terminal_) {
      const auto text =
          look.text + fmt::format("(every {:g} s; Ctrl-C ends the watch alone)\n", seconds_);
      if (rows_ > 0) std::cout << fmt::format("\x1b[{}A\r\x1b[J", rows_);
      std::cout << text << std::flush;
      rows_ = rows_of(text);
    } else if (look.line != line_) {
      const auto now = std::time(nullptr);
      std::cout << std::put_time(std::localtime(&now), "%H:%M:%S ") << look.line << std::endl;
      line_ = look.line;
    }
  }

  // The last look is there already on a terminal.
  void end(const Look& look) const {
    if (!terminal_) std::cout << look.text;
  }

 private:
  bool terminal_;
  double seconds_;
  std::size_t rows_ = 0;
  std::string line_;
};

using Clock = std::chrono::steady_clock;

// False where a signal came meanwhile.
bool wait(double seconds) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end && !stop_token().requested()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return !stop_token().requested();
}

}  // namespace

int watch(const std::function<Look()>& look, double seconds) {
  Screen screen(seconds);
  std::cerr << fmt::format("latentreel: looking every {:g} s; Ctrl-C ends the watch alone\n",
                           seconds);
  std::optional<Clock::time_point> failed;  // when that was first seen
  while (true) {
    const auto now = look();
    screen.show(now);
    bool over = now.state == Look::State::done;
    if (now.state != Look::State::failed) {
      failed.reset();
    } else {
      if (!failed) failed = Clock::now();
      const double patience = now.code == kTryAgain ? kSecondsUntilSeen : kSecondsOfAFailure;
      over = Clock::now() - *failed >= std::chrono::duration<double>(patience);
    }
    if (over) {
      screen.end(now);
      return now.code;
    }
    if (!wait(failed ? std::min(seconds, 2.0) : seconds)) {
      return stop_token().signal() == SIGTERM ? exit_code_of_term() : kInterrupted;
    }
  }
}

}  // namespace latentreel::cli
