#include "src/frames/caption.h"

#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace latentreel::render {
namespace {

constexpr double kSmallestText = 8;  // pixels

struct CairoFree {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  throw std::runtime_error(fmt::format("writing on a preview's frame: Cairo says \"{}\"",
                                       cairo_status_to_string(status)));
}

// Words on nothing, to be laid over a frame.
class Lettering {
 public:
  Lettering(int width, int height)
      : width_(width),
        height_(height),
        size_(std::max(kSmallestText, std::round(height / 12.0))),
        surface_(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height)),
        context_(cairo_create(surface_.get())) {
    cairo_select_font_face(context_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(context_.get(), size_);
    check(cairo_status(context_.get()));
  }

  void write_at_top(const std::string& text) { write(cut(text), std::ceil(size_) + kMargin); }
  void write_at_bottom(const std::string& text) {
    write(cut(text), height_ - std::ceil(size_ / 4) - kMargin);
  }

  // Lays what was written over the frame.
  void lay_over(std::span<std::uint8_t> rgb) const {
    cairo_surface_flush(surface_.get());
    check(cairo_status(context_.get()));
    const unsigned char* data = cairo_image_surface_get_data(surface_.get());
    const int stride = cairo_image_surface_get_stride(surface_.get());
    for (int y = 0; y < height_; ++y) {
      const auto* row = reinterpret_cast<const std::uint32_t*>(data + std::ptrdiff_t{y} * stride);
      for (int x = 0; x < width_; ++x) {
        const std::uint32_t pixel = row[x];  // alpha, red, green, blue; these times alpha
        const std::uint32_t through = 255 - (pixel >> 24);
        auto* out = &rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                          static_cast<std::size_t>(x)) *
                         3];
        for (int c = 0; c < 3; ++c) {
          const std::uint32_t ink = pixel >> (16 - 8 * c) & 255;
          out[c] = static_cast<std::uint8_t>(std::min(255u, ink + (out[c] * through + 127) / 255));
        }
      }
    }
  }

 private:
  static constexpr double kMargin = 2;

  double width_of(const std::string& text) {
    cairo_text_extents_t extents;
    cairo_text_extents(context_.get(), text.c_str(), &extents);
    return std::max(extents.width, extents.x_advance);
  }

  // As much of the text as the frame is wide, with "…" for what it is not.
  std::string cut(const std::string& text) {
    const double room = width_ - 2 * kMargin;
    if (width_of(text) <= room) return text;
    std::vector<std::size_t> ends;  // of as many characters
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) ends.push_back(i);
    }
    const auto shortened = [&](std::size_t end) { return text.substr(0, end) + "…"; };
    const auto too_long = std::partition_point(
        ends.begin(), ends.end(), [&](auto end) { return width_of(shortened(end)) <= room; });
    return shortened(too_long == ends.begin() ? 0 : *(too_long - 1));
  }

  void write(const std::string& text, double baseline) {
    const double outline = std::max(1.0, std::round(size_ / 10));
    const double around[] = {-outline, 0, outline};
    cairo_set_source_rgb(context_.get(), 0, 0, 0);
    for (const double x : around) {
      for (const double y : around) put(text, kMargin + x, baseline + y);
    }
    cairo_set_source_rgb(context_.get(), 1, 1, 1);
    put(text, kMargin, baseline);
  }

  // Glyphs, and not their paths: so they are fitted to pixels, which matters at this size.
  void put(const std::string& text, double x, double y) {
    cairo_move_to(context_.get(), x, y);
    cairo_show_text(context_.get(), text.c_str());
  }

  int width_, height_;
  double size_;
  std::unique_ptr<cairo_surface_t, CairoFree> surface_;
  std::unique_ptr<cairo_t, CairoFree> context_;
};

void draw_flash(std::span<std::uint8_t> rgb, int width, int height, double flash) {
  const int border = flash_width(width, height);
  for (int y = 0; y < height; ++y) {
    const bool all = y < border || y >= height - border;
    for (int x = 0; x < width; ++x) {
      if (!all && x >= border && x < width - border) continue;
      auto* pixel = &rgb[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                          static_cast<std::size_t>(x)) *
                         3];
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>(std::lround(pixel[c] + (255 - pixel[c]) * flash));
      }
    }
  }
}

}  // namespace

int flash_width(int width, int height) {
  return std::max(2, std::min(width, height) / 16);
}

void draw_caption(std::span<std::uint8_t> rgb, int width, int height,
                  const scenes::Caption& caption) {
  if (caption.flash > 0) draw_flash(rgb, width, height, caption.flash);
  Lettering lettering(width, height);
  lettering.write_at_top(caption.where);
  lettering.write_at_bottom(caption.prompt);
  lettering.lay_over(rgb);
}

std::vector<std::uint8_t> looks_of_caption(int width, int height, const std::string& prompt) {
  std::vector<std::uint8_t> looks;
  // All characters of times and beats, in two parts, as what is too wide would be cut.
  for (const auto* where : {"012345:", "6789."}) {
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) *
                                  static_cast<std::size_t>(height) * 3);
    draw_caption(rgb, width, height, {.where = where, .prompt = prompt});
    looks.insert(looks.end(), rgb.begin(), rgb.end());
  }
  return looks;
}

}  // namespace latentreel::render
