#include "scenes/tempo_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "scenes/scene.h"
#include "scenes/song_map.h"

namespace latentreel::scenes {
namespace {

const RationalTime kOne(1, 1);

std::int64_t ceiling_of(RationalTime value) {
  return frames_to_cover(value, {.numerator = 1, .denominator = 1});
}

std::int64_t floor_of(RationalTime value) {
  return ceiling_of(value) - (value.denominator() == 1 ? 0 : 1);
}

bool follows(const BeatTime& a, const BeatTime& b) {
  return a.beat < b.beat && a.time < b.time;
}

// Whether the bar of `b` is the next one after those of `a` that began before it.
bool follows(const Meter& a, const Meter& b) {
  const RationalTime bars = (b.beat - a.beat) / RationalTime(a.beats_per_bar, 1);
  return b.beat > a.beat && b.bar == a.bar + ceiling_of(bars);
}

template <class Item>
bool in_order(const std::vector<Item>& items) {
  return std::adjacent_find(items.begin(), items.end(), [](const Item& a, const Item& b) {
           return !follows(a, b);
         }) == items.end();
}

}  // namespace

TempoMap TempoMap::even(RationalTime bpm, RationalTime offset, int beats_per_bar) {
  if (bpm <= RationalTime() || beats_per_bar < 1) {
    throw std::domain_error("a tempo needs more than 0 beats a minute and a bar");
  }
  const RationalTime period = RationalTime(60, 1) / bpm;
  return from_points({{kOne, offset}}, period, period, {{.beats_per_bar = beats_per_bar}});
}

TempoMap TempoMap::from_beats(std::vector<RationalTime> times, int beats_per_bar) {
  return from_beats(std::move(times), std::vector<Meter>{{.beats_per_bar = beats_per_bar}});
}

TempoMap TempoMap::from_beats(std::vector<RationalTime> times, std::vector<Meter> meters) {
  const std::size_t count = times.size();
  if (count < 2) throw std::domain_error("a list of beats needs two or more");
  std::vector<BeatTime> points;
  for (const RationalTime time : times) {
    points.push_back({RationalTime(static_cast<std::int64_t>(points.size()) + 1, 1), time});
  }
  return from_points(std::move(points), times[1] - times[0], times[count - 1] - times[count - 2],
                     std::move(meters));
}

TempoMap TempoMap::from_points(std::vector<BeatTime> points, RationalTime first_period,
                               RationalTime last_period, std::vector<Meter> meters) {
  const bool empty_bar = std::any_of(meters.begin(), meters.end(),
                                     [](const Meter& meter) { return meter.beats_per_bar < 1; });
  if (points.empty() || meters.empty() || empty_bar || !in_order(points) || !in_order(meters) ||
      first_period <= RationalTime() || last_period <= RationalTime()) {
    throw std::domain_error("beats and bars need a length, and to be in order");
  }
  TempoMap map;
  map.points_ = std::move(points);
  map.first_period_ = first_period;
  map.last_period_ = last_period;
  map.meters_ = std::move(meters);
  return map;
}

RationalTime TempoMap::time_of_beat(RationalTime beat) const {
  const auto after =
      std::upper_bound(points_.begin(), points_.end(), beat,
                       [](RationalTime value, const BeatTime& p) { return value < p.beat; });
  if (after == points_.begin()) {
    return points_.front().time + (beat - points_.front().beat) * first_period_;
  }
  const BeatTime& begin = *(after - 1);
  if (after == points_.end()) return begin.time + (beat - begin.beat) * last_period_;
  return begin.time +
         (beat - begin.beat) * ((after->time - begin.time) / (after->beat - begin.beat));
}

RationalTime TempoMap::beat_at(RationalTime time) const {
  const auto after =
      std::upper_bound(points_.begin(), points_.end(), time,
                       [](RationalTime value, const BeatTime& p) { return value < p.time; });
  if (after == points_.begin()) {
    return points_.front().beat + (time - points_.front().time) / first_period_;
  }
  const BeatTime& begin = *(after - 1);
  if (after == points_.end()) return begin.beat + (time - begin.time) / last_period_;
  return begin.beat +
         (time - begin.time) / ((after->time - begin.time) / (after->beat - begin.beat));
}

TempoMap::Bar TempoMap::bar_of(std::size_t meter, std::int64_t bar) const {
  const Meter& valid = meters_[meter];
  const RationalTime length(valid.beats_per_bar, 1);
  const RationalTime begin = valid.beat + RationalTime(bar - valid.bar, 1) * length;
  RationalTime end = begin + length;
  if (meter + 1 < meters_.size()) end = std::min(end, meters_[meter + 1].beat);
  return {bar, begin, end};
}

TempoMap::Bar TempoMap::bar_numbered(std::int64_t bar) const {
  const auto after = std::upper_bound(meters_.begin(), meters_.end(), bar,
                                      [](std::int64_t b, const Meter& m) { return b < m.bar; });
  return bar_of(static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, after - meters_.begin()) - 1),
                bar);
}

TempoMap::Bar TempoMap::bar_around(RationalTime beat) const {
  const auto after = std::upper_bound(meters_.begin(), meters_.end(), beat,
                                      [](RationalTime b, const Meter& m) { return b < m.beat; });
  const auto meter =
      static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, after - meters_.begin()) - 1);
  const Meter& valid = meters_[meter];
  const RationalTime bars = (beat - valid.beat) / RationalTime(valid.beats_per_bar, 1);
  return bar_of(meter, valid.bar + floor_of(bars));
}

RationalTime TempoMap::time_of_bar(RationalTime bar, RationalTime beat) const {
  const Bar whole = bar_numbered(floor_of(bar));
  const RationalTime part = bar - RationalTime(whole.number, 1);
  return time_of_beat(whole.begin + part * (whole.end - whole.begin) + (beat - kOne));
}

RationalTime TempoMap::bar_at(RationalTime time) const {
  const RationalTime beat = beat_at(time);
  const Bar bar = bar_around(beat);
  return RationalTime(bar.number, 1) + (beat - bar.begin) / (bar.end - bar.begin);
}

BarPosition TempoMap::position_at(RationalTime time) const {
  const RationalTime beat = beat_at(time);
  const Bar bar = bar_around(beat);
  return {bar.number, kOne + beat - bar.begin};
}

RationalTime TempoMap::beats_in_bar(std::int64_t bar) const {
  const Bar whole = bar_numbered(bar);
  return whole.end - whole.begin;
}

std::string format_bar(const TempoMap& tempo, RationalTime song_time) {
  const BarPosition position = tempo.position_at(song_time);
  RationalTime beat(nearest_frame(position.beat, {.numerator = 100}), 100);
  std::int64_t bar = position.bar;
  // 3.999 has become beat 4; where that ends the bar, it is beat 1 of the next.
  if (beat >= tempo.beats_in_bar(bar) + kOne) {
    beat = kOne;
    ++bar;
  }
  return fmt::format("bar {} beat {}", bar, exact_decimal(beat).value());
}

std::optional<TempoMap> tempo_map(const MusicOptions& music) {
  if (music.map) return music.map->tempo;
  // Of a scene that was not read from a text.
  MusicOptions only_beats = music;
  only_beats.sections.clear();
  only_beats.lyrics.clear();
  if (music.bpm) only_beats.beats.clear();
  return read_song_map(only_beats).tempo;
}

}  // namespace latentreel::scenes
