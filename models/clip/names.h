#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "models/files/state_dict.h"

namespace latentreel::models {

class WeightsFile;

// Whose naming scheme a CLIP's tensors follow (models.md section 1.7). open_clip's plain models use
// OpenAI's; its newer ones keep the text tower under "text.".
enum class ClipNaming { openai, open_clip, hugging_face };

std::string words(ClipNaming naming);  // "OpenAI", "open_clip", "Hugging Face"

// Nothing where the file holds no CLIP.
std::optional<ClipNaming> clip_naming(const WeightsFile& file);

struct TakenClip {
  StateDict weights;  // under OpenAI's names, in their shapes
  std::size_t left_out = 0;
};

// The tensors of both towers. Throws WeightsError (invalid) where one is missing that others are
// made of, or the image tower is of another kind.
TakenClip take_clip(const WeightsFile& file, ClipNaming naming);

}  // namespace latentreel::models
