#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "models/vqgan/config.h"

namespace latentreel::models {

// taming-transformers publishes a VQGAN as two files, `last.ckpt` and `model.yaml` (models.md
// section 3.7). Shapes say everything that the yaml does: it serves as a check that the two belong
// together.

// The yaml beside a checkpoint: `STEM.yaml`, else `model.yaml`, else nothing.
std::optional<std::filesystem::path> yaml_beside(const std::filesystem::path& checkpoint);

// Throws WeightsError (invalid) that lists everything in which `yaml` disagrees with what the
// shapes of `checkpoint` say, or says what is wrong with the yaml itself. Keys that the yaml lacks
// are not reported.
void check_against_yaml(const VqganConfig& config, const std::filesystem::path& yaml,
                        const std::filesystem::path& checkpoint);

// The same for the text of a yaml.
void check_against_yaml_text(const VqganConfig& config, std::string_view text,
                             const std::filesystem::path& yaml,
                             const std::filesystem::path& checkpoint);

}  // namespace latentreel::models
