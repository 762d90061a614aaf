#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/rational_time.h"
#include "scenes/scene_error.h"

// Finds places of a song by what they are called. Case does not matter, nor how many blanks stand
// between words. Internal to the room.

namespace latentreel::scenes {

struct SongMap;

class SongNames {
 public:
  explicit SongNames(const SongMap& song);

  // Where a section or another marker begins: of several that are called so, the first. "chorus 2"
  // is the second that is called "chorus", unless one is called "chorus 2". "section A" is "A" too.
  // The name may stand between quotation marks, before the number.
  std::optional<RationalTime> marker(std::string_view name) const;

  // Where the first line begins that starts with the words of `text`, which may stand between
  // quotation marks and be followed by a number: `"let it be" 2` is the second such line.
  // Punctuation does not matter.
  std::optional<RationalTime> lyric(std::string_view text) const;

  // Why nothing was found.
  SceneError unknown_marker(std::string_view name) const;
  SceneError unknown_lyric(std::string_view text) const;

  bool has_markers() const { return !markers_.empty(); }
  bool has_lyrics() const { return !lyrics_.empty(); }

 private:
  struct Marker {
    std::string key;
    std::string name;
    RationalTime start;
  };
  struct Line {
    std::vector<std::string> words;
    RationalTime start;
  };

  // In order of time.
  std::vector<Marker> markers_;
  std::vector<Line> lyrics_;
};

}  // namespace latentreel::scenes
