#pragma once

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "scenes/scene_error.h"
#include "scenes/song_map.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

// What holds of all that is read of a song.

namespace latentreel::models {

inline std::string_view text_of_bytes(FuzzBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Runs `read`, which may refuse its input, naming `source`.
template <class Read>
void may_refuse_song(std::string_view source, const Read& read) {
  try {
    read();
  } catch (const scenes::SceneError& error) {
    expect(error.kind() == scenes::SceneError::Kind::invalid, "a bad input is invalid");
    for (const auto& diagnostic : error.diagnostics()) {
      expect(diagnostic.file == source, "an error names the file");
    }
    expect(std::string_view(error.what()).size() < 64 * 1024, "an error can be read");
  }
}

inline void expect_in_order(const scenes::TempoMap& tempo) {
  const auto time_of = [&](std::int64_t beat) { return tempo.time_of_beat({beat, 1}); };
  try {
    for (const std::int64_t beat : {-5, 0, 1, 2, 3, 10, 100, 10'000}) {
      expect(time_of(beat) < time_of(beat + 1), "beats follow each other");
      const auto bar = tempo.position_at(time_of(beat));
      expect(tempo.time_of_bar({bar.bar, 1}, bar.beat) == time_of(beat), "bars hold their beats");
    }
  } catch (const std::overflow_error&) {
    // Its times are too fine to count, which a scene says.
  }
}

inline void expect_good(const scenes::SongMap& map) {
  const auto by_start = [](const auto& a, const auto& b) { return a.start < b.start; };
  expect(std::is_sorted(map.markers.begin(), map.markers.end(), by_start), "markers are in order");
  for (const auto& marker : map.markers) expect(!marker.name.empty(), "markers have names");
  if (map.tempo) expect_in_order(*map.tempo);
}

}  // namespace latentreel::models
