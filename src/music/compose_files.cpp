#include "src/music/compose_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "ffmpeg/song.h"
#include "scenes/scene_error.h"
#include "src/music/labels.h"
#include "src/music/lyrics.h"

namespace latentreel::music {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 18> kSongEndings = {
    ".wav",  ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".aif",
    ".aiff", ".caf",  ".wv",  ".ape", ".tta", ".mka", ".w64", ".rf64", ".ac3"};
constexpr std::array<std::string_view, 4> kLyricsEndings = {".lrc", ".srt", ".ass", ".vtt"};

constexpr std::size_t kTitleLetters = 80;

bool is_song(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::find(kSongEndings.begin(), kSongEndings.end(), ending) != kSongEndings.end();
}

// In the order of their names.
std::vector<fs::path> songs_in(const fs::path& folder) {
  std::vector<fs::path> songs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_song(entry.path())) songs.push_back(entry.path());
  }
  std::sort(songs.begin(), songs.end());
  if (songs.empty()) {
    throw scenes::SceneError(fmt::format("there are no songs in the folder {}", folder.string()),
                             "name a folder with .flac, .wav, .mp3 or other songs in it");
  }
  for (std::size_t i = 1; i < songs.size(); ++i) {
    if (songs[i].stem() == songs[i - 1].stem()) {
      throw scenes::SceneError(
          fmt::format("two songs would have the scene {}.toml: {} and {}", songs[i].stem().string(),
                      songs[i - 1].filename().string(), songs[i].filename().string()),
          "rename one of them, or move it away");
    }
  }
  return songs;
}

fs::path lyrics_beside(fs::path song) {
  for (const auto ending : kLyricsEndings) {
    std::error_code error;
    if (fs::is_regular_file(song.replace_extension(ending), error)) return song;
  }
  return {};
}

// `file` as a scene in `folder` names it.
std::string name_from(const fs::path& file, const fs::path& folder) {
  if (file.empty()) return {};
  std::error_code error;
  const auto name = fs::proximate(file, folder.empty() ? fs::path(".") : folder, error);
  return error ? fs::absolute(file).string() : name.string();
}

// Empty where there is none.
fs::path beats_in(const std::vector<fs::path>& folders, const fs::path& song) {
  for (const auto& folder : folders) {
    std::error_code error;
    const auto file = folder / label_file_name(song);
    if (fs::is_regular_file(file, error)) return file;
  }
  return {};
}

// Leaves out the lines of which the song has no frame; how many. Lyrics of another recording may
// have some.
std::size_t leave_out_behind(scenes::RationalTime length, std::vector<scenes::LyricLine>& lyrics) {
  const bool were_there = !lyrics.empty();
  const auto last_frame = length - scenes::time_of_frame(1, scenes::kComposedRate);
  const auto left_out =
      std::erase_if(lyrics, [&](const auto& line) { return line.start >= last_frame; });
  if (were_there && lyrics.empty()) {
    throw scenes::SceneError("all lines of the lyrics come after the song's end",
                             "name the lyrics of this song");
  }
  return left_out;
}

scenes::ComposeStep usual_step(const scenes::SongMap& map) {
  if (map.tempo) return {.unit = scenes::ComposeStep::Unit::bars, .count = {4, 1}};
  return {.unit = scenes::ComposeStep::Unit::seconds, .count = {8, 1}};
}

ComposedFile scene_of(const ComposeRequest& request, const fs::path& song, const fs::path& lyrics,
                      const fs::path& scene) {
  const fs::path folder = scene.parent_path();
  fs::path found;
  if (request.beats.empty() && !request.options.bpm) {
    std::vector<fs::path> folders{scene.parent_path(), song.parent_path()};
    // There it says by its name alone which song it is of: albums have songs of one name.
    if (song == request.song) folders.emplace_back();
    found = beats_in(folders, song);
  }
  const auto& beats = found.empty() ? request.beats : found;
  auto options = request.options;
  options.song = name_from(song, folder);
  options.lyrics = name_from(lyrics, folder);
  scenes::SongMap map;
  if (!beats.empty()) map = scenes::read_times(beats, 4);
  // Of a song without a steady beat it has sections alone.
  (map.tempo || map.markers.empty() ? options.beats : options.sections) = name_from(beats, folder);
  if (options.bpm) map.tempo = scenes::TempoMap::even(*options.bpm, {}, 4);
  if (!lyrics.empty()) map.lyrics = scenes::read_lyrics(lyrics, read_subtitle_lines);
  const auto info = ffmpeg::probe_song(song);
  options.title =
      scenes::printable(info.title.empty() ? song.stem().string() : info.title, kTitleLetters);
  options.step = request.step.value_or(usual_step(map));
  const scenes::RationalTime length(info.seconds().num, info.seconds().den);
  const auto left_out = leave_out_behind(length, map.lyrics);
  return {scene, scenes::compose_scene(options, map, length), found, left_out};
}

std::vector<ComposedFile> compose_album(const ComposeRequest& request) {
  const fs::path manifest = request.output.empty() ? request.song / "album.toml" : request.output;
  std::vector<ComposedFile> files;
  std::vector<std::string> scenes;
  for (const auto& song : songs_in(request.song)) {
    const auto scene = manifest.parent_path() / (song.stem().string() + ".toml");
    files.push_back(scene_of(request, song, lyrics_beside(song), scene));
    scenes.push_back(scene.filename().string());
    if (scene == manifest) {
      throw scenes::SceneError(fmt::format("the scene of {} and the manifest would both be {}",
                                           song.filename().string(), manifest.string()),
                               "give the manifest another name with -o");
    }
  }
  files.push_back({manifest, scenes::compose_manifest(scenes)});
  return files;
}

}  // namespace

std::vector<ComposedFile> compose_files(const ComposeRequest& request) {
  std::error_code error;
  if (fs::is_directory(request.song, error)) return compose_album(request);
  auto scene = request.output;
  if (scene.empty()) scene = fs::path(request.song).replace_extension(".toml");
  return {scene_of(request, request.song, request.lyrics, scene)};
}

}  // namespace latentreel::music
