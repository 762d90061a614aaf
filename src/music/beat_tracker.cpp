#include "src/music/beat_tracker.h"

#include "src/files/own_library.h"
#include "src/music/error.h"

namespace latentreel::music {

std::unique_ptr<BeatTracker> make_beat_tracker() {
  const files::OwnLibrary library("liblatentreel_beats.so", LATENTREEL_BEATS_FOLDER, "libqm-dsp0");
  void* const found = library.find("latentreel_new_beat_tracker");
  if (found == nullptr) throw MusicError("looking for beats: " + library.trouble());
  const auto make = reinterpret_cast<decltype(&latentreel_new_beat_tracker)>(found);
  return std::unique_ptr<BeatTracker>(make());
}

}  // namespace latentreel::music
