#include "src/cli/signals.h"

#include <unistd.h>

#include <csignal>

namespace latentreel::cli {
namespace {

void on_signal(int signal) {
  if (stop_token().requested()) _exit(128 + signal);
  stop_token().request(signal);
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
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace latentreel::cli
