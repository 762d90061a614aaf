#include "src/cli/sizes.h"

#include <fmt/format.h>

#include "src/render/renderer.h"

namespace latentreel::cli {

std::string format_bytes(double bytes) {
  if (bytes < 1e3) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.0f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.1f} GB", bytes / 1e9);
}

std::filesystem::path default_film(const std::filesystem::path& scene_file,
                                   const scenes::Scene& scene) {
  return scene_file.stem().string() + std::string(render::film_extension(scene.video.codec));
}

}  // namespace latentreel::cli
