#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/train/world/composition.h"

namespace latentreel::train {

// A prompt that nothing was trained on, and what its picture should be recognized as.
struct Question {
  std::string prompt;
  int thing = 0;
  std::optional<world::Colour> colour;
  world::Composition drawn;  // as the world draws it
};

// The first `count` captions of held-out pictures of one thing, without repetitions: of things in
// their natural colours, or, if `coloured`, in others.
std::vector<Question> questions(int count, bool coloured);

}  // namespace latentreel::train
