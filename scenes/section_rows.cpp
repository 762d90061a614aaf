#include "scenes/section_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>
#include <vector>

#include "scenes/optimize_rows.h"
#include "scenes/prompt_reading.h"
#include "scenes/section_values.h"
#include "scenes/time_text.h"

namespace latentreel::scenes {
namespace {

using Keys = std::vector<std::string_view>;

Change<VideoOptions> read_picture_size(const Value& value, NamedFiles&, Mistakes& mistakes) {
  const auto size = read_size(value, "size", mistakes);
  if (!size) return {};
  return [size = *size](VideoOptions& video) { std::tie(video.width, video.height) = size; };
}

Change<VideoOptions> read_output_size(const Value& value, NamedFiles&, Mistakes& mistakes) {
  const auto size = read_size(value, "output", mistakes);
  if (!size) return {};
  return [size = *size](VideoOptions& video) {
    std::tie(video.output_width, video.output_height) = size;
  };
}

std::string output_text(const VideoOptions& video) {
  return video.output_width > 0 ? size_toml(video.output_width, video.output_height) : "";
}

Change<VideoOptions> read_frame_rate(const Value& value, NamedFiles&, Mistakes& mistakes) {
  const auto fps = read_fps(value, mistakes);
  if (!fps) return {};
  return [fps = *fps](VideoOptions& video) { video.fps = fps; };
}

Change<VideoOptions> read_video_codec(const Value& value, NamedFiles&, Mistakes& mistakes) {
  const auto codec = read_codec(value, mistakes);
  if (!codec) return {};
  return [codec = *codec](VideoOptions& video) { video.codec = codec; };
}

std::string optional_time(const std::optional<RationalTime>& time) {
  return time ? toml(*time) : std::string();
}

Change<MusicOptions> read_song(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto path = files.read(value, "file", "song", mistakes);
  if (!path) return {};
  return [path = *path](MusicOptions& music) { music.file = path; };
}

Change<MusicOptions> read_beats_file(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto path = files.read(value, "beats", "beats file", mistakes);
  if (!path) return {};
  return [path = *path](MusicOptions& music) { music.beats = path; };
}

Change<MusicOptions> read_sections_file(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto path = files.read(value, "sections", "sections file", mistakes);
  if (!path) return {};
  return [path = *path](MusicOptions& music) { music.sections = path; };
}

Change<MusicOptions> read_lyrics_file(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto path = files.read(value, "lyrics", "lyrics file", mistakes);
  if (!path) return {};
  return [path = *path](MusicOptions& music) { music.lyrics = path; };
}

std::string file_or_nothing(const std::filesystem::path& file) {
  return file.empty() ? std::string() : file_text(file);
}

std::string exact_number(RationalTime value) {
  return exact_decimal(value).value_or(toml(value.to_seconds()));
}

std::string bpm_text(const MusicOptions& music) {
  return music.bpm ? exact_number(*music.bpm) : std::string();
}

std::string from_text(const MusicOptions& music) {
  return music.from == RationalTime() ? std::string() : toml(music.from);
}

std::string offset_text(const MusicOptions& music) {
  if (music.offset == RationalTime()) return {};
  return music.offset < RationalTime() ? exact_number(music.offset) : toml(music.offset);
}

Change<ModelOptions> read_vqgan(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto name = files.read_model(value, "vqgan", mistakes);
  if (!name) return {};
  return [name = *name](ModelOptions& models) { models.vqgan = name; };
}

Change<ModelOptions> read_clip_choices(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  return
      [clips = read_clips(value, files, mistakes)](ModelOptions& models) { models.clip = clips; };
}

std::string hold_text(const Keyframe& keyframe) {
  return keyframe.hold == RationalTime() ? std::string() : toml(keyframe.hold);
}

bool is_one_text(const Keyframe& keyframe) {
  return keyframe.prompts.size() == 1 && keyframe.prompts[0].kind == Prompt::Kind::text &&
         prompt_text(keyframe.prompts[0]).front() == '"';
}

std::string only_prompt(const Keyframe& keyframe) {
  return is_one_text(keyframe) ? prompt_text(keyframe.prompts[0]) : std::string();
}

std::string all_prompts(const Keyframe& keyframe) {
  return is_one_text(keyframe) ? std::string() : toml_list(keyframe.prompts, prompt_text);
}

constexpr std::string_view kTime = R"({"$ref": "#/definitions/time"})";
constexpr std::string_view kSize = R"({"$ref": "#/definitions/size"})";
constexpr std::string_view kFile = R"({"type": "string", "minLength": 1})";

// clang-format off
constexpr Row<Scene> kScene[] = {
    {"title", Custom<Scene>{[](const Scene& s) { return toml_text(s.title); }, R"({"type": "string", "maxLength": 500})"},
     "\"First light\"", "The film's title, kept in its file; without one, the scene file's name is used."},
};

constexpr Row<VideoOptions> kVideo[] = {
    {"size", Custom<VideoOptions>{[](const VideoOptions& v) { return size_toml(v.width, v.height); }, kSize, read_picture_size},
     "\"256x256\"", "Width and height of the pictures that are made, in pixels."},
    {"output", Custom<VideoOptions>{output_text, kSize, read_output_size},
     "\"512x512\"", "Width and height of the film: the pictures are scaled to it."},
    {"fps", Custom<VideoOptions>{[](const VideoOptions& v) { return fps_toml(v.fps); }, R"({"$ref": "#/definitions/fps"})", read_frame_rate},
     "24", "Frames per second: an integer, a decimal or a fraction such as \"30000/1001\", which is meant by 29.97 too."},
    {"codec", Custom<VideoOptions>{[](const VideoOptions& v) { return toml_word(v.codec); }, R"({"$ref": "#/definitions/codec"})", read_video_codec},
     "\"h264\"", "h264, hevc and av1 make an .mp4, prores a .mov, ffv1 an .mkv."},
    {"quality", OptionalNumber<VideoOptions>{&VideoOptions::quality, {.min = 0, .max = 51}},
     "17", "For h264, hevc and av1: 0 is the best and largest, 51 the worst."},
    {"duration", Custom<VideoOptions>{[](const VideoOptions& v) { return optional_time(v.duration); }, kTime},
     "\"12s\"", "The film's length; without it, the film ends with its song, or with the last keyframe."},
};

constexpr Row<MusicOptions> kMusic[] = {
    {"file", Custom<MusicOptions>{[](const MusicOptions& m) { return file_or_nothing(m.file); }, kFile, read_song},
     "\"song.flac\"", "The song's file, beside the scene; its sound is not changed."},
    {"from", Custom<MusicOptions>{from_text, kTime},
     "\"30s\"", "Where the part of the song that the film uses begins."},
    {"to", Custom<MusicOptions>{[](const MusicOptions& m) { return optional_time(m.to); }, kTime},
     "\"90s\"", "Where that part ends."},
    {"bpm", Custom<MusicOptions>{bpm_text, R"({"type": "number", "exclusiveMinimum": 0, "maximum": 1000})"},
     "118.0", "Beats per minute; with it, times may be \"beat 33\" or \"bar 9\"."},
    {"offset", Custom<MusicOptions>{offset_text, R"({"$ref": "#/definitions/offset"})"},
     "\"0.37s\"", "When the first beat sounds; a time below zero is before the song begins."},
    {"beats_per_bar", Integer<MusicOptions>{&MusicOptions::beats_per_bar, 1, 64},
     "4", "Beats in a bar, where the beats file does not say.", Written::when_changed},
    {"beats", Custom<MusicOptions>{[](const MusicOptions& m) { return file_or_nothing(m.beats); }, kFile, read_beats_file},
     "\"beats.txt\"", "A file with the beats of a song whose tempo changes, and its sections: a list of times, Audacity labels, a Reaper project or a MIDI file."},
    {"sections", Custom<MusicOptions>{[](const MusicOptions& m) { return file_or_nothing(m.sections); }, kFile, read_sections_file},
     "\"sections.txt\"", "Such a file with sections or markers alone; then times may be \"chorus\" or \"chorus 2\"."},
    {"lyrics", Custom<MusicOptions>{[](const MusicOptions& m) { return file_or_nothing(m.lyrics); }, kFile, read_lyrics_file},
     "\"song.lrc\"", "Timed lyrics (.lrc, .srt, .ass, .vtt); then times may be 'lyric \"first words\"'."},
};

constexpr Row<ModelOptions> kModels[] = {
    {"vqgan", Custom<ModelOptions>{[](const ModelOptions& m) { return model_toml(m.vqgan); }, R"({"type": "string", "minLength": 1})", read_vqgan},
     "\"tiny\"", "Draws the pictures: a model's name, or a path."},
    {"clip", Custom<ModelOptions>{[](const ModelOptions& m) { return clips_toml(m.clip); }, R"({"$ref": "#/definitions/clip"})", read_clip_choices},
     "[\"ViT-B/32\", \"ViT-B/16\"]", "Judges the pictures: one model or several."},
};

constexpr Row<InterpolateOptions> kInterpolate[] = {
    {"path", choice<&InterpolateOptions::path>(),
     "\"rise\"", "The way from picture to picture: rise and bloom change it cell by cell; spherical, linear and spline change all of it at once."},
    {"easing", choice<&InterpolateOptions::easing>(),
     "\"ease-in-out\"", "How a change begins and ends."},
    {"pacing", choice<&InterpolateOptions::pacing>(),
     "\"even\"", "even: the same visible change in every frame; clock: even steps in the latent."},
    {"loop", Boolean<InterpolateOptions>{&InterpolateOptions::loop},
     "true", "Whether the film returns to its first picture at the end.", Written::when_changed},
};

constexpr Row<Keyframe> kKeyframe[] = {
    {"at", Custom<Keyframe>{[](const Keyframe& k) { return toml(k.at); }, kTime},
     "\"4s\"", "When the film shows this picture; also \"frame 96\", \"00:01:12.500\" and, with [music], \"bar 9\", \"chorus 2\", \"bar 9 + 2 beats\"."},
    {"hold", Custom<Keyframe>{hold_text, R"({"$ref": "#/definitions/length"})"},
     "\"1s\"", "How long it stays on the picture."},
    {"prompt", Custom<Keyframe>{only_prompt, R"({"$ref": "#/definitions/text"})"},
     "\"a red apple\"", "What the picture shows."},
    {"prompts", Custom<Keyframe>{all_prompts, R"({"$ref": "#/definitions/prompts"})"},
     "[\"a red apple\"]", "Several prompts at once, each with its weight; a weight below 0 pushes away."},
};
// clang-format on

// A table of a scene and the keys that it knows.
struct Table {
  std::string_view name;
  Keys keys;
};

Keys joined(Keys first, std::span<const std::string_view> second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

std::span<const Row<Scene>> scene_rows() {
  return kScene;
}
std::span<const Row<VideoOptions>> video_rows() {
  return kVideo;
}
std::span<const Row<MusicOptions>> music_rows() {
  return kMusic;
}
std::span<const Row<ModelOptions>> model_rows() {
  return kModels;
}
std::span<const Row<InterpolateOptions>> interpolate_rows() {
  return kInterpolate;
}
std::span<const Row<Keyframe>> keyframe_rows() {
  return kKeyframe;
}

std::span<const std::string_view> scene_keys() {
  using namespace std::string_view_literals;
  static constexpr std::array kKeys = {"title"sv,    "video"sv,       "music"sv,   "models"sv,
                                       "optimize"sv, "interpolate"sv, "keyframe"sv};
  return kKeys;
}
std::span<const std::string_view> video_keys() {
  static const Keys keys = keys_of(video_rows());
  return keys;
}
std::span<const std::string_view> music_keys() {
  static const Keys keys = keys_of(music_rows());
  return keys;
}
std::span<const std::string_view> model_keys() {
  static const Keys keys = keys_of(model_rows());
  return keys;
}
std::span<const std::string_view> optimize_keys() {
  static const Keys keys = joined({recipe_row().key}, keys_of(optimize_rows()));
  return keys;
}
std::span<const std::string_view> interpolate_keys() {
  static const Keys keys = keys_of(interpolate_rows());
  return keys;
}
std::span<const std::string_view> keyframe_keys() {
  static const Keys keys = joined(keys_of(keyframe_rows()), optimize_keys());
  return keys;
}

std::string belongs_elsewhere(std::string_view key, std::string_view here) {
  static const std::array<Table, 6> tables = {
      {{"[video]", keys_of(video_rows())},
       {"[music]", keys_of(music_rows())},
       {"[models]", keys_of(model_rows())},
       {"[interpolate]", keys_of(interpolate_rows())},
       {"[optimize]", Keys(optimize_keys().begin(), optimize_keys().end())},
       {"[[keyframe]]", keys_of(keyframe_rows())}}};
  for (const auto& [table, keys] : tables) {
    if (table == here || std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    return fmt::format("\"{}\" belongs in {}", key, table);
  }
  if (key == "title" && here != "the scene") return "\"title\" belongs above the first [table]";
  return {};
}

}  // namespace latentreel::scenes
