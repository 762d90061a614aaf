#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace latentreel::train {

// Pictures of one prompt to choose among, each with the name of what made it; alike in size.
struct BlindRow {
  std::string prompt;
  std::vector<std::pair<std::string, at::Tensor>> pictures;  // [1, 3, S, S] in [0, 1]
};

// Sheets for a blind choice by a person: one row per prompt, five rows per sheet, the pictures of a
// row in an order that `seed` shuffles. Writes STEM-1.png, STEM-2.png, … into `folder`, which do
// not show which picture is which, and STEM-key.txt, which lists the sheet, the row, the names from
// left to right and the prompt. Throws FileError.
void write_blind_sheets(const std::filesystem::path& folder, const std::string& stem,
                        std::vector<BlindRow> rows, uint64_t seed);

}  // namespace latentreel::train
