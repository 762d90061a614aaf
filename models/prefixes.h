#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentreel::models {

class WeightsFile;

// Programs that keep a network inside of another put that one's name before those of its tensors:
// "model.", "module." (DataParallel), "_forward_module." (Lightning), "first_stage_model.". These
// are all prefixes with which a tensor called `name` stands in a file: "" where it stands so
// itself, each other one with its dot. The shortest first.
std::vector<std::string> prefixes_of(const WeightsFile& file, std::string_view name);

}  // namespace latentreel::models
