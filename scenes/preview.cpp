#include "scenes/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace latentreel::scenes {
namespace {

// H.264 halves both sides, and takes no smaller pictures.
constexpr int kSmallestSide = 16;

double preview_scale(int width, int height) {
  const double shorter = std::min(width, height);
  return std::clamp(kPreviewSide / shorter, 0.25, 1.0);
}

int preview_side(int side, double scale) {
  return std::max(kSmallestSide, 2 * static_cast<int>(std::lround(side * scale / 2)));
}

bool has_other_proportions(const VideoOptions& video) {
  return video.output_width > 0 && static_cast<std::int64_t>(video.output_width) * video.height !=
                                       static_cast<std::int64_t>(video.output_height) * video.width;
}

void make_small(VideoOptions& video) {
  const double scale = preview_scale(video.width, video.height);
  const bool stretched = has_other_proportions(video);
  video.width = preview_side(video.width, scale);
  video.height = preview_side(video.height, scale);
  // Where the film stretches its pictures, so does the preview: what the camera sees depends on it.
  const double output_scale =
      stretched ? preview_scale(video.output_width, video.output_height) : 0;
  video.output_width = stretched ? preview_side(video.output_width, output_scale) : 0;
  video.output_height = stretched ? preview_side(video.output_height, output_scale) : 0;
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

// Of the film.
std::string size_text(const VideoOptions& video) {
  const bool scaled = video.output_width > 0;
  return fmt::format("{}x{}", scaled ? video.output_width : video.width,
                     scaled ? video.output_height : video.height);
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
  auto& of_frames = preview.feedback.iterations;
  of_frames = std::max(std::min(1, of_frames), of_frames / 10);
  return preview;
}

std::string preview_text(const Scene& whole, const Scene& preview) {
  const auto was = size_text(whole.video), is = size_text(preview.video);
  const auto pixels = is == was ? is + " pixels" : fmt::format("{} instead of {} pixels", is, was);
  const auto frames = fmt::format(", {} instead of {} a frame", preview.feedback.iterations,
                                  whole.feedback.iterations);
  return fmt::format("{}, {} instead of {} iterations a keyframe{}", pixels,
                     iterations_text(preview), iterations_text(whole),
                     whole.feedback.on ? frames : "");
}

}  // namespace latentreel::scenes
