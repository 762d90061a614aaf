#include "src/plan/memory_need.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/files/sizes.h"
#include "src/frames/grid.h"
#include "src/optimize/passes.h"
#include "src/optimize/step_memory.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

using files::format_bytes;

// Steps were measured to take at least this part of their estimate.
constexpr double kLeast = 0.75;

double bytes_of_a_step_of(const RenderJob& job, ModelPack& models, Grid grid, int64_t cutouts) {
  double most = 0;
  for (const auto& keyframe : job.scene.keyframes) {
    const auto& options = keyframe.optimize;
    const auto dtype = job.machine.dtype(options.precision);
    double largest = 0;  // CLIPs are asked one after the other
    for (const auto& clip : models.clip_identities()) {
      largest = std::max(
          largest,
          clip_step_bytes(clip.config, std::min<int64_t>(options.cutouts, cutouts), dtype));
    }
    most = std::max(most, decoder_step_bytes(models.vqgan_config(), grid, dtype) + largest);
  }
  return most;
}

// The largest picture of the same shape whose steps fit into `room` by the estimate: so a size to
// try.
std::string size_to_try(const RenderJob& job, ModelPack& models, double room) {
  constexpr int kHalvings = 20;
  const auto whole = grid_of(job.scene.video, models.vqgan_config());
  const auto part = [&](double factor) {
    const auto cells = [&](int64_t side) {
      return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(side) * factor));
    };
    return Grid{.height = cells(whole.height), .width = cells(whole.width)};
  };
  double fits = 0, too_large = 1;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (fits + too_large) / 2;
    (bytes_of_a_step_of(job, models, part(middle), 1) <= room ? fits : too_large) = middle;
  }
  return size_text(part(fits), models.vqgan_config().factor());
}

}  // namespace

double bytes_of_networks(const RenderJob& job, ModelPack& models) {
  return models.bytes_to_load(job.scene.keyframes.front().optimize.precision);
}

double bytes_of_a_step(const RenderJob& job, ModelPack& models, int64_t cutouts) {
  return bytes_of_a_step_of(job, models, grid_of(job.scene.video, models.vqgan_config()), cutouts);
}

double bytes_of_an_output(const scenes::Scene& scene) {
  constexpr double kBytesAPixel = 6 * 3 * sizeof(float);  // sampled, graded, rounded, queued
  if (scene.motion == scenes::MotionOptions()) return 0;
  const auto& video = scene.video;
  return kBytesAPixel * video.output_width * video.output_height;
}

std::string check_memory(const RenderJob& job, ModelPack& models,
                         std::optional<std::uint64_t> available) {
  if (!job.machine.device.is_cpu() || !available) return {};
  const double networks = bytes_of_networks(job, models);
  const double step = bytes_of_a_step(job, models, 1);
  const double there = static_cast<double>(*available) / job.sharers;
  if (networks + step <= there) return {};
  const auto& video = job.scene.video;
  const auto text =
      fmt::format("optimizing pictures of {}x{}: it takes about {}, and {} of memory are free",
                  video.width, video.height, format_bytes(networks + step), format_bytes(there));
  if (networks + kLeast * step <= there) return text + "; it may just fit";
  const auto film = video_settings(job);
  const auto smaller = size_to_try(job, models, there - networks);
  throw RenderError(
      RenderError::Kind::device,
      fmt::format("{}. Set [video] size to \"{}\" or less, and output to \"{}x{}\" to scale the "
                  "film up; or use smaller models, or a machine with more memory.",
                  text, smaller, ffmpeg::output_width(film), ffmpeg::output_height(film)));
}

}  // namespace latentreel::render
