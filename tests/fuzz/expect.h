#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "models/files/error.h"

namespace latentreel::models {

// A promise of the code under test. libFuzzer keeps the input that breaks one.
inline void expect(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "Broken promise: %s\n", promise);
  std::abort();
}

// Runs `read`, which may refuse its input, naming `source`.
template <class Read>
void may_refuse(std::string_view source, const Read& read) {
  try {
    read();
  } catch (const WeightsError& error) {
    const std::string_view text = error.what();
    expect(error.kind() == WeightsError::Kind::invalid, "a bad input is invalid");
    expect(text.find(source) != text.npos, "an error names the file");
    expect(text.size() < 4096, "an error can be read");
  }
}

}  // namespace latentreel::models
