#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "models/clip/clip.h"
#include "src/train/work_folder.h"
#include "src/train/world/colours.h"

namespace latentreel::train {

// Names what is in a picture [1, 3, S, S], values in [0, 1]: a CLIP that nothing is optimized
// against compares it with "a cat", … or "a red cat", ….
class Judge {
 public:
  // Throws WeightsError where no judge was trained there.
  explicit Judge(const WorkFolder& folder);

  // Numbers of things, the best match first. With a colour, compares with all things in that colour
  // ("a red cat"), else with things in their natural colours ("a cat").
  at::Tensor things_of(const at::Tensor& picture, std::optional<world::Colour> colour = {}) const;
  // The colour that a thing of that number is in.
  world::Colour colour_of(const at::Tensor& picture, int thing) const;

 private:
  at::Tensor seen(const at::Tensor& picture) const;  // [E]
  models::Clip clip_;
  at::Tensor things_;  // [colours + 1, things, E]
};

}  // namespace latentreel::train
