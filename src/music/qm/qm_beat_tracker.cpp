#include <dsp/onsets/DetectionFunction.h>
#include <dsp/tempotracking/DownBeat.h>
#include <dsp/tempotracking/TempoTrackV2.h>

#include <algorithm>

#include "src/music/beat_tracker.h"

namespace latentreel::music {
namespace {

// What TempoTrackV2 is tuned for: steps of 11.6 ms, windows of two steps.
constexpr std::size_t kStep = 512;
constexpr std::size_t kWindow = 2 * kStep;
constexpr float kStepsPerSecond = static_cast<float>(BeatTracker::kRate) / kStep;
// Measured: so many seconds after a drum begins the tracker has its beat.
constexpr double kDelay = 0.004;
// The song at an eighth of 22 kHz is enough to hear a chord or a bass note change.
constexpr std::size_t kDecimation = 16;
// What changes less than this, of at most 1, are roundings.
constexpr double kChange = 0.02;
constexpr double kClearlyMore = 1.2;

DFConfig onset_settings() {
  DFConfig settings{};
  settings.stepSize = kStep;
  settings.frameLength = kWindow;
  settings.DFType = DF_COMPLEXSD;
  settings.adaptiveWhitening = false;
  settings.whiteningRelaxCoeff = -1;
  settings.whiteningFloor = -1;
  return settings;
}

class QmBeatTracker : public BeatTracker {
 public:
  QmBeatTracker() : onset_strength_(onset_settings()), bars_(kRate, kDecimation, kStep) {}

  void add(std::span<const float> samples) override {
    for (const float sample : samples) {
      window_[filled_++] = sample;
      if (filled_ == kWindow) step();
    }
  }

  std::vector<double> beats(double usual_tempo) override {
    TempoTrackV2 tracker(kRate, kStep);
    std::vector<double> periods(onsets_.size()), tempi, steps;
    if (onsets_.size() < kFewestSteps) return {};
    tracker.calculateBeatPeriod(onsets_, periods, tempi, usual_tempo, false);
    tracker.calculateBeats(onsets_, periods, steps);
    for (double& at : steps) at = at / kStepsPerSecond - kDelay;
    return steps;
  }

  std::vector<std::size_t> bar_starts(std::span<const double> beats, int beats_per_bar) override {
    std::vector<double> steps;
    for (const double at : beats) steps.push_back(std::max(0.0, (at + kDelay) * kStepsPerSecond));
    std::size_t length = 0;
    const float* const audio = bars_.getBufferedAudio(length);
    std::vector<int> starts;
    bars_.setBeatsPerBar(beats_per_bar);
    bars_.findDownBeats(audio, length, steps, starts);
    if (!tells_bars(starts, static_cast<std::size_t>(beats_per_bar))) return {};
    return {starts.begin(), starts.end()};
  }

 private:
  // The tracker looks at six seconds at a time.
  static constexpr std::size_t kFewestSteps = 512;

  // Whether the sound changes clearly more where bars start than elsewhere.
  bool tells_bars(const std::vector<int>& starts, std::size_t beats_per_bar) const {
    std::vector<double> changes;
    bars_.getBeatSD(changes);
    if (starts.empty() || changes.size() < beats_per_bar) return false;
    double all = 0, at_starts = 0, count = 0;
    for (const double change : changes) all += change / static_cast<double>(changes.size());
    for (const int start : starts) {
      if (start < 1 || start > static_cast<int>(changes.size())) continue;
      at_starts += changes[static_cast<std::size_t>(start) - 1];
      ++count;
    }
    if (count == 0) return false;
    return at_starts / count >= std::max(kChange, kClearlyMore * all);
  }

  void step() {
    onsets_.push_back(onset_strength_.processTimeDomain(window_));
    // The first two windows have none before them to differ from.
    if (onsets_.size() <= 2) onsets_.back() = 0;
    for (std::size_t i = 0; i < kStep; ++i) block_[i] = static_cast<float>(window_[i]);
    bars_.pushAudioBlock(block_);
    std::copy(window_ + kStep, window_ + kWindow, window_);
    filled_ = kWindow - kStep;
  }

  DetectionFunction onset_strength_;
  DownBeat bars_;
  double window_[kWindow] = {};
  float block_[kStep] = {};
  std::size_t filled_ = 0;
  std::vector<double> onsets_;  // a value a step
};

}  // namespace
}  // namespace latentreel::music

latentreel::music::BeatTracker* latentreel_new_beat_tracker() {
  return new latentreel::music::QmBeatTracker;
}
