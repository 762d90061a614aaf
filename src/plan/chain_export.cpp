#include "src/plan/chain_export.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <string>

#include "ffmpeg/image.h"
#include "scenes/prompt_weights.h"
#include "src/files/atomic_file.h"
#include "src/frames/frame_sink.h"
#include "src/frames/output_folder.h"
#include "src/optimize/chain_maker.h"
#include "src/optimize/prompts.h"
#include "src/plan/segment_tasks.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// Frames of one film, read from the parts they belong to.
class ChainFrames {
 public:
  explicit ChainFrames(RenderSession& session) : session_(session) {}

  // What frame `frame` begins with after.
  ChainState before(std::int64_t frame) {
    const auto place = session_.plan().script.at(frame - 1).chain;
    return record(place.part).states[static_cast<std::size_t>(place.number)];
  }
  ChainRecord::Losses losses(std::int64_t frame) {
    const auto place = session_.plan().script.at(frame).chain;
    return record(place.part).losses[static_cast<std::size_t>(place.number)];
  }

 private:
  ChainRecord record(int part) {
    const auto found = session_.runner().chain(part);
    if (!found) throw_not_there(session_.plan().chains[static_cast<std::size_t>(part)]);
    return *found;
  }

  RenderSession& session_;
};

// "1 -0.5": of the prompts of a keyframe.
std::string weights_text(const scenes::PromptWeights& weights, const scenes::Keyframe& keyframe) {
  const auto all = weights.are_always() ? scenes::weights_of(keyframe) : weights;
  std::string text;
  for (const double weight : all.prompts) {
    text += fmt::format("{}{:.9g}", text.empty() ? "" : " ", weight);
  }
  return text;
}

std::string row_of(std::int64_t frame, int part, const scenes::ChainStep& step,
                   const ChainRecord::Losses& losses, const scenes::Scene& scene) {
  const auto& c = step.camera;
  const auto& from = scene.keyframes[static_cast<std::size_t>(step.from)];
  const auto& to = scene.keyframes[static_cast<std::size_t>(step.to)];
  return fmt::format(
      "{},{},{},{},{},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},"
      "{:.9g},{},{}\n",
      frame, part, step.number, step.from, step.to, step.amount, c.xx, c.xy, c.x, c.yx, c.yy, c.y,
      losses.first, losses.last, step.shown.to_seconds(), losses.flicker, losses.clip_flicker,
      weights_text(step.weights.from, from),
      step.from == step.to ? std::string() : weights_text(step.weights.to, to));
}

// From the frame before; nothing where nothing moved.
void write_flow(FootageFrames& footage, scenes::RationalTime before, scenes::RationalTime now,
                const fs::path& file) {
  const auto* motion = footage.motion(before, now);
  if (motion == nullptr) return;
  files::write_file(file, ffmpeg::encode_png(footage::picture_of(motion->backward)));
}

}  // namespace

void export_chains(RenderSession& session, scenes::FrameRange range, const fs::path& folder,
                   const StopToken& stop) {
  const at::NoGradGuard no_gradient;
  const auto& job = session.job();
  const auto& script = session.plan().script;
  NoProgress quiet;
  ChainMaker maker(job.scene, script, session.models(), nullptr, quiet, stop);
  const FrameDecoder decoder(session.models().vqgan(frame_precision(job.scene)),
                             shown_size(job.scene.video), 8);
  // What the first of these frames began with may be of a part that no frame shows.
  if (range.first > 0) {
    session.runner().make_chains({script.at(range.first - 1).chain.part});
  }
  ChainFrames frames(session);
  prepare_folder(folder / "begun");
  if (maker.footage() != nullptr) prepare_folder(folder / "flow");
  std::string rows =
      "frame,part,number,from,to,amount,xx,xy,x,yx,yy,y,first_loss,last_loss,clip_time,"
      "flicker,clip_flicker,weights_from,weights_to\n";
  for (auto frame = range.first; frame < range.end; ++frame) {
    stop.check();
    const auto step = script.step(frame);
    rows += row_of(frame, script.at(frame).chain.part, step, frames.losses(frame), job.scene);
    if (step.number == 0 && !step.footage) continue;  // it is its keyframe
    const auto begun =
        maker.beginning(step, step.number == 0 ? ChainState() : frames.before(frame));
    files::write_file(PictureSink::name_of(folder / "begun", frame),
                      ffmpeg::encode_png(to_image(decoder.picture(begun))));
    if (step.footage && step.number > 0) {
      write_flow(*maker.footage(), script.step(frame - 1).shown, step.shown,
                 PictureSink::name_of(folder / "flow", frame));
    }
  }
  files::write_file(folder / "chains.csv", rows);
}

}  // namespace latentreel::render
