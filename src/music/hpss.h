#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

// Drums apart from tones: in a spectrogram drums are upright lines and tones lie flat, so a median
// along frequency keeps the drums and a median along time keeps the tones. By D. FitzGerald,
// "Harmonic/Percussive Separation using Median Filtering", DAFx 2010, with its soft masks. Internal
// to the room.

namespace latentreel::music {

// The median of the values in a window: of an even number of them the upper one.
class SlidingMedian {
 public:
  void add(float value);
  void remove(float value);  // one that was added
  float median() const { return sorted_[sorted_.size() / 2]; }
  std::size_t size() const { return sorted_.size(); }

 private:
  std::vector<float> sorted_;
};

// The medians of `values` within `radius` places of each; at the ends of what there is of them.
std::vector<float> medians_along(std::span<const float> values, std::size_t radius);

// Frame by frame; what comes out belongs to a frame added kRadius earlier, as the median along time
// looks ahead.
class Hpss {
 public:
  static constexpr std::size_t kRadius = 15;    // frames on either side: 0.3 s in all
  static constexpr std::size_t kBinRadius = 8;  // frequencies on either side: 370 Hz in all

  struct Levels {
    double percussive = 0, harmonic = 0;  // amplitudes: the root of each part's energy
  };

  // Takes the next frame's power. Gives the levels of the frame kRadius before, if there is one.
  std::optional<Levels> add(std::span<const float> power);
  // After the last frame: the levels of the remaining frames, one a call, then nothing.
  std::optional<Levels> finish();

 private:
  void forget_oldest();
  Levels separate(std::span<const float> amplitudes) const;

  std::deque<std::vector<float>> frames_;  // amplitudes within kRadius of the one to give next
  std::vector<SlidingMedian> along_time_;  // for each frequency, of frames_
  std::size_t next_ = 0;                   // its place in frames_
};

}  // namespace latentreel::music
