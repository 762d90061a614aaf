#include "scenes/frame_spec.h"

#include <fmt/format.h>

namespace latentreel::scenes {
namespace {

struct TextOfField {
  std::string text;

  template <class Value>
  void operator()(std::string_view name, const Value& value) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  void operator()(std::string_view name, KeyframeRef keyframe) { (*this)(name, keyframe.index); }
  void operator()(std::string_view name, IntervalRef interval) { (*this)(name, interval.index); }
  void operator()(std::string_view name, ChainRef part) { (*this)(name, part.index); }
};

}  // namespace

std::string text_of(const FrameSpec& spec) {
  TextOfField fields;
  visit_fields(spec, fields);
  return fields.text;
}

}  // namespace latentreel::scenes
