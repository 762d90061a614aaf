#include "src/plan/task_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

#include "src/run/error.h"

namespace latentreel::render {

EffortMeter::EffortMeter(Effort& effort) : effort_(effort) {}

EffortMeter::~EffortMeter() {
  effort_.seconds += timer_.seconds();
  effort_.peak_bytes = std::max(effort_.peak_bytes, memory_.bytes());
}

void keep_text(Store& store, Progress& progress, const char* kind, const std::string& name,
               const std::string& text, IfNotKept if_not_kept) {
  try {
    store.put(kind, name, std::as_bytes(std::span(text)));
  } catch (const RenderError& error) {
    if (if_not_kept == IfNotKept::fail) throw;
    progress.report(Warning{error.what()});
  }
}

std::string text_in(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void throw_not_there(const Task& task) {
  throw RenderError(RenderError::Kind::try_again,
                    fmt::format("reading the output of {}: it is not in the store. Do that task "
                                "first, with the same --store.",
                                task.name()));
}

}  // namespace latentreel::render
