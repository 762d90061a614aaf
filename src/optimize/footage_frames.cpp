#include "src/optimize/footage_frames.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "src/optimize/prompts.h"

namespace latentreel::render {
namespace {

// Those of a frame and the one before it, and one that is read beside them.
constexpr std::size_t kKnownImages = 3;

ffmpeg::Ratio ratio(scenes::RationalTime time) {
  return {time.numerator(), time.denominator()};
}

// What grid_sampler needs to find each pixel at (x, y) + its vector: [1, H, W, 2] in [-1, 1].
at::Tensor sampling_grid(const footage::Flow& flow) {
  const auto height = int64_t{flow.height}, width = int64_t{flow.width};
  const auto vectors =
      at::from_blob(const_cast<float*>(flow.vectors.data()), {1, height, width, 2}, at::kFloat);
  const auto columns = at::arange(width, at::kFloat).view({1, 1, width}) + vectors.select(3, 0);
  const auto rows = at::arange(height, at::kFloat).view({1, height, 1}) + vectors.select(3, 1);
  const auto scaled = [](const at::Tensor& places, int64_t side) {
    return places * (2.0 / static_cast<double>(std::max<int64_t>(1, side - 1))) - 1;
  };
  return at::stack({scaled(columns, width), scaled(rows, height)}, 3);
}

}  // namespace

FootageFrames::FootageFrames(const scenes::SourceOptions& source, PictureSize shown,
                             Progress& progress)
    : source_(source),
      progress_(progress),
      clip_(source.video,
            {.width = static_cast<int>(shown.width), .height = static_cast<int>(shown.height)}) {
  footage::flow_version();  // whether motion can be found is known before anything is made
}

const ffmpeg::Image& FootageFrames::image(scenes::RationalTime time) {
  const auto known =
      std::find_if(known_.begin(), known_.end(), [&](const auto& one) { return one.time == time; });
  if (known != known_.end()) {
    known_.splice(known_.begin(), known_, known);
    return known_.front().image;
  }
  known_.push_front({time, clip_.at(source_.loop ? clip_.looped(ratio(time)) : ratio(time))});
  ++reads_;
  if (known_.size() > kKnownImages) known_.pop_back();
  for (const auto& warning : clip_.warnings()) {
    if (told_.insert(warning).second) progress_.report(Warning{warning});
  }
  return known_.front().image;
}

at::Tensor FootageFrames::at(scenes::RationalTime time) {
  return to_tensor(image(time));
}

const footage::Motion* FootageFrames::motion(scenes::RationalTime before,
                                             scenes::RationalTime now) {
  if (!moved_ || moved_->before != before || moved_->now != now) {
    const auto& earlier = image(before);
    const auto& later = image(now);
    std::optional<footage::Motion> found;
    const bool large = std::min(later.width, later.height) >= footage::kLeastFlowSide;
    if (large && earlier.rgb != later.rgb) found = footage::find_motion(earlier, later);
    moved_ = Moved{before, now, std::move(found)};
  }
  return moved_->motion ? &*moved_->motion : nullptr;
}

FootageFrames::Carried FootageFrames::carried(const at::Tensor& picture,
                                              scenes::RationalTime before,
                                              scenes::RationalTime now) {
  const auto* found = motion(before, now);
  if (found == nullptr) {
    return {picture, at::ones({1, 1, picture.size(2), picture.size(3)})};
  }
  constexpr int64_t kBilinear = 0, kEdgeGoesOn = 1;
  const auto moved =
      at::grid_sampler(picture, sampling_grid(found->backward), kBilinear, kEdgeGoesOn, true);
  const auto hidden = at::from_blob(const_cast<std::uint8_t*>(found->hidden.data()),
                                    {1, 1, picture.size(2), picture.size(3)}, at::kByte);
  return {moved, 1 - hidden.to(at::kFloat)};
}

}  // namespace latentreel::render
