#include "src/plan/chain_export.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "ffmpeg/image.h"
#include "scenes/prompt_weights.h"
#include "src/files/atomic_file.h"
#include "src/frames/frame_sink.h"
#include "src/frames/output_folder.h"
#include "src/plan/chain_frames.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// "1 -0.5": of the prompts of a keyframe.
std::string weights_text(const scenes::PromptWeights& weights, const scenes::Keyframe& keyframe) {
  const auto all = weights.are_always() ? scenes::weights_of(keyframe) : weights;
  std::string text;
  for (const double weight : all.prompts) {
    // Never "-0".
    text += fmt::format("{}{:.9g}", text.empty() ? "" : " ", weight + 0.0);
  }
  return text;
}

std::string row_of(const ChainFrame& made, const scenes::Scene& scene) {
  const auto& [frame, part, step, losses, begun, motion, shown] = made;
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

void write_picture(const std::optional<ffmpeg::Image>& picture, const fs::path& file) {
  if (picture) files::write_file(file, ffmpeg::encode_png(*picture));
}

}  // namespace

void export_chains(RenderSession& session, scenes::FrameRange range, const fs::path& folder,
                   const StopToken& stop) {
  const auto& script = session.plan().script;
  const bool footage = session.job().scene.source.on();
  // What the first of these frames began with may be of a part that no frame shows.
  if (range.first > 0) {
    session.runner().make_chains({script.at(range.first - 1).chain.part});
  }
  ChainFrames frames(session, stop);
  prepare_folder(folder / "begun");
  if (footage) prepare_folder(folder / "flow");
  std::string rows =
      "frame,part,number,from,to,amount,xx,xy,x,yx,yy,y,first_loss,last_loss,clip_time,"
      "flicker,clip_flicker,weights_from,weights_to\n";
  for (auto frame = range.first; frame < range.end; ++frame) {
    stop.check();
    const auto made = frames.at(frame);
    rows += row_of(made, session.job().scene);
    write_picture(made.begun, PictureSink::name_of(folder / "begun", frame));
    if (footage) write_picture(made.motion, PictureSink::name_of(folder / "flow", frame));
  }
  files::write_file(folder / "chains.csv", rows);
}

}  // namespace latentreel::render
