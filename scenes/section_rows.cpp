#include "scenes/section_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "scenes/optimize_rows.h"
#include "scenes/prompt_reading.h"
#include "scenes/scene_reader.h"
#include "scenes/section_values.h"
#include "scenes/time_text.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

using Keys = std::vector<std::string_view>;

constexpr double kMostSmoothing = 60.0;  // seconds in which a signal follows the sound

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

Change<SourceOptions> read_clip_file(const Value& value, NamedFiles& files, Mistakes& mistakes) {
  const auto path = files.read(value, "video", "clip", mistakes);
  if (!path) return {};
  return [path = *path](SourceOptions& source) { source.video = path; };
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

std::string gain_text(const MusicOptions& music) {
  return music.gain ? toml(*music.gain) : toml_text("auto");
}

Change<MusicOptions> read_gain(const Value& value, NamedFiles&, Mistakes& mistakes) {
  constexpr Expected kExpected{.key = "gain", .example = "-3.5"};
  std::optional<double> gain;
  if (value.kind != Value::Kind::text) {
    gain = read_number(value, kExpected, {.min = -60, .max = 20}, mistakes);
    if (!gain) return {};
  } else if (value.text != "auto") {
    add_wrong_type(value, kExpected, "\"auto\" or a number", mistakes);
    return {};
  }
  return [gain](MusicOptions& music) { music.gain = gain; };
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

Change<PulseOptions> read_towards(const Value& value, NamedFiles&, Mistakes& mistakes) {
  if (value.kind == Value::Kind::integer) {
    const Expected expected{.key = "towards", .example = "\"next\""};
    const auto last = static_cast<std::int64_t>(kMaxKeyframes) - 1;
    const auto number = read_integer(value, expected, 0, last, mistakes);
    if (!number) return {};
    return [number = static_cast<int>(*number)](PulseOptions& pulse) {
      pulse.towards = PulseTarget::keyframe;
      pulse.keyframe = number;
    };
  }
  if (value.kind != Value::Kind::text) {
    const auto words = words_of_enum<PulseTarget>();
    add_wrong_type(value, {.key = "towards", .example = {}},
                   fmt::format("one of {}, or a keyframe's number", listed(words)), mistakes);
    return {};
  }
  const auto target = read_enum<PulseTarget>(value, "towards", mistakes);
  if (!target) return {};
  return [target = *target](PulseOptions& pulse) { pulse.towards = target; };
}

std::string towards_text(const PulseOptions& pulse) {
  return pulse.towards == PulseTarget::keyframe ? std::to_string(pulse.keyframe)
                                                : toml_word(pulse.towards);
}

// A number of seconds or a text such as "0.2s".
template <double SignalOptions::*kField>
Change<SignalOptions> read_smoothing(const Value& value, NamedFiles&, Mistakes& mistakes) {
  constexpr bool kAttack = kField == &SignalOptions::attack;
  const Expected expected{.key = kAttack ? "attack" : "release", .example = "\"0.2s\""};
  const bool plain = value.kind != Value::Kind::text || value.text.find_first_of("0123456789") == 0;
  if (!plain) {
    add_wrong_type(value, expected, "a number of seconds", mistakes);
    return {};
  }
  const auto time = read_time(value, expected, TimeContext(), mistakes);
  if (!time) return {};
  const double seconds = time->to_seconds();
  if (seconds > kMostSmoothing) {
    mistakes.add(value.position, fmt::format("{}: {} s is out of range (from 0 to {} s)",
                                             expected.key, seconds, kMostSmoothing));
    return {};
  }
  return [seconds](SignalOptions& signal) { signal.*kField = seconds; };
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
constexpr std::string_view kSmoothing =
    R"({"anyOf": [{"type": "number", "minimum": 0, "maximum": 60}, {"type": "string", "pattern": "^[0-9]"}]})";

// clang-format off
constexpr Row<Scene> kScene[] = {
    {"title", Custom<Scene>{[](const Scene& s) { return toml_text(s.title); }, R"({"type": "string", "maxLength": 500})"},
     "\"First light\"", "The film's title, kept in its file; without one, the title that the song's file or its lyrics name, or the scene file's name is used."},
    {"artist", Custom<Scene>{[](const Scene& s) { return s.artist.empty() ? std::string() : toml_text(s.artist); }, R"({"type": "string", "maxLength": 500})"},
     "\"The Tiny Band\"", "Whose film it is, kept in its file; without one, the artist that the song's file or its lyrics name."},
};

constexpr Row<VideoOptions> kVideo[] = {
    {"size", Custom<VideoOptions>{[](const VideoOptions& v) { return size_toml(v.width, v.height); }, kSize, read_picture_size},
     "\"256x256\"", "Width and height of the pictures, in pixels. The VQGAN makes them in whole cells: what is too much is cut off around."},
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
     "\"song.flac\"", "The song's file, beside the scene."},
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
    {"codec", choice<&MusicOptions::codec>(),
     "\"aac\"", "How the song is stored: copy: its packets unchanged; alac: without loss; aac: 320 kbit/s for stereo, which web browsers play; auto: copy where the film's container can carry them, else alac.", Written::when_changed},
    {"channels", choice<&MusicOptions::channels>(),
     "\"stereo\"", "keep: those of the song; stereo: all of them mixed to two.", Written::when_changed},
    {"gain", Custom<MusicOptions>{gain_text, R"({"anyOf": [{"type": "number", "minimum": -60, "maximum": 20}, {"const": "auto"}]})", read_gain},
     "-3.5", "How much louder the song is made, in dB; \"auto\" lowers a song with peaks above full scale until they are just below, and leaves others as they are.", Written::when_changed},
    {"chapters", Boolean<MusicOptions>{&MusicOptions::chapters},
     "false", "Whether the song's sections and other named places become chapters of the film, from the files in beats or sections.", Written::when_changed},
    {"subtitles", Boolean<MusicOptions>{&MusicOptions::subtitles},
     "false", "Whether the lyrics become subtitles of the film, which players turn on and off.", Written::when_changed},
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
    {"speed", Animatable<InterpolateOptions>{&InterpolateOptions::speed, {.min = 0, .max = 1000}},
     "\"0.2 + low\"", "How fast a change goes on, beside its other frames; it is at its end at the next keyframe nevertheless.", Written::when_changed},
};

constexpr Row<PulseOptions> kPulse[] = {
    {"amount", Animatable<PulseOptions>{&PulseOptions::amount, {.min = 0, .max = 1}},
     "\"0.3 * kick\"", "How far every picture leaves its way for another; 0: not at all.", Written::when_changed},
    {"towards", Custom<PulseOptions>{towards_text, R"({"anyOf": [{"enum": ["noise", "next", "previous"]}, {"type": "integer", "minimum": 0, "maximum": 9999}]})", read_towards},
     "\"next\"", "Where it goes: noise, the keyframe that comes next, the one before, or the number of one, counted from 0.", Written::when_changed},
    {"seed", Integer<PulseOptions>{&PulseOptions::seed, 0, std::numeric_limits<int>::max()},
     "7", "The seed of that noise.", Written::when_changed},
};

// A zoom's logarithm is needed, so 0 is no end of its range.
constexpr Range kZoom{.min = 0.001, .max = 1000};
constexpr Range kMotion{.min = -1000, .max = 1000};

constexpr Row<MotionOptions> kMotionRows[] = {
    {"zoom", Animatable<MotionOptions>{&MotionOptions::zoom, kZoom},
     "1.2", "The factor by which what is seen grows in a second; below 1 it shrinks.", Written::when_changed},
    {"pan", AnimatablePair<MotionOptions>{&MotionOptions::pan_x, &MotionOptions::pan_y, kMotion},
     "[0.1, 0]", "How fast the camera moves to the right and down, in frame widths a second; what is seen moves to the left and up.", Written::when_changed},
    {"rotate", Animatable<MotionOptions>{&MotionOptions::rotate, {.min = -36'000, .max = 36'000}},
     "\"30 * low\"", "How fast what is seen turns clockwise, in degrees a second.", Written::when_changed},
    {"shear", Animatable<MotionOptions>{&MotionOptions::shear, kMotion},
     "[[\"0s\", 0], [\"4s\", 0.2]]", "How fast rows move against each other: one that lies a frame width below the center moves to the right by so many frame widths a second.", Written::when_changed},
    {"center", AnimatablePair<MotionOptions>{&MotionOptions::center_x, &MotionOptions::center_y, {.min = 0, .max = 1}},
     "[0.5, 0.4]", "The point that zoom, rotate and shear leave where it is: 0 is the left and upper end of the frame, 1 the right and lower one.", Written::when_changed},
    {"edge", choice<&MotionOptions::edge>(),
     "\"wrap\"", "What is beyond the picture: it mirrored, its outermost pixels, the picture again, or black.", Written::when_changed},
    {"from", choice<&MotionOptions::from>(),
     "\"keyframe\"", "film: the camera moves on from the film's beginning; keyframe: at every keyframe it is where it began.", Written::when_changed},
};

constexpr Row<FeedbackOptions> kFeedbackRows[] = {
    {"recipe", choice<&FeedbackOptions::recipe>(),
     "\"zoom\"", "The values of the keys below where the scene does not say them; see the table."},
    {"iterations", Integer<FeedbackOptions>{&FeedbackOptions::iterations, 0, 100'000},
     "12", "Steps of every frame; 0: pictures are only moved."},
    {"hold", Number<FeedbackOptions>{&FeedbackOptions::hold, {.min = 0, .max = 1e6}},
     "0.3", "How strongly a frame is held to the picture that it begins with; start_weight of its optimization."},
    {"learning_rate", OptionalNumber<FeedbackOptions>{&FeedbackOptions::learning_rate, {.min = 0, .max = 100, .above_min = true}},
     "0.05", "The size of a frame's steps; that of its keyframe where it is left out."},
    {"learning", choice<&FeedbackOptions::learning>(),
     "\"carried\"", "Whether the optimizer begins anew in every frame, or goes on with what it learned in the frame before."},
    {"color", choice<&FeedbackOptions::color>(),
     "\"free\"", "keyframe: brightness and contrast of each colour change only as prompts ask; free: also as moving and encoding pictures over and over does."},
    {"average", Integer<FeedbackOptions>{&FeedbackOptions::average, 1, 16},
     "4", "Over how many frames' latents each picture is averaged, its own and those before it; 1: over none but its own."},
    {"average_weight", Number<FeedbackOptions>{&FeedbackOptions::average_weight, {.min = 0, .max = 1, .above_min = true}},
     "0.7", "The weight of each of these latents, relative to the one after it."},
};

constexpr Row<SourceOptions> kSourceRows[] = {
    {"video", Custom<SourceOptions>{[](const SourceOptions& s) { return file_or_nothing(s.video); }, R"({"$ref": "#/definitions/text"})", read_clip_file},
     "\"clip.mp4\"", "The clip that is repainted, beside the scene: every frame begins with what it shows at that time."},
    {"from", Custom<SourceOptions>{[](const SourceOptions& s) { return s.from == RationalTime() ? std::string() : toml(s.from); }, kTime},
     "\"12s\"", "Where in the clip the film begins."},
    {"loop", Boolean<SourceOptions>{&SourceOptions::loop},
     "true", "Whether a clip that is shorter than the film begins again; else its last frame stands."},
    {"blend", Number<SourceOptions>{&SourceOptions::blend, {.min = 0, .max = 1}},
     "0.7", "How much of a frame's beginning is what was made of the frame before, carried on by the clip's motion: 0 nothing, 1 all that is not newly seen."},
};

constexpr Range kGradeFactors{.min = 0, .max = 10};

constexpr Row<PictureOptions> kPicture[] = {
    {"brightness", Animatable<PictureOptions>{&PictureOptions::brightness, kGradeFactors},
     "\"1 + 0.5 * (beat_phase < 0.1)\"", "A factor for all colours.", Written::when_changed},
    {"contrast", Animatable<PictureOptions>{&PictureOptions::contrast, kGradeFactors},
     "1.1", "A factor for the distance of colours from middle gray.", Written::when_changed},
    {"saturation", Animatable<PictureOptions>{&PictureOptions::saturation, kGradeFactors},
     "[[\"0s\", 0], [\"4s\", 1, \"ease-in\"]]", "A factor for the distance of colours from gray of the same brightness.", Written::when_changed},
};

constexpr Row<SignalOptions> kSignal[] = {
    {"source", choice<&SignalOptions::source>(),
     "\"band\"", "What of the song is measured: its loudness, that of a band of frequencies, how suddenly sound begins, drums and other short sounds, or held tones."},
    {"band", Pair<SignalOptions>{&SignalOptions::band_from, &SignalOptions::band_to, {.min = 1, .max = 100'000}, true, false},
     "[40, 120]", "With source = \"band\": the lowest and the highest frequency, in Hz."},
    {"attack", Custom<SignalOptions>{[](const SignalOptions& s) { return toml(s.attack); }, kSmoothing, read_smoothing<&SignalOptions::attack>},
     "\"0.01s\"", "How long the signal takes to follow a rise by 63 %; 0: it follows at once."},
    {"release", Custom<SignalOptions>{[](const SignalOptions& s) { return toml(s.release); }, kSmoothing, read_smoothing<&SignalOptions::release>},
     "\"0.2s\"", "How long it takes to follow a fall by 63 %."},
    {"clip", Number<SignalOptions>{&SignalOptions::clip, {.min = 0, .max = 1, .above_min = true}},
     "0.98", "The level that becomes 1, as a fraction of the song's levels that lie below it."},
    {"gain", Number<SignalOptions>{&SignalOptions::gain, {.min = 0, .max = 1000}},
     "1.5", "A factor for the level; what exceeds 1 becomes 1."},
    {"power", Number<SignalOptions>{&SignalOptions::power, {.min = 0, .max = 100, .above_min = true}},
     "2", "The exponent of the level: above 1, only what is loud remains."},
};

constexpr Row<Keyframe> kKeyframe[] = {
    {"at", Custom<Keyframe>{[](const Keyframe& k) { return toml(k.at); }, kTime},
     "\"4s\"", "When the film shows this picture; also \"frame 96\", \"00:01:12.500\" and, with [music], \"bar 9\", \"chorus 2\", \"bar 9 + 2 beats\"."},
    {"hold", Custom<Keyframe>{hold_text, R"({"$ref": "#/definitions/length"})"},
     "\"1s\"", "How long it stays on the picture; also \"frame 24\" and, with [music], \"2 beats\" or \"1 bar\"."},
    {"cut", Boolean<Keyframe>{&Keyframe::cut},
     "true", "Whether the film cuts to this picture: what was before stands until then, and with [feedback] a new chain of frames begins.", Written::when_changed},
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
std::span<const Row<PulseOptions>> pulse_rows() {
  return kPulse;
}
std::span<const Row<MotionOptions>> motion_rows() {
  return kMotionRows;
}
std::span<const Row<FeedbackOptions>> feedback_rows() {
  return kFeedbackRows;
}
std::span<const Row<SourceOptions>> source_rows() {
  return kSourceRows;
}
std::span<const Row<PictureOptions>> picture_rows() {
  return kPicture;
}
std::span<const Row<SignalOptions>> signal_rows() {
  return kSignal;
}
std::span<const Row<Keyframe>> keyframe_rows() {
  return kKeyframe;
}

std::span<const std::string_view> scene_keys() {
  using namespace std::string_view_literals;
  static constexpr std::array kKeys = {"title"sv,   "artist"sv,  "video"sv,    "music"sv,
                                       "signals"sv, "models"sv,  "optimize"sv, "interpolate"sv,
                                       "pulse"sv,   "motion"sv,  "feedback"sv, "source"sv,
                                       "picture"sv, "keyframe"sv};
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
std::span<const std::string_view> pulse_keys() {
  static const Keys keys = keys_of(pulse_rows());
  return keys;
}
std::span<const std::string_view> motion_keys() {
  static const Keys keys = keys_of(motion_rows());
  return keys;
}
std::span<const std::string_view> feedback_keys() {
  static const Keys keys = keys_of(feedback_rows());
  return keys;
}
std::span<const std::string_view> source_keys() {
  static const Keys keys = keys_of(source_rows());
  return keys;
}
std::span<const std::string_view> picture_keys() {
  static const Keys keys = keys_of(picture_rows());
  return keys;
}
std::span<const std::string_view> signal_keys() {
  static const Keys keys = keys_of(signal_rows());
  return keys;
}
std::span<const std::string_view> keyframe_keys() {
  static const Keys keys = joined(keys_of(keyframe_rows()), optimize_keys());
  return keys;
}

std::string belongs_elsewhere(std::string_view key, std::string_view here) {
  static const std::array<Table, 11> tables = {
      {{"[video]", keys_of(video_rows())},
       {"[music]", keys_of(music_rows())},
       {"[models]", keys_of(model_rows())},
       {"[interpolate]", keys_of(interpolate_rows())},
       {"[picture]", keys_of(picture_rows())},
       {"[optimize]", Keys(optimize_keys().begin(), optimize_keys().end())},
       {"[pulse]", keys_of(pulse_rows())},
       {"[motion]", keys_of(motion_rows())},
       {"[[keyframe]]", keys_of(keyframe_rows())},
       {"[feedback]", keys_of(feedback_rows())},
       {"[source]", keys_of(source_rows())}}};
  for (const auto& [table, keys] : tables) {
    if (table == here || std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    return fmt::format("\"{}\" belongs in {}", key, table);
  }
  if ((key == "title" || key == "artist") && here != "the scene") {
    return fmt::format("\"{}\" belongs above the first [table]", key);
  }
  return {};
}

}  // namespace latentreel::scenes
