#include "src/cli/signals.h"

#include <errno.h>  // program_invocation_short_name
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>

#include "models/files/mapped_file.h"
#include "src/cli/exit_codes.h"

namespace latentreel::cli {
namespace {

void on_signal(int signal) {
  if (stop_token().requested()) _exit(128 + signal);
  stop_token().request(signal);
}

// As far as standard error takes it: there is nobody left to tell otherwise.
void say(const char* text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text));
}

// Nothing but calls that a handler may make (signal-safety(7)).
void on_lost_contents(int signal, siginfo_t* info, void*) {
  const bool is_of_memory = info->si_code > 0;  // not sent by a program: then it has no address
  const char* file = is_of_memory ? models::mapped_file_at(info->si_addr) : nullptr;
  if (file == nullptr) {  // something else: the end is that without a handler
    std::signal(signal, SIG_DFL);
    ::raise(signal);  // delivered on return
    return;
  }
  static std::atomic<bool> told = false;
  while (told.exchange(true)) ::pause();  // another thread is telling, and ends the program
  say(program_invocation_short_name);
  say(": reading \"");
  say(file);
  say("\": its contents are gone. The file was cut or replaced while it was in use, or its disk or "
      "server failed. What was done is kept; run the same command again, which looks at what is "
      "there now. Replace files in use by renaming others to their names.\n");
  _exit(kTryAgain);
}

}  // namespace

render::StopToken& stop_token() {
  static render::StopToken token;
  return token;
}

void install_signal_handlers() {
  stop_token();  // constructed before any handler may run
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction lost {};
  lost.sa_sigaction = on_lost_contents;
  sigemptyset(&lost.sa_mask);
  lost.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &lost, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace latentreel::cli
