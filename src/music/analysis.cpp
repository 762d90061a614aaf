#include "src/music/analysis.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <utility>

#include "src/music/beat_choice.h"
#include "src/music/beat_tracker.h"
#include "src/music/onsets.h"
#include "src/music/tempo_fit.h"

namespace latentreel::music {
namespace {

static_assert(BeatTracker::kRate == Frames::kRate);

// Where beats are unknown, sections begin at multiples of it.
constexpr double kSecondsWithoutBars = 2.0;
// What lies so far below the song's highest sample is no sound yet: 60 dB.
constexpr float kSilence = 1e-3f;
constexpr std::size_t kTempoBeats = 8;
constexpr double kClearlyBetter = 0.15;  // of confidence

// All that one pass over the song leaves.
struct Heard {
  std::unique_ptr<BeatTracker> tracker = make_beat_tracker();
  OnsetCurves curves;
  Timbre timbre;
  std::vector<float> peaks;
  double seconds = 0;
};

Heard listen(const std::filesystem::path& song, const Look& look) {
  Heard heard;
  Frames frames(song);
  Onsets onsets;
  Accents accents;
  while (frames.next()) {
    if (look) look();
    heard.tracker->add(frames.fresh());
    heard.curves.onsets.push_back(static_cast<float>(onsets(frames.power())));
    heard.curves.accents.push_back(static_cast<float>(accents(frames.power())));
    heard.timbre.add(frames.power());
    heard.peaks.push_back(frames.peak());
  }
  heard.seconds = frames.song_seconds();
  return heard;
}

std::vector<double> asked_for(std::vector<double> beats, Pulse pulse, const OnsetCurves& curves) {
  if (pulse == Pulse::half) return halved(beats, curves);
  if (pulse == Pulse::twice) return doubled(beats);
  return beats;
}

// The stretch of the song in which something sounds, in seconds; of no frame, none.
std::pair<double, double> sounding(const std::vector<float>& peaks) {
  if (peaks.empty()) return {0, 0};
  const float least = kSilence * *std::max_element(peaks.begin(), peaks.end());
  const auto is_heard = [&](float peak) { return peak > least; };
  const auto first = std::find_if(peaks.begin(), peaks.end(), is_heard);
  const auto last = std::find_if(peaks.rbegin(), peaks.rend(), is_heard);
  return {static_cast<double>(first - peaks.begin()) * Frames::kSeconds,
          static_cast<double>(peaks.rend() - last) * Frames::kSeconds};
}

// The fit's beats wherever something sounds, also where the tracker had not settled yet.
std::vector<double> even_beats(const TempoFit& fit, const Heard& heard) {
  const auto [first, last] = sounding(heard.peaks);
  std::vector<double> beats;
  // A beat may sound a little before its place on the line.
  double number = std::ceil((first - kNearBeat - fit.offset) / fit.period);
  for (;; ++number) {
    const double at = fit.offset + number * fit.period;
    if (at >= std::min(last, heard.seconds)) return beats;
    beats.push_back(at);
  }
}

// Drops what lies before the first bar. Bars have all the same number of beats, so the place in
// which most bars begin is where all do.
void begin_with_bar(std::vector<double>& beats, BeatTracker& tracker, int beats_per_bar) {
  const auto count = static_cast<std::size_t>(beats_per_bar);
  std::vector<int> starts(count);
  for (const auto beat : tracker.bar_starts(beats, beats_per_bar)) ++starts[beat % count];
  const auto most = std::max_element(starts.begin(), starts.end()) - starts.begin();
  if (beats.size() > count) beats.erase(beats.begin(), beats.begin() + most);
}

void tell_tempo_range(SongAnalysis& song) {
  const std::size_t span = std::min(kTempoBeats, song.beats.size() - 1);
  for (std::size_t i = 0; i + span < song.beats.size(); ++i) {
    const double bpm = 60 * static_cast<double>(span) / (song.beats[i + span] - song.beats[i]);
    song.slowest = i == 0 ? bpm : std::min(song.slowest, bpm);
    song.fastest = std::max(song.fastest, bpm);
  }
}

// The tracker goes on counting where nothing sounds; those beats are left out.
std::vector<double> within_sound(std::vector<double> beats, const Heard& heard) {
  const auto sound = sounding(heard.peaks);
  std::erase_if(beats, [&](double at) {
    return at < sound.first - kNearBeat || at > sound.second + kNearBeat;
  });
  return beats;
}

// The tracker likes tempos near the usual one so much that it may miss another. Where one is
// clearly better, it counts.
void find_likeliest(std::vector<double>& beats, double& confidence, Heard& heard) {
  for (const double usual_tempo : {120.0, 80.0, 160.0}) {
    auto found = within_sound(heard.tracker->beats(usual_tempo), heard);
    const double sure = beat_confidence(found, heard.curves);
    if (!beats.empty() && sure < confidence + kClearlyBetter) continue;
    beats = std::move(found);
    confidence = sure;
  }
}

void find_beats(SongAnalysis& song, Heard& heard, Pulse pulse) {
  std::vector<double> beats;
  find_likeliest(beats, song.confidence, heard);
  if (song.confidence < kLeastConfidence) return;
  beats = asked_for(at_tapped_tempo(std::move(beats), heard.curves), pulse, heard.curves);
  auto fit = fit_tempo(beats);
  const bool even = fit && fit->is_even();
  if (even) {
    const double bpm = 60 / fit->period;
    song.tempo = EvenTempo{.bpm = round_tempo(*fit, heard.seconds),
                           .bpm_error = fit->error / fit->period * bpm};
    // The rounder line and the fit meet in the middle of the song.
    const double middle = std::round((heard.seconds / 2 - fit->offset) / fit->period);
    const double meeting = fit->offset + middle * fit->period;
    fit->period = 60 / song.tempo->bpm;
    fit->offset = meeting - middle * fit->period;
    beats = even_beats(*fit, heard);
  }
  begin_with_bar(beats, *heard.tracker, song.beats_per_bar);
  if (even) song.tempo->offset = beats.front();
  song.beats = std::move(beats);
  tell_tempo_range(song);
}

// Bars, or a few seconds each where there are none, from the song's beginning to its end.
std::vector<double> stretches(const SongAnalysis& song) {
  std::vector<double> bounds{0};
  const auto bar = static_cast<std::size_t>(song.beats_per_bar);
  if (song.beats.empty()) {
    for (double at = kSecondsWithoutBars; at < song.seconds; at += kSecondsWithoutBars) {
      bounds.push_back(at);
    }
  }
  for (std::size_t i = 0; i < song.beats.size(); i += bar) {
    if (song.beats[i] > 0) bounds.push_back(song.beats[i]);
  }
  bounds.push_back(song.seconds);
  return bounds;
}

}  // namespace

const char* confidence_words(double confidence) {
  if (confidence < kLeastConfidence) return "no steady beat";
  if (confidence < 0.4) return "doubtful";
  return confidence < 0.6 ? "likely" : "sure";
}

SongAnalysis analyze(const std::filesystem::path& song, const AnalysisOptions& options,
                     const Look& look) {
  auto heard = listen(song, look);
  SongAnalysis result;
  result.seconds = heard.seconds;
  result.beats_per_bar = options.beats_per_bar;
  find_beats(result, heard, options.pulse);
  result.sections = find_sections(heard.timbre, stretches(result));
  result.peaks = std::move(heard.peaks);
  return result;
}

}  // namespace latentreel::music
