#include "scenes/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace latentreel::scenes {
namespace {

// H.264 halves both sides, and takes no smaller pictures.
constexpr int kSmallestSide = 16;

int preview_side(int side, double scale) {
  return std::max(kSmallestSide, 2 * static_cast<int>(std::lround(side * scale / 2)));
}

void make_small(VideoOptions& video) {
  const double shorter = std::min(video.width, video.height);
  const double scale = std::clamp(kPreviewSide / shorter, 0.25, 1.0);
  video.width = preview_side(video.width, scale);
  video.height = preview_side(video.height, scale);
  video.output_width = video.output_height = 0;
  video.codec = Codec::h264;
  video.quality = 20;
}

// At this size CLIP takes most of a step's time, whatever the picture's.
void make_short(OptimizeOptions& options) {
  constexpr int kCutouts = 8;
  options.iterations = std::max(1, options.iterations / 10);
  options.cutouts = std::max(std::min(kCutouts, options.cutouts), options.cutouts / 2);
  options.coarse = 0;
  options.restarts = 1;
}

// "20", or "20 to 40" where keyframes differ.
std::string iterations_text(const Scene& scene) {
  const auto [least, most] = std::minmax_element(
      scene.keyframes.begin(), scene.keyframes.end(), [](const Keyframe& a, const Keyframe& b) {
        return a.optimize.iterations < b.optimize.iterations;
      });
  const int from = least->optimize.iterations, to = most->optimize.iterations;
  return from == to ? fmt::format("{}", from) : fmt::format("{} to {}", from, to);
}

}  // namespace

Scene preview_of(const Scene& whole) {
  Scene preview = whole;
  preview.title += " (preview)";
  preview.captions = true;
  make_small(preview.video);
  // An MP4 may have no place for the packets that the film's own container takes.
  if (preview.music.codec == SongCodec::copy) preview.music.codec = SongCodec::automatic;
  for (Keyframe& keyframe : preview.keyframes) make_short(keyframe.optimize);
  return preview;
}

std::string preview_text(const Scene& whole, const Scene& preview) {
  return fmt::format("{}x{} instead of {}x{} pixels, {} instead of {} iterations a keyframe",
                     preview.video.width, preview.video.height, whole.video.width,
                     whole.video.height, iterations_text(preview), iterations_text(whole));
}

}  // namespace latentreel::scenes
