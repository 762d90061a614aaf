#include "src/frames/decoded_frames.h"

#include <ATen/ATen.h>

#include <utility>

#include "src/frames/caption.h"

namespace latentreel::render {

DecodedFrames::DecodedFrames(const scenes::FrameScript& script, LatentPath path,
                             FrameDecoder decoder, FrameStage stage)
    : script_(script), path_(std::move(path)), decoder_(std::move(decoder)), stage_(stage) {}

std::vector<Frame> DecodedFrames::frames(scenes::FrameRange range) const {
  std::vector<at::Tensor> latents;
  std::vector<Look> looks;
  std::vector<scenes::Caption> captions;
  for (auto frame = range.first; frame < range.end; ++frame) {
    const auto spec = script_.at(frame);
    latents.push_back(path_.at(spec));
    if (stage_ == FrameStage::picture) continue;
    looks.push_back({.camera = spec.camera, .grade = spec.grade});
    captions.push_back(spec.caption);
  }
  auto decoded = decoder_.decode(at::cat(latents), range.first, looks);
  for (std::size_t i = 0; i < captions.size(); ++i) {
    if (captions[i].is_none()) continue;
    auto& frame = decoded[i];
    TORCH_CHECK(frame.rgb16.empty(), "captions are written on frames of 8 bits");
    draw_caption(frame.rgb8, frame.width, frame.height, captions[i]);
  }
  return decoded;
}

Pace measure_pace(const scenes::FrameScript& script, std::size_t index, const LatentPath& path,
                  const FrameDecoder& decoder, const StopToken& stop) {
  const auto picture_at = [&](int probe) {
    const double amount = static_cast<double>(probe) / (kPaceProbes - 1);
    return decoder.picture(path.at(script.between(index, amount)));
  };
  Pace pace;
  pace.change = {0};
  auto before = picture_at(0);
  for (int j = 1; j < kPaceProbes; ++j) {
    stop.check();
    const auto now = picture_at(j);
    const double step = (now - before).abs().mean().item<double>();
    pace.change.push_back(pace.change.back() + step);
    before = now;
  }
  const double total = pace.change.back();
  if (!(total > 0)) return {};
  for (auto& change : pace.change) change /= total;
  pace.change.back() = 1;
  return pace;
}

}  // namespace latentreel::render
