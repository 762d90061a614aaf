#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/files/state_dict.h"

namespace latentreel::models {

class WeightsFile;

// Whose naming scheme a CLIP's tensors follow (models.md section 1.7). open_clip's plain models use
// OpenAI's; its newer ones keep the text tower under "text.".
enum class ClipNaming { openai, open_clip, hugging_face };

std::string words(ClipNaming naming);  // "OpenAI", "open_clip", "Hugging Face"

// Where in a file a CLIP is: its names and what stands before all of them.
struct ClipPlace {
  ClipNaming naming = ClipNaming::openai;
  std::string prefix;  // with its dot, or empty
};

// All of a file, those with the shortest prefixes first.
std::vector<ClipPlace> find_clips(const WeightsFile& file);

// Whether the file holds the three numbers that describe the model itself, as OpenAI's own files
// do and nobody's else. Where it does not, it may still be one of OpenAI's that another program
// saved again: neither shapes nor types tell it from a CLIP that was trained with open_clip.
bool has_openai_numbers(const WeightsFile& file, const ClipPlace& place);

struct TakenClip {
  StateDict weights;  // under OpenAI's names, in their shapes
  std::size_t left_out = 0;
};

// The tensors of both towers. Throws WeightsError (invalid) where one is missing that others are
// made of, two stand for the same one, or the image tower is of another kind.
TakenClip take_clip(const WeightsFile& file, const ClipPlace& place);

}  // namespace latentreel::models
