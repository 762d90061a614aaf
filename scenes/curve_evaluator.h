#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "scenes/frame_values.h"
#include "scenes/option_row.h"
#include "scenes/song_signals.h"
#include "scenes/tempo_map.h"
#include "scenes/timeline.h"

// Internal to the room.

namespace latentreel::scenes {

// A curve at any time of the film, also between two frames. Values are rounded to millionths; those
// beyond the key's range become its nearest end. For one thread at a time.
class TimedCurve {
 public:
  TimedCurve(TimedCurve&&) noexcept;
  ~TimedCurve();

  bool is_constant() const;
  // In an expression `frame` is time * fps, which may have a fraction. Throws SceneError where it
  // gives no finite number, or where the beats cannot be counted.
  double at(RationalTime time) const;

 private:
  friend class CurveEvaluator;
  class Form;
  explicit TimedCurve(std::unique_ptr<Form> form);

  std::unique_ptr<Form> form_;
};

// Computes the curves of one scene.
class CurveEvaluator {
 public:
  // All arguments must outlive it.
  CurveEvaluator(const Timeline& timeline, const Scene& scene, const Signals& signals)
      : timeline_(timeline), scene_(scene), signals_(signals) {}

  // The curve of the animatable key `key` among `rows`. Values beyond the key's range become its
  // nearest end. Throws SceneError where an expression gives no finite number at some frame, or
  // reads a signal that is not among the measured ones, or where the beats cannot be read.
  template <class Owner>
  FrameValues values(std::string_view key, std::span<const Row<Owner>> rows, const Owner& owner) {
    const auto& type = std::get<Animatable<Owner>>(row_of(key, rows).type);
    return values(owner.*(type.field), key, type.range);
  }
  FrameValues values(const Curve& curve, std::string_view key, Range range);

  // The same, frame by frame: values(...).at(i) is the result's value at the time of frame i. For
  // where not all frames are asked for. The evaluator must outlive the result.
  TimedCurve framed(const Curve& curve, std::string_view key, Range range);

  // The same curve at any time, for what moves on between frames: beats and bars are read at that
  // very time. For a key that is a pair, its first and its second curve. Throws SceneError for a
  // signal that was not measured, and where the beats cannot be read. The evaluator must outlive
  // the result.
  template <class Owner>
  TimedCurve timed(std::string_view key, std::span<const Row<Owner>> rows, const Owner& owner) {
    const auto& type = std::get<Animatable<Owner>>(row_of(key, rows).type);
    return timed(owner.*(type.field), key, type.range, RationalTime());
  }
  template <class Owner>
  std::pair<TimedCurve, TimedCurve> timed_pair(std::string_view key,
                                               std::span<const Row<Owner>> rows,
                                               const Owner& owner) {
    const auto& type = std::get<AnimatablePair<Owner>>(row_of(key, rows).type);
    return {timed(owner.*(type.first), key, type.range, RationalTime()),
            timed(owner.*(type.second), key, type.range, RationalTime())};
  }

 private:
  template <class Owner>
  static const Row<Owner>& row_of(std::string_view key, std::span<const Row<Owner>> rows) {
    return *std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.key == key; });
  }

  // beats_after: beats and bars are read so much later.
  TimedCurve timed(const Curve& curve, std::string_view key, Range range, RationalTime beats_after);
  const TempoMap& tempo_for(std::string_view key);
  const Signal& signal(const std::string& name, std::string_view key) const;

  const Timeline& timeline_;
  const Scene& scene_;
  const Signals& signals_;
  std::optional<TempoMap> tempo_;  // read where an expression needs it
};

}  // namespace latentreel::scenes
