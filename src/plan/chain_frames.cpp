#include "src/plan/chain_frames.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include "src/footage/optical_flow.h"
#include "src/optimize/prompts.h"
#include "src/plan/segment_tasks.h"

namespace latentreel::render {
namespace {

// Where each pixel of a frame was in the picture that the camera looks at.
footage::Flow flow_of(const scenes::Camera& camera, PictureSize size) {
  const auto width = static_cast<int>(size.width), height = static_cast<int>(size.height);
  footage::Flow flow{.width = width, .height = height, .vectors = {}};
  flow.vectors.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 2);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      // In frame widths from the middle, as the camera has it.
      const double u = (column + 0.5) / width - 0.5;
      const double v = (row + 0.5 - height / 2.0) / width;
      const double to_right = camera.xx * u + camera.xy * v + camera.x - u;
      const double down = camera.yx * u + camera.yy * v + camera.y - v;
      flow.vectors.push_back(static_cast<float>(to_right * width));
      flow.vectors.push_back(static_cast<float>(down * width));
    }
  }
  return flow;
}

}  // namespace

ChainFrames::ChainFrames(RenderSession& session, const StopToken& stop)
    : session_(session),
      maker_(session.job().scene, session.plan().script, session.models(), nullptr, quiet_, stop),
      decoder_(session.models().vqgan(frame_precision(session.job().scene)),
               shown_size(session.job().scene.video), 8) {}

scenes::Chained ChainFrames::place_of(std::int64_t frame) const {
  return session_.plan().script.at(frame).chain;
}

bool ChainFrames::has(std::int64_t frame) {
  if (!session_.runner().chain(place_of(frame).part)) return false;
  return session_.plan().script.step(frame).number == 0 ||
         session_.runner().chain(place_of(frame - 1).part).has_value();
}

ChainRecord ChainFrames::record_of(const scenes::Chained& place) {
  const auto found = session_.runner().chain(place.part);
  if (!found) throw_not_there(session_.plan().chains[static_cast<std::size_t>(place.part)]);
  return *found;
}

ChainFrame ChainFrames::at(std::int64_t frame) {
  const at::NoGradGuard no_gradient;
  const auto place = place_of(frame);
  const auto record = record_of(place);
  const auto number = static_cast<std::size_t>(place.number);
  ChainFrame found{.frame = frame,
                   .part = place.part,
                   .step = session_.plan().script.step(frame),
                   .losses = record.losses[number]};
  found.made = to_image(decoder_.picture(record.latents[number]));
  if (found.step.number == 0 && !found.step.footage) return found;  // it is its keyframe
  ChainState before;
  if (found.step.number > 0) {
    const auto place_before = place_of(frame - 1);
    before = record_of(place_before).states[static_cast<std::size_t>(place_before.number)];
  }
  found.begun = to_image(decoder_.picture(maker_.beginning(found.step, before)));
  found.motion = motion_of(found);
  return found;
}

std::optional<ffmpeg::Image> ChainFrames::motion_of(const ChainFrame& frame) {
  const auto& step = frame.step;
  if (step.number == 0) return std::nullopt;
  if (step.footage) {
    const auto before = session_.plan().script.step(frame.frame - 1).shown;
    const auto* motion = maker_.footage()->motion(before, step.shown);
    if (motion == nullptr) return std::nullopt;
    return footage::picture_of(motion->backward);
  }
  if (step.camera.is_neutral()) return std::nullopt;
  return footage::picture_of(flow_of(step.camera, shown_size(session_.job().scene.video)));
}

}  // namespace latentreel::render
