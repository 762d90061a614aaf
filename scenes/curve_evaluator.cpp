#include "scenes/curve_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "scenes/curve_names.h"
#include "scenes/expression.h"
#include "scenes/scene_error.h"
#include "scenes/time_text.h"

namespace latentreel::scenes {
namespace {

double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

[[noreturn]] void fail_at(const Scene& scene, std::string message, std::string hint) {
  throw SceneError(
      SceneError::Kind::invalid,
      {{.file = scene.file.string(), .message = std::move(message), .hint = std::move(hint)}});
}

// What is left above the whole number below, [0, 1): exactly 0 on whole numbers, and never rounded
// up to 1, which would put the frame before a beat on it.
double fraction_of(RationalTime value) {
  const std::int64_t rest = value.numerator() % value.denominator();
  const std::int64_t above = rest < 0 ? rest + value.denominator() : rest;
  const double fraction = static_cast<double>(above) / static_cast<double>(value.denominator());
  return std::min(fraction, std::nextafter(1.0, 0.0));
}

// A variable of an expression: its value at every frame.
class FrameVariable {
 public:
  // half_frame: how long half a frame lasts.
  FrameVariable(FrameQuantity quantity, const TempoMap* tempo, RationalTime song_from,
                RationalTime half_frame)
      : quantity_(quantity), tempo_(tempo), song_from_(song_from), half_frame_(half_frame) {}
  FrameVariable(const Signal& signal, RationalTime song_from)
      : signal_(&signal), song_from_(song_from) {}

  // `time`: when the frame begins. Throws std::overflow_error where beats cannot be counted.
  double at(std::int64_t frame, RationalTime time) const {
    if (signal_ != nullptr) return signal_->at(time.to_seconds() + song_from_.to_seconds());
    // In the middle of the frame: so a beat begins on the frame that is nearest to it, where a
    // keyframe on that beat sits too.
    const RationalTime middle = time + half_frame_ + song_from_;
    switch (quantity_) {
      case FrameQuantity::time:
        return time.to_seconds();
      case FrameQuantity::frame:
        return static_cast<double>(frame);
      case FrameQuantity::beat:
        return tempo_->beat_at(middle).to_seconds();
      case FrameQuantity::bar:
        return tempo_->bar_at(middle).to_seconds();
      case FrameQuantity::beat_phase:
        return fraction_of(tempo_->beat_at(middle));
      case FrameQuantity::bar_phase:
        return fraction_of(tempo_->bar_at(middle));
    }
    return 0;
  }

 private:
  FrameQuantity quantity_ = FrameQuantity::time;
  const TempoMap* tempo_ = nullptr;
  const Signal* signal_ = nullptr;
  RationalTime song_from_, half_frame_;
};

}  // namespace

FrameValues CurveEvaluator::values(const Curve& curve, std::string_view key, Range range) {
  return std::visit(Overloaded{
                        [](double constant) { return FrameValues(rounded(constant)); },
                        [&](const CurvePoints& points) { return values_of_points(points); },
                        [&](const std::string& expression) {
                          return values_of_expression(expression, key, range);
                        },
                    },
                    curve.form);
}

FrameValues CurveEvaluator::values_of_points(const CurvePoints& points) const {
  std::vector<double> values;
  for (std::int64_t frame = 0; frame < timeline_.frame_count(); ++frame) {
    values.push_back(rounded(value_at(points, time_of_frame(frame, timeline_.fps()))));
  }
  return FrameValues(std::move(values));
}

FrameValues CurveEvaluator::values_of_expression(const std::string& expression,
                                                 std::string_view key, Range range) {
  const auto known = signals_beside(scene_.signals);
  Expression computed(expression, curve_names(known));
  const RationalTime half_frame = time_of_frame(1, timeline_.fps()) / RationalTime(2, 1);
  std::vector<FrameVariable> variables;
  for (const std::string& name : computed.variables()) {
    if (const auto quantity = frame_quantity(name)) {
      const TempoMap* tempo = needs_tempo(*quantity) ? &tempo_for(key) : nullptr;
      variables.emplace_back(*quantity, tempo, scene_.music.from, half_frame);
    } else {
      variables.emplace_back(signal(name, key), scene_.music.from);
    }
  }
  std::vector<double> values, now(variables.size());
  for (std::int64_t frame = 0; frame < timeline_.frame_count(); ++frame) {
    const RationalTime time = time_of_frame(frame, timeline_.fps());
    const auto where = [&] { return fmt::format("frame {} ({})", frame, format_seconds(time)); };
    try {
      for (std::size_t i = 0; i < now.size(); ++i) now[i] = variables[i].at(frame, time);
    } catch (const std::overflow_error&) {
      fail_at(scene_, fmt::format("{}: the beat at {} cannot be counted exactly", key, where()),
              "write bpm and offset with fewer decimals");
    }
    const double value = computed.at(now);
    if (!std::isfinite(value)) {
      fail_at(scene_,
              fmt::format("{}: \"{}\" is {} at {}", key, printable(expression), value, where()),
              "look at what it divides by there, and at its powers");
    }
    values.push_back(rounded(std::clamp(value, range.min, range.max)));
  }
  return FrameValues(std::move(values));
}

const TempoMap& CurveEvaluator::tempo_for(std::string_view key) {
  if (!tempo_) tempo_ = time_context(scene_).tempo;
  if (!tempo_) {
    fail_at(scene_, fmt::format("{}: a beat needs a tempo", key), std::string(kHowToSetTempo));
  }
  return *tempo_;
}

const Signal& CurveEvaluator::signal(const std::string& name, std::string_view key) const {
  const auto found = signals_.find(name);
  if (found == signals_.end()) {
    fail_at(scene_, fmt::format("{}: the signal \"{}\" of the song was not measured", key, name),
            "");
  }
  return found->second;
}

}  // namespace latentreel::scenes
