#include "scenes/keyframe_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <span>
#include <string>

#include "scenes/curve_reading.h"
#include "scenes/optimize_rows.h"
#include "scenes/prompt_reading.h"
#include "scenes/recipes.h"
#include "scenes/scene_error.h"
#include "scenes/scene_reader.h"
#include "scenes/section_rows.h"
#include "scenes/timeline.h"
#include "scenes/value_reading.h"

namespace latentreel::scenes {
namespace {

// One [[keyframe]] on its way to a Keyframe.
struct Source {
  Value table;           // at, hold and prompts with their overrides
  Value override_layer;  // optimize keys that outrank even `optimize.KEY`
  bool first_in_file = false;
};

std::optional<RationalTime> read_at(const Source& source, const Clock& clock, Mistakes& mistakes) {
  const Entry* at = source.table.find("at");
  if (at == nullptr) {
    if (source.first_in_file) return RationalTime();
    if (has_misspelt(source.table, "at", keyframe_keys())) return std::nullopt;
    mistakes.add(source.table.position, "a keyframe without a time",
                 "write at = \"4s\"; only the first may leave it out");
    return std::nullopt;
  }
  const auto time = read_time(at->value, {.key = "at", .example = "\"4s\""}, clock, mistakes);
  if (time && *time < RationalTime()) {
    mistakes.add(
        at->value.position,
        fmt::format("at: {} before the film begins; it uses the song from {} on",
                    format_seconds(RationalTime() - *time), format_seconds(clock.times.song_from)));
    return std::nullopt;
  }
  return time;
}

// `at`: the keyframe's time, from which on beats and bars are counted.
std::optional<RationalTime> read_hold(const Value& value, RationalTime at, const Clock& clock,
                                      Mistakes& mistakes) {
  if (is_musical(value.text)) {
    mistakes.add(value.position, "hold: must be a length, not a place in the music",
                 "write \"1s\", \"2 beats\" or \"frame 24\"");
    return std::nullopt;
  }
  try {
    if (value.kind == Value::Kind::text) {
      if (const auto length = musical_length(value.text, at, clock.times)) return length;
    }
  } catch (const SceneError& error) {
    const Diagnostic& reason = error.diagnostics().front();
    mistakes.add(value.position, "hold: " + reason.message, reason.hint);
    return std::nullopt;
  }
  return read_time(value, {.key = "hold", .example = "\"1s\""}, clock, mistakes);
}

// The keyframe tables in order of time, so that an override's number finds its keyframe. Times that
// cannot be read go last; they are complained about later.
std::vector<Source> in_order_of_time(const Value& list, const Clock& clock) {
  std::vector<Source> sources;
  std::vector<std::optional<RationalTime>> times;
  Mistakes unheard({}, {}, {});
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    Source source{.table = list.items[i], .override_layer = {}, .first_in_file = i == 0};
    times.push_back(source.table.is_table() ? read_at(source, clock, unheard) : std::nullopt);
    sources.push_back(std::move(source));
  }
  std::vector<std::size_t> order(sources.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (!times[a] || !times[b]) return times[a].has_value() && !times[b].has_value();
    return *times[a] < *times[b];
  });
  std::vector<Source> sorted;
  for (const std::size_t index : order) sorted.push_back(std::move(sources[index]));
  return sorted;
}

void apply_keyframe_overrides(std::span<const KeyframeOverride> overrides,
                              std::vector<Source>& sources, Mistakes& mistakes) {
  const auto layered = optimize_keys();
  for (const KeyframeOverride& given : overrides) {
    if (given.keyframe >= sources.size()) {
      const std::string have = sources.size() == 1
                                   ? "only keyframe 0"
                                   : fmt::format("keyframes 0 to {}", sources.size() - 1);
      mistakes.add(given.value.position, fmt::format("the scene has {}", have));
      continue;
    }
    Source& source = sources[given.keyframe];
    const bool option = std::find(layered.begin(), layered.end(), given.key) != layered.end();
    set_key(option ? source.override_layer : source.table, given.key, given.value);
  }
}

std::vector<Prompt> read_keyframe_prompts(const Value& table, const CurveContext& curves,
                                          NamedFiles& files, Mistakes& mistakes) {
  const Entry* prompt = table.find("prompt");
  const Entry* prompts = table.find("prompts");
  if (prompt == nullptr && prompts == nullptr) {
    if (has_misspelt(table, "prompt", keyframe_keys())) return {};
    if (has_misspelt(table, "prompts", keyframe_keys())) return {};
    mistakes.add(table.position, "a keyframe without a prompt", "write prompt = \"a red apple\"");
    return {};
  }
  if (prompt != nullptr && prompts != nullptr) {
    mistakes.add(std::max(prompt->position.line, prompts->position.line) == prompt->position.line
                     ? prompt->position
                     : prompts->position,
                 "a keyframe with both prompt and prompts",
                 "put the one prompt into the list of prompts");
    return {};
  }
  if (prompt != nullptr) {
    const Expected expected{.key = "prompt", .example = "\"a red apple\""};
    if (prompt->value.is_list() || prompt->value.is_table()) {
      mistakes.add(prompt->value.position,
                   fmt::format("prompt: expected a string, found {}", described(prompt->value)),
                   "several prompts are written prompts = [...]");
      return {};
    }
    const auto text = read_prompt_text(prompt->value, expected, mistakes);
    if (!text) return {};
    note_foreign(prompt->value, "prompt", mistakes);
    return {Prompt{.text = *text, .line = prompt->value.position.line}};
  }
  if (!prompts->value.is_list()) {
    add_wrong_type(prompts->value, {.key = "prompts", .example = "[\"a red apple\"]"},
                   "a list of strings and tables", mistakes);
    return {};
  }
  if (prompts->value.items.empty()) {
    mistakes.add(prompts->value.position, "prompts: the list is empty",
                 "write prompts = [\"a red apple\"]");
    return {};
  }
  return read_prompts(prompts->value, "prompts", curves, files, mistakes);
}

// cut_min above cut_max, wherever the two came from; `told` keeps [optimize]'s from being told for
// every keyframe.
void check_cuts(const OptimizeOptions& options, const Value& table, const Value* optimize,
                bool& told, Mistakes& mistakes) {
  if (!options.cut_min || !options.cut_max || *options.cut_min <= *options.cut_max) return;
  const Entry* own = table.find("cut_min");
  if (own == nullptr) own = table.find("cut_max");
  if (own == nullptr && told) return;
  Position where = table.position;
  if (own != nullptr) {
    where = own->position;
  } else {
    const Entry* common = optimize == nullptr ? nullptr : optimize->find("cut_min");
    if (common != nullptr) where = common->position;
    told = true;
  }
  mistakes.add(where,
               fmt::format("cut_min {} is above cut_max {}", *options.cut_min, *options.cut_max));
}

struct Read {
  Keyframe keyframe;
  Position at;  // for messages about its time
  Position hold;
};

// Two keyframes on one frame, and holds that reach the next keyframe.
void check_times(const std::vector<Read>& reads, FrameRate fps, Mistakes& mistakes) {
  for (std::size_t i = 0; i < reads.size(); ++i) {
    const Keyframe& keyframe = reads[i].keyframe;
    const RationalTime end = keyframe.at + keyframe.hold;
    if (nearest_frame(end, fps) >= kMaxFrames) {
      mistakes.add(reads[i].at, fmt::format("a keyframe at {} ends beyond {} frames",
                                            format_seconds(keyframe.at), kMaxFrames));
      return;
    }
    if (i + 1 == reads.size()) return;
    const Keyframe& next = reads[i + 1].keyframe;
    const std::int64_t frame = nearest_frame(keyframe.at, fps);
    const std::int64_t next_frame = nearest_frame(next.at, fps);
    if (frame == next_frame) {
      const bool known_line = keyframe.line > 0;
      mistakes.add(reads[i + 1].at,
                   fmt::format("two keyframes on frame {} ({})", frame,
                               format_seconds(time_of_frame(frame, fps))),
                   known_line ? fmt::format("the other is on line {}", keyframe.line) : "");
    } else if (end >= next.at || last_held_frame(keyframe, fps) >= next_frame) {
      mistakes.add(reads[i].hold,
                   fmt::format("hold: lasts until {}, but the next keyframe is at {}",
                               format_seconds(end), format_seconds(next.at)),
                   fmt::format("for a cut without a transition, write hold = \"frame {}\"",
                               next_frame - frame - 1));
    }
  }
}

}  // namespace

std::vector<Keyframe> read_keyframes(const KeyframeTables& tables, const CurveContext& curves,
                                     NamedFiles& files, Mistakes& mistakes) {
  const Clock& clock = curves.clock;
  OptimizeChanges common;
  if (tables.optimize != nullptr) {
    check_keys(*tables.optimize, "[optimize]", optimize_keys(), mistakes);
    common = read_optimize(*tables.optimize, curves, files, mistakes);
  }
  check_keys(tables.overrides->optimize, "[optimize]", optimize_keys(), mistakes);
  const OptimizeChanges overriding =
      read_optimize(tables.overrides->optimize, curves, files, mistakes);
  if (tables.keyframes == nullptr) return {};
  if (tables.keyframes->items.size() > kMaxKeyframes) {
    mistakes.add(tables.keyframes->position, fmt::format("more than {} keyframes", kMaxKeyframes));
    return {};
  }

  std::vector<Source> sources = in_order_of_time(*tables.keyframes, clock);
  apply_keyframe_overrides(tables.overrides->keyframes, sources, mistakes);
  std::vector<Read> reads;
  bool all_times_good = clock.fps_is_good;
  bool cuts_told = false;
  for (const Source& source : sources) {
    const Value& table = source.table;
    if (!table.is_table()) {
      add_wrong_type(table, {.key = "keyframe", .example = {}}, "a table", mistakes);
      continue;
    }
    check_keys(table, "[[keyframe]]", keyframe_keys(), mistakes);
    Read read{.keyframe = {}, .at = table.position, .hold = table.position};
    Keyframe& keyframe = read.keyframe;
    keyframe.line = table.position.line;
    if (const Entry* at = table.find("at")) read.at = at->value.position;
    const auto at = read_at(source, clock, mistakes);
    all_times_good = all_times_good && at;
    keyframe.at = at.value_or(RationalTime());
    if (const Entry* hold = table.find("hold")) {
      read.hold = hold->value.position;
      const auto length = read_hold(hold->value, keyframe.at, clock, mistakes);
      all_times_good = all_times_good && length;
      keyframe.hold = length.value_or(RationalTime());
    }
    read_rows(keyframe_rows(), table, keyframe, files, mistakes);
    keyframe.prompts = read_keyframe_prompts(table, curves, files, mistakes);
    const OptimizeChanges own = read_optimize(table, curves, files, mistakes);
    const OptimizeChanges last = read_optimize(source.override_layer, curves, files, mistakes);
    // The later, the stronger.
    const std::array<const OptimizeChanges*, 4> layers = {&common, &own, &overriding, &last};
    std::string name = OptimizeOptions().recipe;
    for (const OptimizeChanges* layer : layers) name = layer->recipe.value_or(name);
    keyframe.optimize = recipe(name);
    for (const OptimizeChanges* layer : layers) layer->apply(keyframe.optimize);
    check_cuts(keyframe.optimize, table, tables.optimize, cuts_told, mistakes);
    reads.push_back(std::move(read));
  }
  std::stable_sort(reads.begin(), reads.end(),
                   [](const Read& a, const Read& b) { return a.keyframe.at < b.keyframe.at; });
  if (all_times_good) check_times(reads, clock.times.fps, mistakes);

  std::vector<Keyframe> keyframes;
  for (Read& read : reads) keyframes.push_back(std::move(read.keyframe));
  // Nothing comes before the first: it starts as its recipe would.
  if (!keyframes.empty() && keyframes.front().optimize.start == StartKind::previous) {
    keyframes.front().optimize.start = recipe(keyframes.front().optimize.recipe).start;
  }
  return keyframes;
}

}  // namespace latentreel::scenes
