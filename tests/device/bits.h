#pragma once

#include <string>
#include <vector>

#include "src/optimize/model_pack.h"

namespace latentreel::testing {

// Whether a part of a step gives the same bits twice from the same input, on the device under test.
struct Twice {
  std::string part;  // "decode, gradient"
  bool same = false;
  double difference = 0;  // the length of it as a part of the length; 0 where it is the same
};

// The parts of a step one after another, then whole runs of every recipe. What varies in a part
// varies in all that comes after it, so the first that differs is the one to look at.
std::vector<Twice> bits_twice(render::ModelPack& models, scenes::Precision precision);

// What LibTorch itself says is not deterministic in a step of every recipe, a sentence for each
// operator.
std::vector<std::string> said_to_vary(render::ModelPack& models, scenes::Precision precision);

}  // namespace latentreel::testing
