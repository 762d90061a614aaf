#include <iostream>
#include <nlohmann/json.hpp>
#include <variant>

#include "src/cli/progress_kinds.h"

namespace latentreel::cli {
namespace {

using nlohmann::json;

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

json object_of(const render::TaskChanged& change) {
  return {{"event", "task"}, {"name", change.name}, {"state", word(change.state)}};
}

json object_of(const render::IterationReport& step) {
  return {{"event", "iteration"},
          {"key", step.keyframe},
          {"iteration", step.iteration},
          {"loss", step.loss},
          {"seconds", step.seconds}};
}

json object_of(const render::ChainIteration& step) {
  return {{"event", "chain"},  {"part", step.part},      {"frame", step.frame},
          {"done", step.done}, {"frames", step.frames},  {"iteration", step.iteration},
          {"loss", step.loss}, {"seconds", step.seconds}};
}

json object_of(const render::FramesWritten& frames) {
  return {{"event", "frame"},
          {"done", frames.done},
          {"total", frames.total},
          {"seconds", frames.seconds}};
}

json object_of(const render::Warning& warning) {
  return {{"event", "warning"}, {"text", warning.text}};
}

json object_of(const render::DoneReport& done) {
  return {{"event", "done"},
          {"output", done.output},
          {"frames", done.frames},
          {"seconds", done.seconds}};
}

}  // namespace

void JsonProgress::report(const render::ProgressEvent& event) {
  const auto object = std::visit([](const auto& what) { return object_of(what); }, event);
  std::cerr << object.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
}

}  // namespace latentreel::cli
