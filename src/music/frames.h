#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "ffmpeg/power_spectrum.h"
#include "ffmpeg/song_reader.h"

// A song as a row of overlapping windows, one at a time: however long it is, one is in memory.
// Internal to the room.

namespace latentreel::music {

// Called between two pieces of work; an exception from it ends the call.
using Look = std::function<void()>;

class Frames {
 public:
  static constexpr int kRate = 44100;
  static constexpr int kStep = 441;                                       // samples
  static constexpr double kSeconds = static_cast<double>(kStep) / kRate;  // of a step: 10 ms
  static constexpr std::size_t kWindow = 2048;                            // samples: 46 ms
  static constexpr std::size_t kBins = kWindow / 2 + 1;

  // Throws MediaError, as SongReader does.
  explicit Frames(const std::filesystem::path& song);

  // Goes to the next frame, the first at first; false after the last one. Frame i is heard through
  // a Hann window around i * kSeconds, and the song is silent beyond its ends.
  bool next();

  // Of the frame: the square of each frequency's amplitude, where a sine of amplitude a that lies
  // on a bin has a^2 there. Bin k is at k * kRate / kWindow Hz.
  std::span<const float> power() const { return power_; }
  double rms() const { return rms_; }   // weighted by the window
  float peak() const { return peak_; }  // highest absolute sample within half a step
  // The samples that were read for this frame. All frames' together are the song.
  std::span<const float> fresh() const;

  // When the song ends, in seconds; known after the last frame.
  double song_seconds() const { return static_cast<double>(heard_) / kRate; }

  // The bins of [from, to) Hz: first and last + 1, at least one.
  static std::array<std::size_t, 2> bins(double from, double to);

 private:
  void read(std::size_t count);
  void transform();

  ffmpeg::SongReader song_;
  ffmpeg::PowerSpectrum spectrum_;
  std::vector<float> hann_, window_, weighted_, power_;
  std::size_t fresh_ = 0;  // samples of the song among those read last
  std::size_t last_read_ = 0;
  std::size_t heard_ = 0;
  std::size_t frame_ = 0;  // the next one
  bool ended_ = false;
  double rms_ = 0;
  float peak_ = 0;
};

}  // namespace latentreel::music
