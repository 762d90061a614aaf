#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "src/cli/common_options.h"
#include "src/train/questions.h"

namespace latentreel::train {

// How the pictures of an exam are made: the name of a recipe, and the settings that it changes.
struct Maker {
  std::string name;              // one word
  std::vector<std::string> set;  // KEY=VALUE, as the program's --set
};

// What the renderer made of one question.
struct Answer {
  at::Tensor start, picture;                // [1, 3, S, S] in [0, 1]
  double start_distance = 0, distance = 0;  // manifold_distance of both
  double sharpness = 0;                     // edge_sharpness of the picture
  double seconds = 0;                       // of optimizing
};

// Renders one keyframe for each question with the model pair in the folder `pair`, from the `start`
// of a scene ("nearest", "previous", "random"). `machine`: device and threads. Throws SceneError
// where `maker` sets something that scenes do not have, and whatever rendering throws.
std::vector<Answer> answers(const std::vector<Question>& questions, const std::string& start,
                            const Maker& maker, const std::filesystem::path& pair,
                            const cli::CommonOptions& machine);

}  // namespace latentreel::train
