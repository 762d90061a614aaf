#include "scenes/compose.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenes/mistakes.h"
#include "scenes/scene_error.h"
#include "scenes/scene_reader.h"
#include "scenes/time_text.h"
#include "scenes/toml_text.h"
#include "scenes/utf8.h"

namespace latentreel::scenes {
namespace {

constexpr std::string_view kWordBlanks = " \t";

// A keyframe to be.
struct Place {
  std::string at;  // a time text
  std::string prompt;
};

std::vector<Place> places_of_lyrics(const std::vector<LyricLine>& lyrics) {
  std::vector<Place> places;
  std::int64_t last_frame = -1;
  for (const LyricLine& line : lyrics) {
    const std::int64_t frame = nearest_frame(line.start, kComposedRate);
    // "♪" says nothing that a picture could show.
    if (frame <= last_frame || folded_words(line.text).empty()) continue;
    places.push_back({exact_time_text(line.start), line.text});
    last_frame = frame;
  }
  if (places.empty()) {
    throw SceneError("no line of the lyrics has words", "compose without the lyrics");
  }
  return places;
}

const TempoMap& tempo_for(const ComposeStep& step, const SongMap& song) {
  if (song.tempo) return *song.tempo;
  throw SceneError(
      fmt::format("a picture every {} {} needs a tempo", exact_decimal(step.count).value(),
                  step.unit == ComposeStep::Unit::bars ? "bars" : "beats"),
      "give --bpm or --beats, or a step in seconds such as --every 4s");
}

// The time text and the time of place number `index`, from 0.
std::pair<std::string, RationalTime> step_time(const ComposeStep& step, std::size_t index,
                                               const SongMap& song) {
  const RationalTime passed = RationalTime(static_cast<std::int64_t>(index), 1) * step.count;
  if (step.unit == ComposeStep::Unit::seconds) return {exact_time_text(passed), passed};
  const TempoMap& tempo = tempo_for(step, song);
  const RationalTime number = passed + RationalTime(1, 1);
  const std::string text = exact_decimal(number).value();
  if (step.unit == ComposeStep::Unit::beats) return {"beat " + text, tempo.time_of_beat(number)};
  return {"bar " + text, tempo.time_of_bar(number)};
}

std::string prompt_of(const std::vector<std::string>& prompts, std::size_t index) {
  if (!prompts.empty()) return prompts[index % prompts.size()];
  return fmt::format("REPLACE THIS: what picture {} shows", index + 1);
}

std::vector<Place> places_of_steps(const ComposeOptions& options, const SongMap& song,
                                   RationalTime length) {
  std::vector<Place> places;
  std::int64_t last_frame = -1;
  for (std::size_t i = 0;; ++i) {
    const auto [text, time] = step_time(options.step, i, song);
    if (time >= length) break;
    const std::int64_t frame = nearest_frame(time, kComposedRate);
    if (time < RationalTime()) continue;  // beat 1 lies before the song's beginning
    if (frame <= last_frame || places.size() == kMaxKeyframes) {
      throw SceneError("the pictures would follow each other too fast",
                       "write a longer step, such as --every \"2 bars\"");
    }
    places.push_back({text, prompt_of(options.prompts, places.size())});
    last_frame = frame;
  }
  // A song that ends before its first beat.
  if (places.empty()) places.push_back({"0s", prompt_of(options.prompts, 0)});
  return places;
}

std::string head(const ComposeOptions& options, bool with_lyrics) {
  std::string text =
      "# A scene for a song, to be edited. Render it with\n"
      "#   latentreel render THIS-FILE\n";
  if (with_lyrics) {
    text +=
        "# There is one picture for every line of the lyrics, and its words are the prompt. Say "
        "more\n"
        "# of what is to be seen, join lines, leave some out. Lines that are sung again have the "
        "same\n"
        "# prompt and seed, so they show the same picture, which is made once.\n";
  } else if (options.prompts.empty()) {
    text +=
        "# The prompts below are placeholders: REPLACE EVERY ONE by what its picture shows before "
        "you\n"
        "# render. Equal prompts show the same picture, which is made once.\n";
  } else {
    text +=
        "# The prompts come in turn. Equal prompts and seeds show the same picture, which is made "
        "once.\n";
  }
  return text + "\ntitle = " + toml_text(options.title) + "\n";
}

std::string music_table(const ComposeOptions& options) {
  std::string text = "\n[music]\nfile = " + toml_text(options.song) + "\n";
  const auto line = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{} = {}\n", key, value);
  };
  if (!options.lyrics.empty()) line("lyrics", toml_text(options.lyrics));
  if (options.bpm) line("bpm", exact_decimal(*options.bpm).value());
  if (!options.beats.empty()) line("beats", toml_text(options.beats));
  if (!options.sections.empty()) line("sections", toml_text(options.sections));
  if (!options.bpm && options.beats.empty()) {
    text +=
        "# bpm = 118.0             # then keyframes can sit on \"beat 33\" or \"bar 9 beat 3\"\n"
        "# offset = \"0.37s\"        # when the first beat sounds\n";
  }
  return text;
}

std::string look_tables(const ComposeOptions& options) {
  const std::string style =
      options.style.empty()
          ? "# extra = [\"watercolor\"]  # a style, joined to every prompt\n"
          : "extra = [" + toml_text(options.style) + "]  # the style, joined to every prompt\n";
  return "\n[models]\n"
         "vqgan = \"tiny\"            # draws the pictures\n"
         "clip = [\"tiny\"]           # judges them\n"
         "\n[optimize]\n"
         "recipe = \"picture-book\"   # \"clean\", \"notebook\" or \"article\" for larger models\n"
         "seed = 7                  # another number gives other pictures\n" +
         style +
         "\n[interpolate]             # the way from picture to picture\n"
         "path = \"rise\"             # or \"bloom\", \"spherical\", \"linear\", \"spline\"\n"
         "easing = \"ease-in-out\"\n";
}

constexpr std::string_view kVideoTable =
    "\n[video]                   # the film is as long as its song\n"
    "size = \"256x256\"          # of the pictures that are made, in pixels\n"
    "output = \"512x512\"        # of the film\n"
    "fps = 24\n";

}  // namespace

ComposeStep parse_step(std::string_view text) {
  const std::string_view whole = trimmed(text, kWordBlanks);
  const auto digits = std::min(whole.find_first_not_of("0123456789."), whole.size());
  const auto count = parse_decimal(whole.substr(0, digits), 3);
  const std::string_view unit = trimmed(whole.substr(digits), kWordBlanks);
  using Unit = ComposeStep::Unit;
  if (count && *count > RationalTime()) {
    if (unit == "s") return {Unit::seconds, *count};
    if (unit == "beat" || unit == "beats") return {Unit::beats, *count};
    if (unit == "bar" || unit == "bars") return {Unit::bars, *count};
  }
  throw SceneError(fmt::format("\"{}\" is not a step", printable(text, 40)),
                   "write \"2 bars\", \"8 beats\" or \"4s\"");
}

std::string compose_scene(const ComposeOptions& options, const SongMap& song, RationalTime length) {
  const bool with_lyrics = !song.lyrics.empty();
  const auto places =
      with_lyrics ? places_of_lyrics(song.lyrics) : places_of_steps(options, song, length);
  std::string text = head(options, with_lyrics);
  text += kVideoTable;
  text += music_table(options) + look_tables(options);
  for (const Place& place : places) {
    text += fmt::format("\n[[keyframe]]\nat = {}\nprompt = {}\n", toml_text(place.at),
                        toml_text(place.prompt));
  }
  if (text.size() > kMaxSceneBytes || places.size() > kMaxKeyframes) {
    throw SceneError(fmt::format("a scene of {} pictures would be too long", places.size()),
                     with_lyrics ? "leave out some of the lyrics"
                                 : "write a longer step, such as --every \"2 bars\"");
  }
  return text;
}

std::string compose_manifest(const std::vector<std::string>& scenes) {
  const bool are_numbered = std::all_of(scenes.begin(), scenes.end(), [](const auto& scene) {
    return !scene.empty() && scene.front() >= '0' && scene.front() <= '9';
  });
  std::string text =
      "# An album, to be edited: the films are made in this order. Render it with\n"
      "#   latentreel batch THIS-FILE -o FOLDER\n"
      "\n[shared]                    # any keys of a scene, for all films\n"
      "# video.fps = 24\n"
      "# optimize.extra = [\"watercolor\"]\n";
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const std::string stem = std::filesystem::path(scenes[i]).stem().string();
    const auto film = are_numbered ? stem + ".mp4" : fmt::format("{:02}-{}.mp4", i + 1, stem);
    text +=
        fmt::format("\n[[film]]\nscene = {}\noutput = {}\n", toml_text(scenes[i]), toml_text(film));
  }
  return text;
}

}  // namespace latentreel::scenes
