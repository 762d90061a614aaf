#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/rational_time.h"
#include "scenes/tempo_map.h"

// What is known of a song besides its sound: beats and bars, sections and other named places, timed
// lyrics. All times are the song's own.

namespace latentreel::scenes {

struct MusicOptions;

// A section (with an end) or a single place.
struct SongMarker {
  std::string name;
  RationalTime start;
  std::optional<RationalTime> end{};

  friend bool operator==(const SongMarker&, const SongMarker&) = default;
};

struct LyricWord {
  std::string text;
  RationalTime start;

  friend bool operator==(const LyricWord&, const LyricWord&) = default;
};

struct LyricLine {
  std::string text;  // UTF-8, never empty
  RationalTime start;
  std::optional<RationalTime> end{};  // unset: until the song ends
  std::vector<LyricWord> words{};     // where the file times them

  friend bool operator==(const LyricLine&, const LyricLine&) = default;
};

// What a song is called, as a file says it; empty: not said.
struct SongTags {
  std::string title{};
  std::string artist{};
  std::string language{};  // of the lyrics: "en", "eng", ...

  friend bool operator==(const SongTags&, const SongTags&) = default;
};

struct SongMap {
  std::optional<TempoMap> tempo{};
  std::vector<SongMarker> markers{};  // in order of their starts
  std::vector<LyricLine> lyrics{};    // in order of their starts
  SongTags tags{};                    // of the lyrics' file

  bool has_names() const { return !markers.empty() || !lyrics.empty(); }
};

inline constexpr std::size_t kMaxMarkers = 10'000;

// Reads SubRip (.srt), ASS and WebVTT subtitles, which this room cannot. Throws SceneError.
using SubtitleReader = std::function<std::vector<LyricLine>(const std::filesystem::path&)>;

// Beats, bars, markers and sections from a file of at most 4 MB (a Reaper project: 64 MB), whose
// kind is seen from its content: times or Audacity labels (label_file.h), a Reaper project
// (reaper_project.h), a MIDI file (midi_file.h). Bars have `beats_per_bar` beats where the file
// does not say. A file without beats gives no tempo. Throws SceneError.
SongMap read_times(const std::filesystem::path& file, int beats_per_bar);
SongMap parse_times(std::string_view content, const std::filesystem::path& file, int beats_per_bar);

// Lyrics from a file of at most 4 MB: LRC (lrc.h), whose tags `tags` gets, or subtitles by way of
// `subtitles`. Throws SceneError.
std::vector<LyricLine> read_lyrics(const std::filesystem::path& file,
                                   const SubtitleReader& subtitles = {}, SongTags* tags = nullptr);

// All that the files of `music` say; its bpm wins over the tempo of its beats file, and its
// sections file over the sections in there. Throws SceneError with the mistakes of all files; those
// of files that are not there have `missing_file` set.
SongMap read_song_map(const MusicOptions& music, const SubtitleReader& subtitles = {});

}  // namespace latentreel::scenes
