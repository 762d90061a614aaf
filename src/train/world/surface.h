#pragma once

#include <cairo.h>

#include <filesystem>
#include <memory>

#include "src/train/world/picture.h"

namespace latentreel::world {

// A Cairo image and its drawing context; both are freed with it. Throws WorldError where Cairo
// fails.
class Surface {
 public:
  // Transparent at first, where it has an alpha channel.
  Surface(int width, int height, cairo_format_t format);

  cairo_t* context() { return context_.get(); }
  // The row's pixels, 32 bits each (alpha, red, green, blue from the highest byte down), as drawn
  // so far.
  const std::uint32_t* row(int y);
  void put(const Picture& picture, int left, int top);
  void write_png(const std::filesystem::path& path);

 private:
  struct Free {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
  };

  std::unique_ptr<cairo_surface_t, Free> surface_;
  std::unique_ptr<cairo_t, Free> context_;
};

}  // namespace latentreel::world
