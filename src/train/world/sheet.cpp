#include "src/train/world/sheet.h"

#include <fmt/format.h>

#include <fstream>

#include "src/train/world/captions.h"
#include "src/train/world/error.h"
#include "src/train/world/surface.h"

namespace latentreel::world {
namespace {

// Plain paper in turn, never of the thing's own colour.
Ground paper_for(int number, Thing thing) {
  constexpr Colour kPapers[] = {Colour::white, Colour::blue, Colour::yellow, Colour::pink};
  const Colour paper = kPapers[number % 4];
  return Ground::plain(natural_colour(thing) == paper ? kPapers[(number + 1) % 4] : paper);
}

}  // namespace

std::vector<SheetEntry> thing_entries() {
  std::vector<SheetEntry> entries;
  for (int i = 0; i < kThings; ++i) {
    const Thing thing = static_cast<Thing>(i);
    const Composition composition = portrait(thing, std::nullopt, paper_for(i, thing));
    entries.push_back({plain_caption(composition), composition});
  }
  return entries;
}

std::vector<SheetEntry> colour_entries() {
  std::vector<SheetEntry> entries;
  for (int i = 0; i < kThings; ++i) {
    if (!can_be_coloured(static_cast<Thing>(i))) continue;
    for (int c = 0; c < kColours; ++c) {
      const Colour colour = static_cast<Colour>(c);
      const Ground paper = Ground::plain(colour == Colour::gray ? Colour::white : Colour::gray);
      const Composition composition = portrait(static_cast<Thing>(i), colour, paper);
      entries.push_back({plain_caption(composition), composition});
    }
  }
  return entries;
}

std::vector<SheetEntry> ground_entries() {
  std::vector<SheetEntry> entries;
  for (int i = 0; i < kGrounds; ++i) {
    const Composition composition{.things = {}, .ground = ground_number(i), .details = 1};
    entries.push_back({plain_caption(composition), composition});
  }
  return entries;
}

std::vector<SheetEntry> picture_entries(int count, std::uint64_t seed) {
  std::vector<SheetEntry> entries;
  for (int i = 0; i < count; ++i) {
    Random random(seed, static_cast<std::uint64_t>(i));
    const Composition composition = draw_composition(random);
    entries.push_back({caption(composition, random).text, composition});
  }
  return entries;
}

void write_sheet(const std::filesystem::path& png, const std::vector<SheetEntry>& entries, int size,
                 int columns) {
  constexpr int kGap = 4;
  const int count = static_cast<int>(entries.size()), rows = (count + columns - 1) / columns;
  Surface sheet(columns * (size + kGap) + kGap, rows * (size + kGap) + kGap, CAIRO_FORMAT_RGB24);
  cairo_set_source_rgb(sheet.context(), 1, 1, 1);
  cairo_paint(sheet.context());
  std::string captions;
  for (int i = 0; i < count; ++i) {
    const SheetEntry& entry = entries[static_cast<std::size_t>(i)];
    const int column = i % columns, row = i / columns;
    sheet.put(paint(entry.composition, size), kGap + column * (size + kGap),
              kGap + row * (size + kGap));
    captions += fmt::format("{}.{} {}\n", row + 1, column + 1, entry.caption);
  }
  sheet.write_png(png);

  const std::filesystem::path text = std::filesystem::path(png).replace_extension(".txt");
  std::ofstream file(text, std::ios::binary);
  file << captions;
  if (!file.flush()) throw WorldError(fmt::format("cannot write the captions {}", text.string()));
}

}  // namespace latentreel::world
