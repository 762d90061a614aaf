#include "scenes/section_reading.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include "scenes/scene_reader.h"
#include "scenes/section_keys.h"

namespace latentreel::scenes {
namespace {

constexpr int kMinSide = 16;
constexpr std::size_t kMostClips = 16;

const Value* find(const Value* table, std::string_view key) {
  const Entry* entry = table == nullptr ? nullptr : table->find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

template <class Number>
std::optional<Number> parse_integer(std::string_view text) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::pair<int, int>> read_size(const Value& value, std::string_view key,
                                             Mistakes& mistakes) {
  if (value.kind != Value::Kind::text) {
    add_wrong_type(value, {.key = key, .example = "\"256x256\""}, "a text", mistakes);
    return std::nullopt;
  }
  const std::string_view text = value.text;
  const auto cross = text.find('x');
  const auto width = parse_integer<std::int64_t>(text.substr(0, cross));
  const auto height = cross == std::string_view::npos
                          ? std::nullopt
                          : parse_integer<std::int64_t>(text.substr(cross + 1));
  if (!width || !height) {
    mistakes.add(value.position,
                 fmt::format("{}: \"{}\" is not WIDTHxHEIGHT", key, printable(text, 40)),
                 "write \"256x256\"");
    return std::nullopt;
  }
  for (const std::int64_t side : {*width, *height}) {
    if (side >= kMinSide && side <= kMaxSide) continue;
    mistakes.add(value.position, fmt::format("{}: {} is out of range (from {} to {} pixels a side)",
                                             key, side, kMinSide, kMaxSide));
    return std::nullopt;
  }
  return std::pair(static_cast<int>(*width), static_cast<int>(*height));
}

// How a rate that people write as a decimal is written exactly: 29.97 is 30000/1001.
std::string exact_rate(double rate) {
  const auto whole = static_cast<std::int64_t>(std::llround(rate));
  if (std::abs(rate - static_cast<double>(whole)) < 1e-9) return fmt::format("write {}", whole);
  const auto up = static_cast<std::int64_t>(std::ceil(rate));
  if (std::abs(rate - static_cast<double>(up) * 1000 / 1001) < 0.006) {
    return fmt::format("write \"{}/1001\"", up * 1000);
  }
  if (const auto exact = parse_decimal(fmt::format("{:.3f}", rate), 3)) {
    return fmt::format("write \"{}/{}\"", exact->numerator(), exact->denominator());
  }
  return "write an integer or \"30000/1001\"";
}

std::optional<FrameRate> read_fps(const Value& value, Mistakes& mistakes) {
  constexpr Expected kExpected{.key = "fps", .example = "24 or \"30000/1001\""};
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  if (value.kind == Value::Kind::integer) {
    numerator = value.integer;
  } else if (value.kind == Value::Kind::number && value.number >= 1 && value.number <= kMaxFps) {
    mistakes.add(value.position, fmt::format("fps: {} is not exact", value.number),
                 exact_rate(value.number));
    return std::nullopt;
  } else if (value.kind == Value::Kind::text) {
    const std::string_view text = value.text;
    const auto slash = text.find('/');
    const auto over = parse_integer<std::int64_t>(text.substr(0, slash));
    const auto under = slash == std::string_view::npos
                           ? std::optional<std::int64_t>(1)
                           : parse_integer<std::int64_t>(text.substr(slash + 1));
    if (!over || !under) {
      const auto decimal = parse_decimal(text, 6);
      const bool rate = decimal && decimal->to_seconds() >= 1 && decimal->to_seconds() <= kMaxFps;
      mistakes.add(value.position,
                   fmt::format("fps: \"{}\" is not a frame rate", printable(text, 40)),
                   rate ? exact_rate(decimal->to_seconds())
                        : "write an integer or a fraction such as \"30000/1001\"");
      return std::nullopt;
    }
    numerator = *over;
    denominator = *under;
  } else if (value.kind != Value::Kind::number) {
    add_wrong_type(value, kExpected, "an integer or a fraction", mistakes);
    return std::nullopt;
  }
  constexpr std::int64_t kMostParts = 1'000'000;
  const bool whole = numerator > 0 && numerator <= kMostParts * kMaxFps && denominator > 0 &&
                     denominator <= kMostParts;
  if (!whole || numerator < denominator || numerator > denominator * kMaxFps) {
    const std::string shown = value.kind == Value::Kind::number ? fmt::format("{}", value.number)
                              : denominator == 1                ? fmt::format("{}", numerator)
                                                 : fmt::format("{}/{}", numerator, denominator);
    mistakes.add(value.position,
                 fmt::format("fps: {} is out of range (from 1 to {})", shown, kMaxFps));
    return std::nullopt;
  }
  const RationalTime reduced(numerator, denominator);
  return FrameRate{reduced.numerator(), reduced.denominator()};
}

std::optional<Codec> read_codec(const Value& value, Mistakes& mistakes) {
  // The name that most people know; by letters alone it would be taken for h264.
  if (value.kind == Value::Kind::text && (value.text == "h265" || value.text == "H265")) {
    mistakes.add(value.position, "codec: \"h265\" is known as hevc", "write \"hevc\"");
    return std::nullopt;
  }
  return read_enum<Codec>(value, "codec", mistakes);
}

// h264, hevc and av1 keep one colour for 2x2 pixels.
bool needs_even_sides(Codec codec) {
  return codec == Codec::h264 || codec == Codec::hevc || codec == Codec::av1;
}

void check_output(const Value& value, const VideoOptions& video, Mistakes& mistakes) {
  const bool odd = video.output_width % 2 != 0 || video.output_height % 2 != 0;
  if (!odd || !needs_even_sides(video.codec)) return;
  mistakes.add(value.position,
               fmt::format("output: {} needs even sides, not {}x{}", name_of(video.codec),
                           video.output_width, video.output_height),
               fmt::format("write \"{}x{}\"", video.output_width + video.output_width % 2,
                           video.output_height + video.output_height % 2));
}

void check_quality(const Value& value, Codec codec, Mistakes& mistakes) {
  if (codec == Codec::prores) {
    mistakes.add(value.position, "quality: prores has none to choose, its profile fixes it",
                 "leave quality out, or choose h264, hevc or av1");
  } else if (codec == Codec::ffv1) {
    mistakes.add(value.position, "quality: ffv1 has none to choose, it is lossless",
                 "leave quality out, or choose h264, hevc or av1");
  }
}

// The beats of the label file; none with a mistake if it is not there or not good.
std::optional<TempoMap> read_beats(const std::filesystem::path& file, int beats_per_bar,
                                   Mistakes& mistakes) {
  try {
    return TempoMap::from_beats(read_beat_labels(file), beats_per_bar);
  } catch (const SceneError& error) {
    // That the file is not there is told with all other files.
    if (error.kind() == SceneError::Kind::missing) return std::nullopt;
    for (const Diagnostic& diagnostic : error.diagnostics()) mistakes.add(diagnostic);
    return std::nullopt;
  }
}

std::optional<ClipChoice> read_clip(const Value& value, const NamedFiles& files,
                                    Mistakes& mistakes) {
  if (!value.is_table()) {
    const auto name = files.read_model(value, "clip", mistakes);
    if (!name) return std::nullopt;
    return ClipChoice{*name, 1.0};
  }
  using namespace std::string_view_literals;
  constexpr std::array kKeys = {"name"sv, "weight"sv};
  check_keys(value, "a table of clip", kKeys, mistakes);
  ClipChoice choice;
  const Value* name = find(&value, "name");
  if (name == nullptr) {
    mistakes.add(value.position, "clip: a table without a name",
                 "write { name = \"ViT-B/32\", weight = 0.5 }");
    return std::nullopt;
  }
  const auto read = files.read_model(*name, "name", mistakes);
  if (!read) return std::nullopt;
  choice.name = *read;
  if (const Value* weight = find(&value, "weight")) {
    const auto number = read_number(*weight, {.key = "weight", .example = "0.5"},
                                    {.min = 0, .max = 1000, .above_min = true}, mistakes);
    if (!number) return std::nullopt;
    choice.weight = *number;
  }
  return choice;
}

}  // namespace

std::optional<RationalTime> read_time(const Value& value, Expected expected, const Clock& clock,
                                      Mistakes& mistakes) {
  if (!clock.tempo_is_good && is_musical(value.text)) return std::nullopt;
  return read_time(value, expected, clock.times, mistakes);
}

VideoOptions read_video(const Value* table, Clock& clock, Mistakes& mistakes) {
  VideoOptions video;
  if (table == nullptr) return video;
  check_keys(*table, "[video]", video_keys(), mistakes);
  if (const Value* size = find(table, "size")) {
    if (const auto sides = read_size(*size, "size", mistakes)) {
      std::tie(video.width, video.height) = *sides;
    }
  }
  if (const Value* fps = find(table, "fps")) {
    const auto rate = read_fps(*fps, mistakes);
    clock.fps_is_good = rate.has_value();
    if (rate) video.fps = *rate;
  }
  clock.times.fps = video.fps;
  bool codec_is_good = true;
  if (const Value* codec = find(table, "codec")) {
    const auto read = read_codec(*codec, mistakes);
    codec_is_good = read.has_value();
    if (read) video.codec = *read;
  }
  if (const Value* output = find(table, "output")) {
    if (const auto sides = read_size(*output, "output", mistakes)) {
      std::tie(video.output_width, video.output_height) = *sides;
      if (codec_is_good) check_output(*output, video, mistakes);
    }
  }
  if (const Value* quality = find(table, "quality")) {
    const Expected expected{.key = "quality", .example = "17"};
    video.quality = read_number(*quality, expected, {.min = 0, .max = 51}, mistakes);
    if (video.quality && codec_is_good) check_quality(*quality, video.codec, mistakes);
  }
  return video;
}

MusicOptions read_music(const Value* table, Clock& clock, NamedFiles& files, Mistakes& mistakes) {
  MusicOptions music;
  if (table == nullptr) return music;
  check_keys(*table, "[music]", music_keys(), mistakes);
  if (const Value* file = find(table, "file")) {
    if (const auto path = files.read(*file, "file", "song", mistakes)) music.file = *path;
  }
  if (const Value* beats_per_bar = find(table, "beats_per_bar")) {
    const Expected expected{.key = "beats_per_bar", .example = "4"};
    if (const auto read = read_integer(*beats_per_bar, expected, 1, 64, mistakes)) {
      music.beats_per_bar = static_cast<int>(*read);
    }
  }
  const Value* bpm = find(table, "bpm");
  if (bpm != nullptr) {
    const Expected expected{.key = "bpm", .example = "118.0"};
    const Range range{.min = 0, .max = 1000, .above_min = true};
    music.bpm = read_exact_number(*bpm, expected, range, mistakes);
    clock.tempo_is_good = clock.tempo_is_good && music.bpm;
  }
  const Value* beats = find(table, "beats");
  const Value* offset = find(table, "offset");
  if (offset != nullptr) {
    const Expected expected{.key = "offset", .example = "\"0.37s\""};
    // Beat 1 may lie before the song's beginning; only a number can say so.
    const bool number = offset->kind == Value::Kind::integer || offset->kind == Value::Kind::number;
    const auto read =
        number ? read_exact_number(*offset, expected, {.min = -1e6, .max = 1e6}, mistakes)
        : is_musical(offset->text)
            ? (add_wrong_type(*offset, expected, "seconds", mistakes), std::nullopt)
            : read_time(*offset, expected, clock.times, mistakes);
    clock.tempo_is_good = clock.tempo_is_good && read;
    if (read) music.offset = *read;
    if (beats != nullptr && bpm == nullptr) {
      mistakes.add(offset->position,
                   "offset: belongs to bpm; with beats, beat 1 is the first label",
                   "leave it out, or set bpm");
    }
  }
  if (beats != nullptr) {
    const auto path = files.read(*beats, "beats", "label file", mistakes);
    if (path) music.beats = *path;
    if (bpm == nullptr) {
      if (path) clock.times.tempo = read_beats(*path, music.beats_per_bar, mistakes);
      clock.tempo_is_good = clock.times.tempo.has_value();
    }
  }
  if (music.bpm) clock.times.tempo = TempoMap::even(*music.bpm, music.offset, music.beats_per_bar);
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
  for (const Value* part : {from, to}) {
    if (part == nullptr || find(table, "file") != nullptr) continue;
    mistakes.add(part->position, "a part of a song, but no song", "set file in [music]");
    break;
  }
  clock.times.song_from = music.from;
  return music;
}

ModelOptions read_models(const Value* table, const NamedFiles& files, Mistakes& mistakes) {
  ModelOptions models;
  if (table == nullptr) return models;
  check_keys(*table, "[models]", model_keys(), mistakes);
  if (const Value* vqgan = find(table, "vqgan")) {
    if (const auto name = files.read_model(*vqgan, "vqgan", mistakes)) models.vqgan = *name;
  }
  const Value* clip = find(table, "clip");
  if (clip == nullptr) return models;
  models.clip.clear();
  if (!clip->is_list()) {
    if (const auto choice = read_clip(*clip, files, mistakes)) models.clip.push_back(*choice);
    return models;
  }
  if (clip->items.empty() || clip->items.size() > kMostClips) {
    mistakes.add(clip->position, fmt::format("clip: expected 1 to {} models, found {}", kMostClips,
                                             clip->items.size()));
    return models;
  }
  for (const Value& item : clip->items) {
    if (const auto choice = read_clip(item, files, mistakes)) models.clip.push_back(*choice);
  }
  return models;
}

InterpolateOptions read_interpolate(const Value* table, Mistakes& mistakes) {
  InterpolateOptions options;
  if (table == nullptr) return options;
  check_keys(*table, "[interpolate]", interpolate_keys(), mistakes);
  if (const Value* path = find(table, "path")) {
    options.path = read_enum<PathKind>(*path, "path", mistakes).value_or(options.path);
  }
  if (const Value* easing = find(table, "easing")) {
    options.easing = read_enum<Easing>(*easing, "easing", mistakes).value_or(options.easing);
  }
  if (const Value* pacing = find(table, "pacing")) {
    options.pacing = read_enum<Pacing>(*pacing, "pacing", mistakes).value_or(options.pacing);
  }
  if (const Value* loop = find(table, "loop")) {
    options.loop = read_bool(*loop, {.key = "loop", .example = {}}, mistakes).value_or(false);
  }
  return options;
}

}  // namespace latentreel::scenes
