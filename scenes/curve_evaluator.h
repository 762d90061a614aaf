#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "scenes/frame_values.h"
#include "scenes/option_row.h"
#include "scenes/song_signals.h"
#include "scenes/tempo_map.h"
#include "scenes/timeline.h"

// Internal to the room.

namespace latentreel::scenes {

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
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.key == key; });
    const auto& type = std::get<Animatable<Owner>>(row->type);
    return values(owner.*(type.field), key, type.range);
  }
  FrameValues values(const Curve& curve, std::string_view key, Range range);

 private:
  FrameValues values_of_points(const CurvePoints& points) const;
  FrameValues values_of_expression(const std::string& expression, std::string_view key,
                                   Range range);
  const TempoMap& tempo_for(std::string_view key);
  const Signal& signal(const std::string& name, std::string_view key) const;

  const Timeline& timeline_;
  const Scene& scene_;
  const Signals& signals_;
  std::optional<TempoMap> tempo_;  // read where an expression needs it
};

}  // namespace latentreel::scenes
