#include "scenes/song_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "scenes/label_file.h"
#include "scenes/lrc.h"
#include "scenes/midi_file.h"
#include "scenes/reaper_project.h"
#include "scenes/scene.h"
#include "scenes/scene_error.h"
#include "scenes/text_file.h"

namespace latentreel::scenes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMegabyte = 1024 * 1024;
constexpr std::size_t kMaxTimes = 4 * kMegabyte;
constexpr std::size_t kMaxProject = 64 * kMegabyte;

bool starts_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

// The file's bytes, of which `limit` are allowed, or `project_limit` where it is a Reaper project.
std::string read_bytes(const fs::path& file, std::size_t limit, std::size_t project_limit) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) {
    throw SceneError(
        SceneError::Kind::missing,
        {{.file = file.string(), .message = "there is no such file", .missing_file = true}});
  }
  std::ifstream stream;
  // A named pipe would wait for its writer.
  if (fs::is_regular_file(status)) stream.open(file, std::ios::binary);
  if (!stream.is_open()) {
    throw whole_file_error(SceneError::Kind::unreadable, file, "the file cannot be read");
  }
  std::string bytes;
  const auto read_up_to = [&](std::size_t size) {
    const std::size_t before = bytes.size();
    bytes.resize(size);
    stream.read(bytes.data() + before, static_cast<std::streamsize>(size - before));
    bytes.resize(before + static_cast<std::size_t>(stream.gcount()));
  };
  read_up_to(limit + 1);
  if (bytes.size() > limit && project_limit > limit && is_reaper_project(bytes)) {
    limit = project_limit;
    read_up_to(limit + 1);
  }
  if (bytes.size() > limit) {
    throw whole_file_error(SceneError::Kind::invalid, file,
                           fmt::format("the file is larger than {} MB", limit / kMegabyte));
  }
  return bytes;
}

// Files of music programs that are packed or whole worlds of their own.
void refuse_foreign(std::string_view content, const fs::path& file) {
  constexpr std::string_view kAdvice =
      "export its markers as labels (Audacity), or its tempo as a MIDI file";
  if (starts_with(content, "\x1F\x8B")) {
    throw whole_file_error(SceneError::Kind::invalid, file,
                           "the file is packed, as projects of Ableton Live are",
                           std::string(kAdvice));
  }
  if (content.substr(0, kMaxTimes).find('\0') != std::string_view::npos) {
    throw whole_file_error(SceneError::Kind::invalid, file,
                           "the file is neither a text nor a MIDI file", std::string(kAdvice));
  }
}

bool is_subtitles(std::string_view text) {
  if (starts_with(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  return starts_with(text, "WEBVTT") || starts_with(text, "[Script Info]") ||
         text.find("-->") != std::string_view::npos;
}

// Does `read`, adding what is wrong with the file to `wrong`.
template <class Read>
void collect(std::vector<Diagnostic>& wrong, const Read& read) {
  try {
    read();
  } catch (const SceneError& error) {
    const auto& more = error.diagnostics();
    wrong.insert(wrong.end(), more.begin(), more.end());
  }
}

SongMap parse_by_kind(std::string_view content, const fs::path& file, int beats_per_bar) {
  if (is_midi_file(content)) return parse_midi_file(content, file);
  if (is_reaper_project(content)) return parse_reaper_project(content, file);
  refuse_foreign(content, file);
  return parse_labels(content, file, beats_per_bar);
}

void read_beats(const MusicOptions& music, SongMap& map) {
  SongMap read = read_times(music.beats, music.beats_per_bar);
  map.markers = std::move(read.markers);
  if (music.bpm) return;
  if (!read.tempo) {
    throw whole_file_error(SceneError::Kind::invalid, music.beats,
                           "the file has fewer than two beats",
                           "a label is a beat where its text is empty, a number, \"beat\" or "
                           "\"bar\"; or set bpm");
  }
  map.tempo = std::move(read.tempo);
}

void read_sections(const MusicOptions& music, SongMap& map) {
  map.markers = read_times(music.sections, music.beats_per_bar).markers;
  if (map.markers.empty()) {
    throw whole_file_error(SceneError::Kind::invalid, music.sections,
                           "the file has no sections or markers with a name",
                           "a line start<TAB>end<TAB>name for every section");
  }
}

}  // namespace

SongMap parse_times(std::string_view content, const fs::path& file, int beats_per_bar) {
  SongMap map = parse_by_kind(content, file, beats_per_bar);
  if (map.markers.size() > kMaxMarkers) {
    throw whole_file_error(
        SceneError::Kind::invalid, file,
        fmt::format("the file has more than {} sections and markers", kMaxMarkers));
  }
  return map;
}

SongMap read_times(const fs::path& file, int beats_per_bar) {
  return parse_times(read_bytes(file, kMaxTimes, kMaxProject), file, beats_per_bar);
}

std::vector<LyricLine> read_lyrics(const fs::path& file, const SubtitleReader& subtitles,
                                   SongTags* tags) {
  const std::string text = read_bytes(file, kMaxTimes, kMaxTimes);
  if (!is_subtitles(text)) return parse_lrc(text, file, tags);
  if (!subtitles) {
    throw whole_file_error(SceneError::Kind::invalid, file, "subtitles cannot be read here",
                           "lyrics in an LRC file can");
  }
  return subtitles(file);
}

SongMap read_song_map(const MusicOptions& music, const SubtitleReader& subtitles) {
  SongMap map;
  std::vector<Diagnostic> wrong;
  if (music.bpm) map.tempo = TempoMap::even(*music.bpm, music.offset, music.beats_per_bar);
  if (!music.beats.empty()) collect(wrong, [&] { read_beats(music, map); });
  if (!music.sections.empty()) collect(wrong, [&] { read_sections(music, map); });
  if (!music.lyrics.empty()) {
    collect(wrong, [&] { map.lyrics = read_lyrics(music.lyrics, subtitles, &map.tags); });
  }
  if (wrong.empty()) return map;
  const bool missing =
      std::all_of(wrong.begin(), wrong.end(), [](const Diagnostic& d) { return d.missing_file; });
  throw SceneError(missing ? SceneError::Kind::missing : SceneError::Kind::invalid,
                   std::move(wrong));
}

}  // namespace latentreel::scenes
