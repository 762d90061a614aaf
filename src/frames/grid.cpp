#include "src/frames/grid.h"

#include <fmt/format.h>

#include "src/run/error.h"

namespace latentreel::render {

Grid grid_of(const scenes::VideoOptions& video, const models::VqganConfig& vqgan) {
  const auto factor = vqgan.factor();
  const Grid grid{.height = video.height / factor, .width = video.width / factor};
  if (grid.height < 1 || grid.width < 1) {
    throw RenderError(RenderError::Kind::scene,
                      fmt::format("[video] size = \"{}x{}\" is smaller than one cell of the VQGAN: "
                                  "it makes pictures of at least {}x{}, in steps of {}.",
                                  video.width, video.height, factor, factor, factor));
  }
  return grid;
}

}  // namespace latentreel::render
