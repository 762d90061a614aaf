#include "src/train/world/picture.h"

#include "src/train/world/surface.h"

namespace latentreel::world {
namespace {

// A soft spot on the floor below a thing, so that it stands and does not float.
void draw_shadow(Brush& brush, const PlacedThing& placed, double side) {
  cairo_save(brush.context());
  cairo_translate(brush.context(), placed.x * side, (placed.y + 0.47 * placed.size) * side);
  cairo_scale(brush.context(), 0.44 * placed.size * side, 0.05 * placed.size * side);
  cairo_pattern_t* pattern = cairo_pattern_create_radial(0, 0, 0.2, 0, 0, 1);
  cairo_pattern_add_color_stop_rgba(pattern, 0, 0.12, 0.08, 0.2, 0.32);
  cairo_pattern_add_color_stop_rgba(pattern, 1, 0.12, 0.08, 0.2, 0);
  cairo_set_source(brush.context(), pattern);
  cairo_pattern_destroy(pattern);
  brush.circle(0, 0, 1);
  cairo_fill(brush.context());
  cairo_restore(brush.context());
}

void draw_placed(Brush& brush, const PlacedThing& placed, double tone, double side) {
  cairo_save(brush.context());
  cairo_translate(brush.context(), placed.x * side, placed.y * side);
  cairo_rotate(brush.context(), placed.turned);
  const double unit = placed.size * side / 100;
  cairo_scale(brush.context(), (placed.mirrored ? -unit : unit) * placed.stretch,
              unit / placed.stretch);
  cairo_translate(brush.context(), -50, -50);
  draw(brush, placed.thing, placed.colour, tone);
  cairo_restore(brush.context());
}

}  // namespace

Picture paint(const Composition& composition, int size) {
  Surface surface(size, size, CAIRO_FORMAT_RGB24);
  Brush brush(surface.context());
  const double unit = size / 100.0;
  cairo_save(surface.context());
  cairo_scale(surface.context(), unit, unit);
  draw(brush, composition.ground, Random(composition.details));
  cairo_restore(surface.context());
  for (const PlacedThing& placed : composition.things) {
    if (has_floor(composition.ground) && stands(placed.thing)) draw_shadow(brush, placed, size);
    draw_placed(brush, placed, composition.tone, size);
  }

  Picture picture{.size = size, .pixels = {}};
  picture.pixels.reserve(3 * static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  for (int y = 0; y < size; ++y) {
    const std::uint32_t* row = surface.row(y);
    for (int x = 0; x < size; ++x) {
      for (int shift : {16, 8, 0}) {
        picture.pixels.push_back(static_cast<std::uint8_t>(row[x] >> shift));
      }
    }
  }
  apply(composition.style, picture.pixels, size, composition.details);
  return picture;
}

std::vector<std::uint8_t> silhouette(Thing thing, int size) {
  Surface surface(size, size, CAIRO_FORMAT_ARGB32);
  cairo_scale(surface.context(), size / 100.0, size / 100.0);
  Brush brush(surface.context());
  draw(brush, thing, std::nullopt);
  std::vector<std::uint8_t> coverage;
  for (int y = 0; y < size; ++y) {
    const std::uint32_t* row = surface.row(y);
    for (int x = 0; x < size; ++x) coverage.push_back(static_cast<std::uint8_t>(row[x] >> 24));
  }
  return coverage;
}

}  // namespace latentreel::world
