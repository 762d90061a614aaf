#include "src/plan/memory_need.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

// The largest picture of the same shape whose steps fit: their memory grows with its area. It does
// not count what is needed for every size, so it is a size to try.
std::string size_to_try(Grid grid, int64_t factor, double need, double room) {
  const double part = std::sqrt(std::max(room, 0.0) / need);
  const auto cells = [&](int64_t side) {
    return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(side) * part));
  };
  return size_text({.height = cells(grid.height), .width = cells(grid.width)}, factor);
}

}  // namespace

double bytes_of_networks(const RenderJob& job, ModelPack& models) {
  return models.bytes_to_load(job.scene.keyframes.front().optimize.precision);
}

double bytes_of_a_step(const RenderJob& job, ModelPack& models, int64_t cutouts) {
  const auto& vqgan = models.vqgan_config();
  const auto grid = grid_of(job.scene.video, vqgan);
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
    most = std::max(most, decoder_step_bytes(vqgan, grid, dtype) + largest);
  }
  return most;
}

std::string check_memory(const RenderJob& job, ModelPack& models,
                         std::optional<std::uint64_t> available) {
  if (!job.machine.device.is_cpu() || !available) return {};
  const double networks = bytes_of_networks(job, models);
  const double step = bytes_of_a_step(job, models, 1);
  const double there = static_cast<double>(*available) / job.sharers;
  if (networks + step <= there) return {};
  const auto& video = job.scene.video;
  const auto& vqgan = models.vqgan_config();
  const auto text =
      fmt::format("optimizing pictures of {}x{}: it takes about {}, and {} of memory are free",
                  video.width, video.height, format_bytes(networks + step), format_bytes(there));
  if (networks + kLeast * step <= there) return text + "; it may just fit";
  const auto film = video_settings(job);
  const auto smaller = size_to_try(grid_of(video, vqgan), vqgan.factor(), step, there - networks);
  throw RenderError(
      RenderError::Kind::device,
      fmt::format("{}. Set [video] size to \"{}\" or less, and output to \"{}x{}\" to scale the "
                  "film up; or use smaller models, or a machine with more memory.",
                  text, smaller, ffmpeg::output_width(film), ffmpeg::output_height(film)));
}

}  // namespace latentreel::render
