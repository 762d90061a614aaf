#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenes/scene.h"

// Options as their keys and the TOML of their values, in the order in which people read about them:
// what a scene's text and every hash is made of. Equal values mean equal options, except for
// pictures, which are given by their file names alone.

namespace latentreel::scenes {

struct OptionValue {
  std::string_view key;
  std::string text;  // empty where it is not set

  friend bool operator==(const OptionValue&, const OptionValue&) = default;
};

// Every option of [optimize] but `recipe`, which only stands for values of the others.
std::vector<OptionValue> option_values(const OptimizeOptions& options);
// Its name and every option of its kind.
std::vector<OptionValue> option_values(const Augment& step);
std::vector<OptionValue> option_values(const InterpolateOptions& options);
// Every option of [source] but `video`.
std::vector<OptionValue> option_values(const SourceOptions& options);
// Every option of [feedback] but `recipe`.
std::vector<OptionValue> option_values(const FeedbackOptions& options);

}  // namespace latentreel::scenes
