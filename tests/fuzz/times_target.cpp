#include <optional>
#include <string>
#include <string_view>

#include "scenes/song_map.h"
#include "scenes/time_text.h"
#include "tests/fuzz/expect_song.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {
namespace {

using scenes::RationalTime;
using scenes::TimeContext;

constexpr scenes::FrameRate kFps{30000, 1001};

// A song whose bars change, with sections and lyrics that look like other times.
TimeContext with_song() {
  const RationalTime third(1, 3);
  scenes::SongMap song;
  song.tempo = scenes::TempoMap::from_beats(
      {{1, 2}, {1, 1}, {3, 2}, {21, 10}, {27, 10}},
      {{.beats_per_bar = 4}, {.beat = {9, 1}, .bar = 3, .beats_per_bar = 3}});
  song.markers = {{"intro", {0, 1}}, {"chorus", third}, {"beat drop", {2, 1}}, {"chorus", {4, 1}}};
  song.lyrics = {{"Let it be", {1, 1}}, {"Let it be, 2", {5, 2}}};
  TimeContext context{.fps = kFps, .tempo = {}, .song_from = third};
  scenes::add_song(song, context);
  return context;
}

// What `text` is as a time; none where it is refused.
std::optional<RationalTime> time_of(std::string_view text, const TimeContext& context) {
  try {
    return scenes::parse_time(text, context);
  } catch (const scenes::SceneError& error) {
    expect(error.diagnostics().size() == 1, "one thing is wrong with a time");
    const auto& diagnostic = error.diagnostics().front();
    expect(diagnostic.file.empty() && diagnostic.line == 0, "a time knows no place");
    expect(!diagnostic.message.empty() && std::string_view(error.what()).size() < 4096,
           "an error can be read");
    return std::nullopt;
  }
}

}  // namespace

void fuzz_times(FuzzBytes bytes) {
  static const TimeContext song = with_song();
  static const TimeContext silence{.fps = kFps, .tempo = {}, .song_from = {}};
  const auto text = text_of_bytes(bytes);
  const auto plain = time_of(text, silence);
  const auto musical = time_of(text, song);
  if (plain) {
    expect(plain == musical, "a plain time is the same in every song");
    expect(!scenes::is_musical(text), "a plain time is not musical");
  } else if (musical) {
    expect(scenes::is_musical(text), "what needs a song is musical");
  }
  const auto mistake = scenes::mistake_in_any_song(text);
  expect(mistake.size() < 4096, "a mistake can be read");
  if (!musical) return;
  expect(mistake.empty(), "a time of one song may be one");
  const RationalTime latest(1'000'000'000, 1);
  if (*musical < RationalTime() || *musical > latest) return;
  expect(time_of(scenes::exact_time_text(*musical), silence) == musical, "a time reads back");
}

}  // namespace latentreel::models
