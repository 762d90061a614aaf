#include "scenes/scene_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "scenes/curve_reading.h"
#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/idle_options.h"
#include "scenes/keyframe_reading.h"
#include "scenes/mistakes.h"
#include "scenes/overrides.h"
#include "scenes/section_reading.h"
#include "scenes/section_rows.h"
#include "scenes/signal_reading.h"
#include "scenes/song_signals.h"
#include "scenes/text_file.h"
#include "scenes/timeline.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

// Reads one scene; every step leaves its mistakes with the collector and goes on.
class SceneBuilder {
 public:
  SceneBuilder(Value document, const std::filesystem::path& file, std::string_view text,
               std::span<const Override> overrides, const SubtitleReader& subtitles,
               Mistakes& mistakes)
      : document_(std::move(document)),
        file_(file),
        text_(text),
        subtitles_(subtitles),
        mistakes_(mistakes),
        files_(file),
        overrides_(apply_overrides(overrides, document_, mistakes)) {}

  Scene build() {
    check_keys(document_, "the scene", scene_keys(), mistakes_);
    Scene scene;
    scene.file = file_;
    scene.title = printable(file_.stem().string());
    scene.titled = read_name("title", "\"First light\"", scene.title);
    read_name("artist", "\"The Tiny Band\"", scene.artist);
    Clock clock;
    scene.video = read_video(section("video"), clock, files_, mistakes_);
    scene.music = read_music(section("music"), subtitles_, clock, files_, mistakes_);
    scene.signals = read_signals(section("signals"), files_, mistakes_);
    scene.models = read_models(section("models"), files_, mistakes_);
    const auto signals = signals_beside(scene.signals);
    const CurveContext curves{.clock = clock,
                              .signals = signals,
                              .has_song = find("music", "file") != nullptr,
                              .frames_are_optimized = document_.find("feedback") != nullptr ||
                                                      document_.find("source") != nullptr};
    read_animatable_tables(scene, curves);
    const KeyframeTables tables{
        .keyframes = keyframe_list(), .optimize = section("optimize"), .overrides = &overrides_};
    scene.keyframes = read_keyframes(tables, curves, files_, mistakes_);
    read_duration(scene, clock);
    check_loop(scene);
    check_pulse(scene);
    check_feedback(scene);
    note_idle_options(document_, scene, mistakes_);
    files_.check(mistakes_);
    mistakes_.throw_if_any();
    scene.notes = mistakes_.notes();
    return scene;
  }

 private:
  const Value* find(std::string_view section, std::string_view key) const {
    const Entry* table = document_.find(section);
    const Entry* entry = table == nullptr ? nullptr : table->value.find(key);
    return entry == nullptr ? nullptr : &entry->value;
  }

  // The table of this name, null if there is none; a mistake if it is something else.
  const Value* section(std::string_view name) {
    const Entry* entry = document_.find(name);
    if (entry == nullptr) return nullptr;
    if (entry->value.is_table()) return &entry->value;
    mistakes_.add(entry->value.is_list() ? entry->position : entry->value.position,
                  fmt::format("{}: expected a table, found {}", name, described(entry->value)),
                  fmt::format("write [{}] on a line of its own", name));
    return nullptr;
  }

  const Value* keyframe_list() {
    const Entry* entry = document_.find("keyframe");
    if (entry != nullptr && entry->value.is_list() && !entry->value.items.empty()) {
      return &entry->value;
    }
    if (entry != nullptr && entry->value.is_table()) {
      mistakes_.add(entry->position, "keyframe: expected a list of tables, found one table",
                    "write [[keyframe]] with two brackets");
      return nullptr;
    }
    if (entry != nullptr && !entry->value.is_list()) {
      add_wrong_type(entry->value, {.key = "keyframe", .example = {}}, "a list of tables",
                     mistakes_);
      return nullptr;
    }
    if (!has_misspelt(document_, "keyframe", scene_keys())) {
      mistakes_.add(end_of_text(), "the scene has no keyframes",
                    "add [[keyframe]] and below it prompt = \"a red apple\"");
    }
    return nullptr;
  }

  // The beginning of the last line that is not empty, or of the first.
  Position end_of_text() const {
    int line = 1;
    int last = 1;
    bool filled = false;
    for (const char c : text_) {
      if (c == '\n') {
        if (filled) last = line;
        ++line;
        filled = false;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        filled = true;
      }
    }
    return {.line = filled ? line : last, .column = 1};
  }

  // A text above the first table; whether there is one that is not empty.
  bool read_name(std::string_view key, std::string_view example, std::string& name) {
    const Entry* entry = document_.find(key);
    if (entry == nullptr) return false;
    const auto text = read_text(entry->value, {.key = key, .example = example}, mistakes_);
    if (!text || text->empty()) return false;
    if (text->size() > kMaxTitleBytes) {
      mistakes_.add(entry->value.position,
                    fmt::format("{}: the text is longer than {} bytes", key, kMaxTitleBytes));
      return false;
    }
    name = *text;
    return true;
  }

  void read_animatable_tables(Scene& scene, const CurveContext& context) {
    scene.interpolate = read_interpolate(section("interpolate"), context, files_, mistakes_);
    scene.pulse = read_pulse(section("pulse"), context, files_, mistakes_);
    scene.motion = read_motion(section("motion"), context, files_, mistakes_);
    scene.source = read_source(section("source"), context.clock, files_, mistakes_);
    scene.feedback = read_feedback(section("feedback"), scene.source.on(), files_, mistakes_);
    scene.picture = read_picture(section("picture"), context, files_, mistakes_);
  }

  void read_duration(Scene& scene, const Clock& clock) {
    const Value* value = find("video", "duration");
    if (value == nullptr) return;
    const auto duration =
        read_time(*value, {.key = "duration", .example = "\"12s\""}, clock, mistakes_);
    if (!duration || !clock.fps_is_good) return;
    if (*duration <= RationalTime()) {
      mistakes_.add(value->position, "duration: must be above 0");
      return;
    }
    if (frames_to_cover(*duration, scene.video.fps) > kMaxFrames) {
      mistakes_.add(value->position, fmt::format("duration: {} is more than {} frames",
                                                 format_seconds(*duration), kMaxFrames));
      return;
    }
    scene.video.duration = *duration;
    if (scene.keyframes.empty()) return;
    const Keyframe& last = scene.keyframes.back();
    if (*duration < last.at) {
      mistakes_.add(value->position,
                    fmt::format("duration: the film ends at {}, before its last keyframe at {}",
                                format_seconds(*duration), format_seconds(last.at)),
                    last.line > 0 ? fmt::format("that keyframe is on line {}", last.line) : "");
    }
  }

  void check_loop(const Scene& scene) {
    const Value* value = find("interpolate", "loop");
    if (!scene.interpolate.loop || value == nullptr || !mistakes_.empty()) return;
    if (!scene.video.duration && scene.music.file.empty() && !scene.source.on()) {
      mistakes_.add(value->position,
                    "loop: needs to know when the film is back at its first keyframe",
                    "set duration in [video]");
      return;
    }
    if (!scene.video.duration) return;
    const Keyframe& last = scene.keyframes.back();
    const std::int64_t frames = frames_to_cover(*scene.video.duration, scene.video.fps);
    if (last_held_frame(last, scene.video.fps) >= frames) {
      mistakes_.add(value->position,
                    fmt::format("loop: no time is left for the way back after {}",
                                format_seconds(last.at + last.hold)),
                    "set a longer duration in [video]");
    }
  }

  void check_pulse(const Scene& scene) {
    const auto count = scene.keyframes.size();
    const bool known = scene.pulse.towards != PulseTarget::keyframe ||
                       static_cast<std::size_t>(scene.pulse.keyframe) < count;
    if (known || count == 0) return;
    mistakes_.add(find("pulse", "towards")->position,
                  fmt::format("towards: there is no keyframe {}", scene.pulse.keyframe),
                  count == 1 ? "the scene has only keyframe 0"
                             : fmt::format("the scene has keyframes 0 to {}", count - 1));
  }

  // What cannot be shown where frames grow out of one another.
  void check_feedback(const Scene& scene) {
    if (!scene.feedback.on) return;
    const Value* towards = find("pulse", "towards");
    if (towards != nullptr && scene.pulse.towards != PulseTarget::noise) {
      mistakes_.add(towards->position,
                    "towards: with [feedback] or [source] no other keyframe has a picture to go to",
                    "set towards = \"noise\"");
    }
  }

  Value document_;
  const std::filesystem::path& file_;
  std::string_view text_;
  const SubtitleReader& subtitles_;
  Mistakes& mistakes_;
  NamedFiles files_;
  Overrides overrides_;
};

}  // namespace

Scene parse_scene(std::string_view text, const std::filesystem::path& file,
                  const std::vector<Override>& overrides, const SubtitleReader& subtitles) {
  if (text.size() > kMaxSceneBytes) {
    throw whole_file_error(SceneError::Kind::invalid, file,
                           fmt::format("a scene of more than {} kB", kMaxSceneBytes / 1024),
                           "is it a scene?");
  }
  Mistakes mistakes(file, text, overrides);
  auto document = parse_document(text, mistakes);
  if (!document) mistakes.throw_if_any();
  try {
    return SceneBuilder(std::move(*document), file, text, overrides, subtitles, mistakes).build();
  } catch (const std::overflow_error&) {
    // Every number has its range; only their combinations can get here.
    throw whole_file_error(SceneError::Kind::invalid, file,
                           "its times are too large or too finely divided to count exactly",
                           "write bpm, offset and times with fewer decimals");
  }
}

Scene read_scene(const std::filesystem::path& file, const std::vector<Override>& overrides,
                 const SubtitleReader& subtitles) {
  return parse_scene(read_text_file(file), file, overrides, subtitles);
}

}  // namespace latentreel::scenes
