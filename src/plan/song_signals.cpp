#include "src/plan/song_signals.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "scenes/enum_names.h"
#include "src/files/digest.h"
#include "src/music/signals.h"
#include "src/plan/task_runner.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

using nlohmann::json;

constexpr const char* kSignalEntry = "signal";
// Raised by hand whenever the same sound gives another signal than before.
constexpr int kSignalVersion = 2;

std::string hash_of(const scenes::SignalOptions& options, const std::string& song,
                    const Machine& machine) {
  json key = {{"version", kSignalVersion}, {"song", song},
              {"machine", machine.kind},   {"source", scenes::name_of(options.source)},
              {"attack", options.attack},  {"release", options.release},
              {"clip", options.clip},      {"gain", options.gain},
              {"power", options.power}};
  if (options.source == scenes::SignalSource::band) {
    key["band"] = {options.band_from, options.band_to};
  }
  return files::sha256_of_text(key.dump());
}

std::string text_of(const scenes::Signal& signal) {
  return json{{"start", signal.start}, {"step", signal.step}, {"values", signal.values}}.dump();
}

// Nothing for anything but a signal: it is measured again then.
std::optional<scenes::Signal> signal_in(const std::string& text) {
  const auto content = json::parse(text, nullptr, false);
  if (!content.is_object()) return std::nullopt;
  const json start = content.value("start", json()), step = content.value("step", json()),
             values = content.value("values", json());
  if (!start.is_number() || !step.is_number() || !values.is_array()) return std::nullopt;
  scenes::Signal signal{.start = start.get<double>(), .step = step.get<double>(), .values = {}};
  if (!(signal.step > 0)) return std::nullopt;
  for (const auto& value : values) {
    if (!value.is_number()) return std::nullopt;
    signal.values.push_back(value.get<float>());
  }
  return signal;
}

}  // namespace

scenes::Signals song_signals(const RenderJob& job, const std::vector<scenes::SignalOptions>& wanted,
                             Store& store, FileDigests& digests, Progress& progress,
                             const StopToken& stop) {
  scenes::Signals signals;
  const auto& song = job.scene.music.file;
  std::vector<scenes::SignalOptions> missing;
  std::vector<std::string> names;  // in the store, of those
  for (const auto& options : wanted) {
    auto name = hash_of(options, digests.of(song), named_machine(job));
    const auto file = store.find(kSignalEntry, name);
    auto found = file ? signal_in(text_in(*file)) : std::nullopt;
    if (found) {
      signals.emplace(options.name, *std::move(found));
    } else {
      missing.push_back(options);
      names.push_back(std::move(name));
    }
  }
  if (missing.empty()) return signals;
  if (job.planned_on) {
    throw RenderError(
        RenderError::Kind::try_again,
        fmt::format("reading the song's signals as {} measured them: they are not in the store. "
                    "Plan the film again there, with the same --store.",
                    job.planned_on->kind));
  }
  auto measured = music::measure(song, missing, [&] { stop.check(); });
  for (std::size_t i = 0; i < missing.size(); ++i) {
    keep_text(store, progress, kSignalEntry, names[i], text_of(measured[i]), IfNotKept::warn);
    signals.emplace(missing[i].name, std::move(measured[i]));
  }
  return signals;
}

}  // namespace latentreel::render
