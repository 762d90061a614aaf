#include "scenes/song_signals.h"

#include <algorithm>
#include <set>
#include <variant>

#include "scenes/curve_names.h"
#include "scenes/expression_scan.h"
#include "scenes/scene.h"

namespace latentreel::scenes {
namespace {

SignalOptions band_signal(std::string name, double from, double to) {
  return {.name = std::move(name), .source = SignalSource::band, .band_from = from, .band_to = to};
}

bool has_name(const std::vector<SignalOptions>& signals, const std::string& name) {
  return std::any_of(signals.begin(), signals.end(),
                     [&](const SignalOptions& signal) { return signal.name == name; });
}

}  // namespace

const std::vector<SignalOptions>& default_signals() {
  static const std::vector<SignalOptions> signals = {
      {.name = "rms", .source = SignalSource::rms},
      band_signal("low", 20, 150),
      band_signal("mid", 150, 2000),
      band_signal("high", 2000, 20000),
      {.name = "onsets", .source = SignalSource::onsets},
      {.name = "percussive", .source = SignalSource::percussive},
      {.name = "harmonic", .source = SignalSource::harmonic},
  };
  return signals;
}

std::vector<SignalOptions> signals_beside(const std::vector<SignalOptions>& own) {
  std::vector<SignalOptions> all = own;
  for (const SignalOptions& signal : default_signals()) {
    if (!has_name(own, signal.name)) all.push_back(signal);
  }
  return all;
}

std::vector<SignalOptions> signals_used(const Scene& scene) {
  auto signals = signals_beside(scene.signals);
  const auto names = curve_names(signals);
  std::set<std::string> used;
  for (const Curve* curve : curves_of(scene)) {
    const auto* expression = std::get_if<std::string>(&curve->form);
    if (expression == nullptr) continue;
    for (const VariableUse& use : scan_expression(*expression, names).uses) used.insert(use.name);
  }
  std::erase_if(signals, [&](const SignalOptions& signal) { return used.count(signal.name) == 0; });
  return signals;
}

}  // namespace latentreel::scenes
