#include "src/train/judge.h"

#include <ATen/ATen.h>

namespace latentreel::train {
namespace {

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, 1, true).clamp_min(1e-6);
}

}  // namespace

Judge::Judge(const WorkFolder& folder) : clip_(folder.clip("judge")) {
  const auto captions = folder.dataset(0).things();
  things_ = unit(clip_.text().encode(captions.flatten(0, 1)))
                .view({captions.size(0), captions.size(1), -1});
}

at::Tensor Judge::things_of(const at::Tensor& picture, std::optional<world::Colour> colour) const {
  const auto row = colour ? static_cast<int64_t>(*colour) : world::kColours;
  return at::matmul(things_[row], seen(picture)).argsort(0, /*descending=*/true);
}

world::Colour Judge::colour_of(const at::Tensor& picture, int thing) const {
  const auto in_colours = things_.select(1, thing).narrow(0, 0, world::kColours);
  return static_cast<world::Colour>(at::matmul(in_colours, seen(picture)).argmax().item<int>());
}

at::Tensor Judge::seen(const at::Tensor& picture) const {
  const auto side = clip_.image().resolution();
  return unit(clip_.image().encode(at::adaptive_avg_pool2d(picture, {side, side})))[0];
}

}  // namespace latentreel::train
