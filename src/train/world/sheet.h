#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/train/world/composition.h"

namespace latentreel::world {

struct SheetEntry {
  std::string caption;
  Composition composition;
};

std::vector<SheetEntry> thing_entries();  // every thing in its natural colour on plain paper
// Every thing in every colour that it can have, a thing a row: kColours columns.
std::vector<SheetEntry> colour_entries();
std::vector<SheetEntry> ground_entries();  // every ground without things
// What training draws, with the captions that it draws.
std::vector<SheetEntry> picture_entries(int count, std::uint64_t seed);

// Writes the pictures in rows, left to right, as a PNG of squares with `size` pixels a side. A text
// file of the same name with the extension .txt has a line "row.column caption" for each, counted
// from 1, since the sheet has no letters. Throws WorldError.
void write_sheet(const std::filesystem::path& png, const std::vector<SheetEntry>& entries, int size,
                 int columns);

}  // namespace latentreel::world
