#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenes/song_map.h"
#include "scenes/timeline.h"

// What accompanies a film besides pictures and sound, by what its scene and its song say: title and
// artist, chapters, subtitles.

namespace latentreel::scenes {

struct FilmChapter {
  std::string title;  // printable, never empty
  FrameRange frames;

  friend bool operator==(const FilmChapter&, const FilmChapter&) = default;
};

// A line of the lyrics in the film's time.
struct FilmLine {
  std::string text;  // UTF-8; lines that begin together are parted by '\n'
  RationalTime start;
  RationalTime end;

  friend bool operator==(const FilmLine&, const FilmLine&) = default;
};

struct FilmTracks {
  // Without gaps from frame 0 to the film's end; none where the song has no places in the film.
  std::vector<FilmChapter> chapters{};
  std::vector<FilmLine> lines{};  // in order, none before the one before it has ended
  std::string language{};         // of the lines, ISO 639-2 ("eng"); empty: not known
  // Places and lines of the song that lie outside of the film, or of the part that sounds in it;
  // and lines that nobody could read, of thousands of letters.
  int places_outside = 0;
  int lines_outside = 0;
};

// `song_duration`: as for the timeline.
//
// A chapter begins with every section and every other named place of the song, on the frame that a
// keyframe there sits on, and lasts until the next one begins; places on one frame share a chapter.
// What lies before the first is a chapter with the film's title. A section that has begun before
// the film does is the first one.
//
// A line is shown until its own end, the next line, the end of the song or its part, and of the
// film, whichever is first; one that has begun before the film is shown from the film's beginning.
// One for which less than a frame is left has no place.
FilmTracks film_tracks(const Scene& scene, const Timeline& timeline,
                       std::optional<RationalTime> song_duration = std::nullopt);

// The tracks of a film that has these frames of it alone; the first of them is its frame 0.
FilmTracks cut_to(FrameRange frames, FrameRate fps, FilmTracks whole);

// "5 chapters, 12 subtitles (eng); 3 lines of the lyrics have no place in the film"; empty
// where there is nothing to tell.
std::string describe(const FilmTracks& tracks);

// Names the film by its song where the scene leaves title or artist open: by the song's own tags
// (empty: none), else by those of its lyrics.
void complete_names(Scene& scene, const SongTags& song);

}  // namespace latentreel::scenes
