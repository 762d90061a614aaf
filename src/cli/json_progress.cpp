#include <iostream>
#include <nlohmann/json.hpp>

#include "src/cli/progress_kinds.h"

namespace latentreel::cli {
namespace {

using nlohmann::json;

void print_event(const json& event) {
  std::cerr << event.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
}

const char* word(render::TaskState state) {
  switch (state) {
    case render::TaskState::started:
      return "started";
    case render::TaskState::reused:
      return "reused";
    case render::TaskState::finished:
      break;
  }
  return "finished";
}

}  // namespace

void JsonProgress::task(const std::string& name, render::TaskState state) {
  print_event({{"event", "task"}, {"name", name}, {"state", word(state)}});
}

void JsonProgress::iteration(const render::IterationReport& report) {
  print_event({{"event", "iteration"},
               {"key", report.keyframe},
               {"iteration", report.iteration},
               {"loss", report.loss},
               {"seconds", report.seconds}});
}

void JsonProgress::frame(int64_t done, int64_t total, double seconds) {
  print_event({{"event", "frame"}, {"done", done}, {"total", total}, {"seconds", seconds}});
}

void JsonProgress::warning(const std::string& text) {
  print_event({{"event", "warning"}, {"text", text}});
}

void JsonProgress::done(const render::DoneReport& report) {
  print_event({{"event", "done"},
               {"output", report.output},
               {"frames", report.frames},
               {"seconds", report.seconds}});
}

}  // namespace latentreel::cli
