#pragma once

#include <span>
#include <vector>

// Where a song changes for long. Internal to the room.

namespace latentreel::music {

// A stretch of a song; those of one kind sound alike.
struct Section {
  double from = 0, until = 0;  // seconds
  int kind = 0;                // from 0 on, in the order in which they appear

  friend bool operator==(const Section&, const Section&) = default;
};

// How the song sounds, summed up ten times a second.
class Timbre {
 public:
  static constexpr int kFrames = 10;  // of a summary

  // The next frame's power, see Frames.
  void add(std::span<const float> power);

  bool empty() const { return summaries_.empty(); }  // of a song too short for a frame
  // The means over each stretch between two of `bounds` (seconds, ascending), a row a stretch:
  // levels of bands and of the twelve notes. Not of an empty one.
  std::vector<std::vector<double>> between(std::span<const double> bounds) const;

 private:
  std::vector<std::vector<float>> summaries_;
  int in_last_ = 0;  // frames in the last one
};

// Sections of the song between bounds.front() and bounds.back(); they begin at some of `bounds`,
// which are bars, or a few seconds apart where there are none. Borders are where the similarity of
// what comes before and what comes after changes, by J. Foote, "Automatic Audio Segmentation Using
// a Measure of Audio Novelty", ICME 2000; sections are of a kind if they are as similar to each
// other as to themselves. Sections shorter than four stretches are not looked for.
std::vector<Section> find_sections(const Timbre& timbre, std::span<const double> bounds);

}  // namespace latentreel::music
