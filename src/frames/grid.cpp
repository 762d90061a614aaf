#include "src/frames/grid.h"

#include <ATen/ATen.h>

namespace latentreel::render {
namespace {

int64_t cells_to_cover(int64_t pixels, int64_t factor) {
  return (pixels + factor - 1) / factor;
}

}  // namespace

Grid grid_of(const scenes::VideoOptions& video, const models::VqganConfig& vqgan) {
  return {.height = cells_to_cover(video.height, vqgan.factor()),
          .width = cells_to_cover(video.width, vqgan.factor())};
}

PictureSize decoded_size(Grid grid, const models::VqganConfig& vqgan) {
  return {.height = grid.height * vqgan.factor(), .width = grid.width * vqgan.factor()};
}

PictureSize shown_size(const scenes::VideoOptions& video) {
  return {.height = video.height, .width = video.width};
}

at::Tensor middle_of(const at::Tensor& picture, PictureSize size) {
  const auto top = (picture.size(-2) - size.height) / 2;
  const auto left = (picture.size(-1) - size.width) / 2;
  return picture.narrow(-2, top, size.height).narrow(-1, left, size.width);
}

}  // namespace latentreel::render
