// How long the analysis of a song takes, and the measuring of all its signals: four minutes of
// drums, bass and chords.
#include <benchmark/benchmark.h>

#include <array>

#include "src/music/analysis.h"
#include "src/music/signals.h"
#include "tests/music/tracks.h"
#include "tests/temporary_folder.h"

namespace latentreel::music {
namespace {

constexpr double kSeconds = 240;

// The song's file, written once.
const std::filesystem::path& song() {
  static const TemporaryFolder folder;
  static const auto file = [] {
    pop(120, 0.2, kSeconds).track.write(folder / "song.wav");
    return folder / "song.wav";
  }();
  return file;
}

void analyze_song(benchmark::State& state) {
  const auto& file = song();
  for (auto _ : state) benchmark::DoNotOptimize(analyze(file));
}
BENCHMARK(analyze_song)->Unit(benchmark::kSecond)->UseRealTime();

void measure_signals(benchmark::State& state) {
  using scenes::SignalSource;
  const std::array<scenes::SignalOptions, 5> wanted = {{
      {.source = SignalSource::rms},
      {.source = SignalSource::band, .band_from = 40, .band_to = 120},
      {.source = SignalSource::onsets},
      {.source = SignalSource::percussive},
      {.source = SignalSource::harmonic},
  }};
  const auto& file = song();
  for (auto _ : state) benchmark::DoNotOptimize(measure(file, wanted));
}
BENCHMARK(measure_signals)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace latentreel::music

BENCHMARK_MAIN();
