#pragma once

#include <utility>

// How many fields a struct has: for tests that notice one which was added and forgotten elsewhere.

namespace latentreel::scenes {

struct AnyField {
  template <class Field>
  operator Field() const;
};

template <class Aggregate, class... Fields>
constexpr int fields_in() {
  if constexpr (requires { Aggregate{Fields()..., AnyField()}; }) {
    return fields_in<Aggregate, Fields..., AnyField>();
  } else {
    return sizeof...(Fields);
  }
}

}  // namespace latentreel::scenes
