#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "src/music/frames.h"
#include "src/music/sections.h"

// Beats, bars and sections of a song: a suggestion, which people look at and correct before a scene
// uses it. It is never part of a render.

namespace latentreel::music {

// Which of the beats that were found are meant: trackers often find twice as many as people tap, or
// half of them.
enum class Pulse { found, half, twice };

struct AnalysisOptions {
  int beats_per_bar = 4;
  Pulse pulse = Pulse::found;
};

// One tempo for the whole song.
struct EvenTempo {
  double bpm = 0;        // round where that moves no beat by more than 5 ms
  double bpm_error = 0;  // standard error of the fit
  double offset = 0;     // seconds: the first beat of the first bar
};

struct SongAnalysis {
  double seconds = 0;  // the song's length
  // Seconds, ascending, from the first beat of the first bar to the song's end. Empty: no steady
  // beat was found. With an even tempo they are its beats, exactly; the first may lie a little
  // before the song's beginning then.
  std::vector<double> beats;
  int beats_per_bar = 4;
  std::optional<EvenTempo> tempo;   // none: it changes, or there is no steady beat
  double slowest = 0, fastest = 0;  // beats a minute, over eight beats each; 0 without beats
  // How sure the beats are, from 0 to 1: see confidence_words.
  double confidence = 0;
  std::vector<Section> sections;  // from the song's beginning to its end
  std::vector<float> peaks;       // the highest absolute sample of every Frames::kSeconds
};

// Below it a song's beats are no beats.
inline constexpr double kLeastConfidence = 0.25;

// "sure", "likely", "doubtful" or "no steady beat".
const char* confidence_words(double confidence);

// Listens to the whole song once. Memory grows by about 20 kB for each second of it.
// Throws ffmpeg::MediaError as ffmpeg::probe_song does, MusicError, and what `look` throws.
SongAnalysis analyze(const std::filesystem::path& song, const AnalysisOptions& options = {},
                     const Look& look = {});

}  // namespace latentreel::music
