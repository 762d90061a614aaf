#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ffmpeg/image.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/optimize/model_pack.h"
#include "src/run/jobs.h"
#include "src/run/stop.h"

// What a finished film shows, measured on its decoded file, as people see it.

namespace latentreel::report {

inline constexpr std::size_t kMostSamples = 256;  // frames that CLIP looks at

// A text that the film is compared with, and the keyframes that ask for it.
struct FilmText {
  std::string text;
  std::vector<int> keyframes;  // ascending

  bool belongs_to(int keyframe) const;
};

// The scene's text prompts of weight above zero, each text once, in order of their keyframes.
std::vector<FilmText> film_texts(const scenes::Scene& scene);

struct FilmMeasures {
  std::int64_t frames = 0;  // in the file
  int width = 0, height = 0;
  // Visible change from the frame before: mean absolute difference of the 8-bit RGB values, as a
  // part of their range. 0 for frame 0; one number for each frame.
  std::vector<float> change;
  std::vector<std::int64_t> sampled;            // frame numbers, ascending, at most kMostSamples
  std::vector<std::vector<double>> similarity;  // [text][sample], cosine in [-1, 1]
  std::vector<ffmpeg::Image> strip;             // pictures evenly over the film, small
  std::vector<std::int64_t> strip_frames;       // their frame numbers

  // The text that the sample is most similar to; -1 where there is no text.
  int winner(std::size_t sample) const;
  // The sample nearest to a frame. There must be one.
  std::size_t sample_near(std::int64_t frame) const;
};

// Frames to sample of `frames`: those in `wanted` and others evenly between the first and the
// last, at most `most`. Where `wanted` are more than half of `most`, evenly only.
std::vector<std::int64_t> sampled_frames(std::int64_t frames,
                                         const std::vector<std::int64_t>& wanted,
                                         std::size_t most = kMostSamples);

// Pictures to their similarities with every text, [pictures][texts].
using Compare = std::function<std::vector<std::vector<double>>(const std::vector<ffmpeg::Image>&)>;

// Compares by the cosine of CLIP's embeddings of the whole picture, scaled to CLIP's resolution
// whatever its shape, and of the text alone: no augmentation, no `extra`. Several CLIPs count by
// their weights. Pieces of the pictures are looked at side by side by `jobs`; the result does not
// depend on their number. Must not outlive `models` or `jobs`.
Compare clip_compare(render::ModelPack& models, scenes::Precision precision,
                     const std::vector<FilmText>& texts, render::Jobs& jobs);

// Reads the film once; memory holds two frames, a number for each frame and a few small pictures.
// `strip`: how many pictures of it to keep. Throws MediaError, or Stopped between two frames.
FilmMeasures measure_film(const std::filesystem::path& film, const scenes::Timeline& timeline,
                          std::size_t texts, const Compare& compare, std::size_t strip,
                          const render::StopToken& stop);

}  // namespace latentreel::report
