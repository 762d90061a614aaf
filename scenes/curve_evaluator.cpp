#include "scenes/curve_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <variant>
#include <vector>

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

// A variable of an expression: its value at every time.
class TimedVariable {
 public:
  // beats_from: when the song's time 0 is, for beats and bars, before the film's.
  TimedVariable(FrameQuantity quantity, FrameRate fps, const TempoMap* tempo,
                RationalTime beats_from)
      : quantity_(quantity),
        fps_(fps.numerator, fps.denominator),
        tempo_(tempo),
        song_from_(beats_from) {}
  TimedVariable(const Signal& signal, RationalTime song_from)
      : signal_(&signal), song_from_(song_from) {}

  // Throws std::overflow_error where beats cannot be counted.
  double at(RationalTime time) const {
    if (signal_ != nullptr) return signal_->at(time.to_seconds() + song_from_.to_seconds());
    switch (quantity_) {
      case FrameQuantity::time:
        return time.to_seconds();
      case FrameQuantity::frame:
        return (time * fps_).to_seconds();
      case FrameQuantity::beat:
        return tempo_->beat_at(time + song_from_).to_seconds();
      case FrameQuantity::bar:
        return tempo_->bar_at(time + song_from_).to_seconds();
      case FrameQuantity::beat_phase:
        return fraction_of(tempo_->beat_at(time + song_from_));
      case FrameQuantity::bar_phase:
        return fraction_of(tempo_->bar_at(time + song_from_));
    }
    return 0;
  }

 private:
  FrameQuantity quantity_ = FrameQuantity::time;
  RationalTime fps_;
  const TempoMap* tempo_ = nullptr;
  const Signal* signal_ = nullptr;
  RationalTime song_from_;
};

// An expression and what its variables are.
struct TimedExpression {
  const Scene& scene;
  FrameRate fps;
  std::string key, text;
  Range range;
  Expression computed;
  std::vector<TimedVariable> variables;
  std::vector<double> now;

  double at(RationalTime time) {
    try {
      for (std::size_t i = 0; i < now.size(); ++i) now[i] = variables[i].at(time);
    } catch (const std::overflow_error&) {
      fail_at(scene, fmt::format("{}: the beat at {} cannot be counted exactly", key, where(time)),
              "write bpm and offset with fewer decimals");
    }
    const double value = computed.at(now);
    if (!std::isfinite(value)) {
      fail_at(scene,
              fmt::format("{}: \"{}\" is {} at {}", key, printable(text), value, where(time)),
              "look at what it divides by there, and at its powers");
    }
    return std::clamp(value, range.min, range.max);
  }

  // "frame 12 (1.2 s)"; "1.25 s" between two frames.
  std::string where(RationalTime time) const {
    const std::int64_t frame = nearest_frame(time, fps);
    const std::string seconds = format_seconds(time);
    return time_of_frame(frame, fps) == time ? fmt::format("frame {} ({})", frame, seconds)
                                             : seconds;
  }
};

}  // namespace

class TimedCurve::Form {
 public:
  std::variant<double, CurvePoints, TimedExpression> value;
};

TimedCurve::TimedCurve(std::unique_ptr<Form> form) : form_(std::move(form)) {}
TimedCurve::TimedCurve(TimedCurve&&) noexcept = default;
TimedCurve::~TimedCurve() = default;

bool TimedCurve::is_constant() const {
  return std::holds_alternative<double>(form_->value);
}

double TimedCurve::at(RationalTime time) const {
  return rounded(std::visit(Overloaded{
                                [](double constant) { return constant; },
                                [&](const CurvePoints& points) { return value_at(points, time); },
                                [&](TimedExpression& expression) { return expression.at(time); },
                            },
                            form_->value));
}

TimedCurve CurveEvaluator::framed(const Curve& curve, std::string_view key, Range range) {
  // In the middle of the frame: so a beat begins on the frame that is nearest to it, where a
  // keyframe on that beat sits too.
  const RationalTime half_frame = time_of_frame(1, timeline_.fps()) / RationalTime(2, 1);
  return timed(curve, key, range, half_frame);
}

FrameValues CurveEvaluator::values(const Curve& curve, std::string_view key, Range range) {
  const TimedCurve timed_curve = framed(curve, key, range);
  if (timed_curve.is_constant()) return FrameValues(timed_curve.at(RationalTime()));
  std::vector<double> values;
  for (std::int64_t frame = 0; frame < timeline_.frame_count(); ++frame) {
    values.push_back(timed_curve.at(time_of_frame(frame, timeline_.fps())));
  }
  return FrameValues(std::move(values));
}

TimedCurve CurveEvaluator::timed(const Curve& curve, std::string_view key, Range range,
                                 RationalTime beats_after) {
  using Form = TimedCurve::Form;
  const auto* text = std::get_if<std::string>(&curve.form);
  if (text == nullptr) {
    const auto* points = std::get_if<CurvePoints>(&curve.form);
    return TimedCurve(points != nullptr
                          ? std::make_unique<Form>(Form{*points})
                          : std::make_unique<Form>(Form{std::get<double>(curve.form)}));
  }
  const auto known = signals_beside(scene_.signals);
  Expression computed(*text, curve_names(known));
  std::vector<TimedVariable> variables;
  for (const std::string& name : computed.variables()) {
    if (const auto quantity = frame_quantity(name)) {
      const TempoMap* tempo = needs_tempo(*quantity) ? &tempo_for(key) : nullptr;
      variables.emplace_back(*quantity, timeline_.fps(), tempo, scene_.music.from + beats_after);
    } else {
      variables.emplace_back(signal(name, key), scene_.music.from);
    }
  }
  const std::size_t count = variables.size();
  return TimedCurve(
      std::make_unique<Form>(Form{TimedExpression{.scene = scene_,
                                                  .fps = timeline_.fps(),
                                                  .key = std::string(key),
                                                  .text = *text,
                                                  .range = range,
                                                  .computed = std::move(computed),
                                                  .variables = std::move(variables),
                                                  .now = std::vector<double>(count)}}));
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
