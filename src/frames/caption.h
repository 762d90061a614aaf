#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenes/frame_spec.h"

namespace latentreel::render {

// Writes the caption on a frame [height][width][3], row by row: where it is at the top, the prompt
// at the bottom, cut to its width, both bold and white with a dark outline, with a twelfth of the
// height but no less than 8 pixels; and the flash as a white border, which covers what is below it
// as far as it is bright. The same bytes every time on a machine; fonts differ between machines.
// Throws std::bad_alloc, or std::runtime_error where Cairo fails otherwise.
void draw_caption(std::span<std::uint8_t> rgb, int width, int height,
                  const scenes::Caption& caption);

// What decides how captions with this prompt look on this machine, its fonts among it, as bytes to
// be hashed. Throws as draw_caption.
std::vector<std::uint8_t> looks_of_caption(int width, int height, const std::string& prompt);

// How many pixels wide the flash's border is on each side.
int flash_width(int width, int height);

}  // namespace latentreel::render
