#pragma once

#include <cstdint>
#include <vector>

namespace latentreel::world {

enum class Style { plain, watercolor, black_and_white, sepia, pastel, pixel_art };
inline constexpr int kStyles = 6;

// Whether colours can still be told apart.
bool keeps_colours(Style style);

// Turns a finished picture, RGB bytes [size, size, 3], into that style. `grain` chooses the paper.
void apply(Style style, std::vector<std::uint8_t>& pixels, int size, std::uint64_t grain);

}  // namespace latentreel::world
