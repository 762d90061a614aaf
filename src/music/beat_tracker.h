#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

// Beats and bars of a song, as qm-dsp finds them. Internal to the room.
//
// Note [A library of its own]
// Debian's qm-dsp is linked to ATLAS, whose functions (sgemm_, cblas_sgemm, ...) LibTorch exports
// too: a program linked to both might compute with the wrong ones, so that pictures differ and take
// longer. And it exports kiss_fft for doubles, while libcodec2, which comes with libavcodec,
// exports kiss_fft for floats: whichever is found first serves both, and beats are nonsense. So
// nothing is linked to qm-dsp but a small library, which is loaded when a song is analyzed. Nobody
// else sees its names (RTLD_LOCAL), and it sees its own first (RTLD_DEEPBIND).

namespace latentreel::music {

class BeatTracker {
 public:
  static constexpr int kRate = 44100;  // of the samples that it takes

  virtual ~BeatTracker() = default;

  // The song's next samples, any number of them.
  virtual void add(std::span<const float> samples) = 0;

  // Once all were added: when beats sound, in seconds, where `usual_tempo` is the likeliest before
  // listening, in beats a minute. Some are always found in a few seconds of sound: whether they
  // mean anything is for others to judge. By M. Davies and M.
  // Plumbley, "Context-Dependent Beat Tracking of Musical Audio", IEEE TASLP 15(3), 2007.
  virtual std::vector<double> beats(double usual_tempo) = 0;

  // Which of `beats` (seconds, ascending) begin a bar, by how much the sound changes there;
  // none where it does not tell the beats apart. By M. Davies and M. Plumbley, "A spectral
  // difference approach to downbeat extraction in musical audio", EUSIPCO 2006.
  virtual std::vector<std::size_t> bar_starts(std::span<const double> beats, int beats_per_bar) = 0;
};

// Throws MusicError where the library is not there or cannot be loaded.
std::unique_ptr<BeatTracker> make_beat_tracker();

}  // namespace latentreel::music

// What is found in liblatentreel_beats.so by this name, with dlsym.
extern "C" latentreel::music::BeatTracker* latentreel_new_beat_tracker();
