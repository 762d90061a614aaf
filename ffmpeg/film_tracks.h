// What a film holds besides pictures and sound, in the film's own time: chapters, and subtitles
// that the person who watches may turn on and off. Plain values.
#pragma once

#include <string>
#include <vector>

#include "ffmpeg/ratio.h"

namespace latentreel::ffmpeg {

// From `start` until the next chapter or `end`, seconds.
struct Chapter {
  Ratio start;
  Ratio end;
  std::string title;  // UTF-8

  bool operator==(const Chapter&) const = default;
};

// A text that is shown from `start` to `end`, seconds.
struct Caption {
  Ratio start;
  Ratio end;
  std::string text;  // UTF-8, at most kMaxCaptionBytes; lines end in '\n'

  bool operator==(const Caption&) const = default;
};

inline constexpr std::size_t kMaxCaptionBytes = 65535;

// Each list in order, nothing before 0, nothing empty, and nothing that begins before the one
// before it has ended. The first chapter begins at 0, and each where the one before it ends: MP4
// knows only where chapters begin.
struct FilmTracks {
  std::vector<Chapter> chapters = {};
  std::vector<Caption> captions = {};
  std::string language = {};  // of the captions, ISO 639-2 ("eng"); empty: not known

  bool operator==(const FilmTracks&) const = default;
};

// Throws MediaError (internal) where they are not as said above.
void check_tracks(const FilmTracks& tracks);

// What of them a film of that length shows, so that it may be tried before it is made: the first
// chapter and the first caption, from beginning to end.
FilmTracks tracks_of_proof(const FilmTracks& tracks, Ratio length);

}  // namespace latentreel::ffmpeg
