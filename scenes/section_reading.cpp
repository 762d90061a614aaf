#include "scenes/section_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "scenes/curve_reading.h"
#include "scenes/recipes.h"
#include "scenes/section_rows.h"
#include "scenes/song_map.h"

namespace latentreel::scenes {
namespace {

const Value* find(const Value& table, std::string_view key) {
  const Entry* entry = table.find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

bool among(const std::vector<std::string_view>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// h264, hevc and av1 keep one colour for 2x2 pixels.
bool needs_even_sides(Codec codec) {
  return codec == Codec::h264 || codec == Codec::hevc || codec == Codec::av1;
}

// Of the film: `output`, or `size` where there is none.
void check_film_size(const Value& value, std::string_view key, int width, int height, Codec codec,
                     Mistakes& mistakes) {
  if ((width % 2 == 0 && height % 2 == 0) || !needs_even_sides(codec)) return;
  mistakes.add(
      value.position,
      fmt::format("{}: {} needs even sides, not {}x{}", key, name_of(codec), width, height),
      fmt::format("write \"{}x{}\"", width + width % 2, height + height % 2));
}

void check_quality(const Value& value, Codec codec, Mistakes& mistakes) {
  if (codec == Codec::prores) {
    mistakes.add(value.position, "quality: cannot be set for prores, whose profile fixes it",
                 "leave quality out, or choose h264, hevc or av1");
  } else if (codec == Codec::ffv1) {
    mistakes.add(value.position, "quality: cannot be set for ffv1, which is lossless",
                 "leave quality out, or choose h264, hevc or av1");
  }
}

// What the song's files say; none with a mistake if one is not there or not good.
std::shared_ptr<const SongMap> read_song_files(const MusicOptions& music,
                                               const SubtitleReader& subtitles,
                                               Mistakes& mistakes) {
  try {
    return std::make_shared<const SongMap>(read_song_map(music, subtitles));
  } catch (const SceneError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      // That a file is not there is told with all other files.
      if (!diagnostic.missing_file) mistakes.add(diagnostic);
    }
    return nullptr;
  }
}

// That something is wanted which the song's files cannot give.
void check_tracks_wanted(const Value& table, const MusicOptions& music, Mistakes& mistakes) {
  const Value* chapters = find(table, "chapters");
  if (chapters != nullptr && music.chapters && music.map && music.map->markers.empty()) {
    mistakes.add(chapters->position, "chapters: the song has no sections or other named places",
                 "name a file with them as sections in [music]");
  }
  const Value* subtitles = find(table, "subtitles");
  if (subtitles != nullptr && music.subtitles && music.map && music.map->lyrics.empty()) {
    mistakes.add(subtitles->position, "subtitles: the song has no lyrics",
                 "name their file as lyrics in [music]");
  }
}

template <class Owner>
Owner read_animatable(std::string_view name, std::span<const Row<Owner>> rows, const Value* table,
                      const CurveContext& context, NamedFiles& files, Mistakes& mistakes) {
  Owner options;
  if (table == nullptr) return options;
  check_keys(*table, name, keys_of(rows), mistakes);
  read_rows(rows, *table, options, files, mistakes);
  read_curves(rows, *table, options, context, mistakes);
  return options;
}

void read_bpm(const Value& table, MusicOptions& music, Clock& clock, Mistakes& mistakes) {
  const Value* bpm = find(table, "bpm");
  if (bpm == nullptr) return;
  const Range range{.min = 0, .max = 1000, .above_min = true};
  music.bpm = read_exact_number(*bpm, {.key = "bpm", .example = "118.0"}, range, mistakes);
  clock.tempo_is_good = clock.tempo_is_good && music.bpm;
}

// Beat 1 may lie before the song's beginning; only a number can say so.
std::optional<RationalTime> offset_in(const Value& offset, const Clock& clock, Mistakes& mistakes) {
  const Expected expected{.key = "offset", .example = "\"0.37s\""};
  if (offset.kind == Value::Kind::integer || offset.kind == Value::Kind::number) {
    return read_exact_number(offset, expected, {.min = -1e6, .max = 1e6}, mistakes);
  }
  if (!is_musical(offset.text)) return read_time(offset, expected, clock.times, mistakes);
  add_wrong_type(offset, expected, "seconds", mistakes);
  return std::nullopt;
}

void read_offset(const Value& table, MusicOptions& music, Clock& clock, Mistakes& mistakes) {
  const Value* offset = find(table, "offset");
  if (offset == nullptr) return;
  const auto read = offset_in(*offset, clock, mistakes);
  clock.tempo_is_good = clock.tempo_is_good && read;
  if (read) music.offset = *read;
  if (find(table, "beats") == nullptr || find(table, "bpm") != nullptr) return;
  mistakes.add(offset->position,
               "offset: belongs to bpm; with beats, the file says when beat 1 sounds",
               "leave it out, or set bpm");
}

// Which part of the song is played: `from` and `to`.
void read_part_of_song(const Value& table, MusicOptions& music, Clock& clock, Mistakes& mistakes) {
  const Value* from = find(table, "from");
  if (from != nullptr) {
    const auto read = read_time(*from, {.key = "from", .example = "\"30s\""}, clock, mistakes);
    if (read && *read < RationalTime()) {
      mistakes.add(from->position, "from: lies before the song begins");
    } else if (read) {
      music.from = *read;
    } else {
      clock.tempo_is_good = false;
    }
  }
  const Value* to = find(table, "to");
  if (to != nullptr) {
    music.to = read_time(*to, {.key = "to", .example = "\"90s\""}, clock, mistakes);
    if (music.to && *music.to <= music.from) {
      mistakes.add(to->position,
                   fmt::format("to: the part of the song ends at {}, before it begins",
                               format_seconds(*music.to)));
    }
  }
  const Value* part = from != nullptr ? from : to;
  if (part == nullptr || find(table, "file") != nullptr) return;
  mistakes.add(part->position, "a part of a song, but no song", "set file in [music]");
}

// What is to be done with the sound of the song, which there must be.
void check_sound(const Value& table, const MusicOptions& music, Mistakes& mistakes) {
  for (const std::string_view key : {"codec", "channels", "gain"}) {
    const Value* sound = find(table, key);
    if (sound == nullptr || find(table, "file") != nullptr) continue;
    mistakes.add(sound->position, fmt::format("{}: is about a song, but there is none", key),
                 "set file in [music]");
  }
  const Value* gain = find(table, "gain");
  if (gain == nullptr || music.codec != SongCodec::copy || music.gain == 0.0) return;
  mistakes.add(gain->position, "gain: a song that is copied keeps its sound",
               "leave gain out, or codec = \"copy\"");
}

}  // namespace

std::optional<RationalTime> read_time(const Value& value, Expected expected, const Clock& clock,
                                      Mistakes& mistakes) {
  if (!clock.tempo_is_good && is_musical(value.text)) return std::nullopt;
  return read_time(value, expected, clock.times, mistakes);
}

VideoOptions read_video(const Value* table, Clock& clock, NamedFiles& files, Mistakes& mistakes) {
  VideoOptions video;
  if (table == nullptr) return video;
  check_keys(*table, "[video]", video_keys(), mistakes);
  const auto wrong = read_rows(video_rows(), *table, video, files, mistakes);
  clock.fps_is_good = !among(wrong, "fps");
  clock.times.fps = video.fps;
  if (among(wrong, "codec")) return video;  // what the codec needs cannot be told
  if (const Value* output = find(*table, "output")) {
    check_film_size(*output, "output", video.output_width, video.output_height, video.codec,
                    mistakes);
  } else if (const Value* size = find(*table, "size")) {
    check_film_size(*size, "size", video.width, video.height, video.codec, mistakes);
  }
  if (video.quality) check_quality(*find(*table, "quality"), video.codec, mistakes);
  return video;
}

MusicOptions read_music(const Value* table, const SubtitleReader& subtitles, Clock& clock,
                        NamedFiles& files, Mistakes& mistakes) {
  MusicOptions music;
  if (table == nullptr) return music;
  check_keys(*table, "[music]", music_keys(), mistakes);
  const auto wrong = read_rows(music_rows(), *table, music, files, mistakes);
  const std::array file_keys = {"beats", "sections", "lyrics"};
  clock.tempo_is_good = std::none_of(file_keys.begin(), file_keys.end(),
                                     [&](const char* key) { return among(wrong, key); });
  read_bpm(*table, music, clock, mistakes);
  read_offset(*table, music, clock, mistakes);
  // A wrong bpm does not make the beats file's tempo the song's.
  if (clock.tempo_is_good) music.map = read_song_files(music, subtitles, mistakes);
  clock.tempo_is_good = music.map != nullptr;
  if (music.map) add_song(*music.map, clock.times);
  read_part_of_song(*table, music, clock, mistakes);
  check_sound(*table, music, mistakes);
  check_tracks_wanted(*table, music, mistakes);
  clock.times.song_from = music.from;
  return music;
}

ModelOptions read_models(const Value* table, NamedFiles& files, Mistakes& mistakes) {
  ModelOptions models;
  if (table == nullptr) return models;
  check_keys(*table, "[models]", model_keys(), mistakes);
  read_rows(model_rows(), *table, models, files, mistakes);
  return models;
}

InterpolateOptions read_interpolate(const Value* table, const CurveContext& context,
                                    NamedFiles& files, Mistakes& mistakes) {
  return read_animatable("[interpolate]", interpolate_rows(), table, context, files, mistakes);
}

PulseOptions read_pulse(const Value* table, const CurveContext& context, NamedFiles& files,
                        Mistakes& mistakes) {
  return read_animatable("[pulse]", pulse_rows(), table, context, files, mistakes);
}

MotionOptions read_motion(const Value* table, const CurveContext& context, NamedFiles& files,
                          Mistakes& mistakes) {
  return read_animatable("[motion]", motion_rows(), table, context, files, mistakes);
}

SourceOptions read_source(const Value* table, const Clock& clock, NamedFiles& files,
                          Mistakes& mistakes) {
  SourceOptions source;
  if (table == nullptr) return source;
  check_keys(*table, "[source]", source_keys(), mistakes);
  read_rows(source_rows(), *table, source, files, mistakes);
  if (find(*table, "video") == nullptr && !has_misspelt(*table, "video", source_keys())) {
    mistakes.add(table->position, "[source] without a clip", "set video = \"clip.mp4\"");
  }
  if (const Value* from = find(*table, "from")) {
    const auto read = read_time(*from, {.key = "from", .example = "\"12s\""}, clock, mistakes);
    if (read && *read < RationalTime()) {
      mistakes.add(from->position, "from: lies before the clip begins");
    } else if (read) {
      source.from = *read;
    }
  }
  return source;
}

FeedbackOptions read_feedback(const Value* table, bool footage, NamedFiles& files,
                              Mistakes& mistakes) {
  FeedbackOptions feedback;
  if (footage) feedback = recipe(FeedbackRecipe::footage);
  if (table == nullptr) return feedback;
  check_keys(*table, "[feedback]", feedback_keys(), mistakes);
  const auto rows = feedback_rows();
  read_rows(rows.first(1), *table, feedback, files, mistakes);
  feedback = recipe(feedback.recipe);
  read_rows(rows.subspan(1), *table, feedback, files, mistakes);
  return feedback;
}

PictureOptions read_picture(const Value* table, const CurveContext& context, NamedFiles& files,
                            Mistakes& mistakes) {
  return read_animatable("[picture]", picture_rows(), table, context, files, mistakes);
}

}  // namespace latentreel::scenes
