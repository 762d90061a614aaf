#include "src/train/world/surface.h"

#include <fmt/format.h>

#include "src/train/world/error.h"

namespace latentreel::world {

Surface::Surface(int width, int height, cairo_format_t format)
    : surface_(cairo_image_surface_create(format, width, height)),
      context_(cairo_create(surface_.get())) {
  const cairo_status_t status = cairo_status(context_.get());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw WorldError(fmt::format("cannot make a picture of {} x {} pixels: {}", width, height,
                                 cairo_status_to_string(status)));
  }
}

const std::uint32_t* Surface::row(int y) {
  cairo_surface_flush(surface_.get());
  const unsigned char* bytes = cairo_image_surface_get_data(surface_.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface_.get()));
  return reinterpret_cast<const std::uint32_t*>(bytes + static_cast<std::size_t>(y) * stride);
}

void Surface::put(const Picture& picture, int left, int top) {
  cairo_surface_flush(surface_.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface_.get()));
  const std::uint8_t* pixel = picture.pixels.data();
  for (int y = 0; y < picture.size; ++y) {
    unsigned char* bytes =
        cairo_image_surface_get_data(surface_.get()) + static_cast<std::size_t>(top + y) * stride;
    std::uint32_t* target = reinterpret_cast<std::uint32_t*>(bytes) + left;
    for (int x = 0; x < picture.size; ++x, pixel += 3) {
      target[x] = 0xff000000u | static_cast<std::uint32_t>(pixel[0]) << 16 |
                  static_cast<std::uint32_t>(pixel[1]) << 8 | pixel[2];
    }
  }
  cairo_surface_mark_dirty(surface_.get());
}

void Surface::write_png(const std::filesystem::path& path) {
  const cairo_status_t status = cairo_surface_write_to_png(surface_.get(), path.c_str());
  if (status != CAIRO_STATUS_SUCCESS) {
    throw WorldError(fmt::format("cannot write the picture {}: {}", path.string(),
                                 cairo_status_to_string(status)));
  }
}

}  // namespace latentreel::world
