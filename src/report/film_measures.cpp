#include "src/report/film_measures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>

#include "ffmpeg/film_check.h"
#include "ffmpeg/resizer.h"
#include "src/optimize/prompts.h"

namespace latentreel::report {
namespace {

constexpr std::size_t kAtOnce = 16;          // pictures that CLIP sees at once ...
constexpr std::size_t kBatch = 4 * kAtOnce;  // ... and those that several jobs share
constexpr int kStripHeight = 160;            // twice what the page shows
constexpr int kCompareSide = 512;            // larger frames are kept in this size until compared

// Scales frames of one size to another, its weights computed once.
class FrameScaler {
 public:
  ffmpeg::Image operator()(const ffmpeg::Image& image, int width, int height) {
    if (!scaler_ || from_width_ != image.width || from_height_ != image.height || width_ != width ||
        height_ != height) {
      scaler_.emplace(image.width, image.height, width, height);
      from_width_ = image.width, from_height_ = image.height;
      width_ = width, height_ = height;
    }
    return {width, height, (*scaler_)(image.rgb)};
  }

 private:
  std::optional<ffmpeg::Resizer<std::uint8_t>> scaler_;
  int from_width_ = 0, from_height_ = 0, width_ = 0, height_ = 0;
};

double mean_change(const ffmpeg::Image& a, const ffmpeg::Image& b) {
  if (a.rgb.size() != b.rgb.size() || a.rgb.empty()) return 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return static_cast<double>(sum) / (255.0 * static_cast<double>(a.rgb.size()));
}

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, {-1}, true).clamp_min(1e-12);
}

}  // namespace

// --- Texts and samples ---------------------------------------------------------------------------

bool FilmText::belongs_to(int keyframe) const {
  return std::binary_search(keyframes.begin(), keyframes.end(), keyframe);
}

std::vector<FilmText> film_texts(const scenes::Scene& scene) {
  std::vector<FilmText> texts;
  for (std::size_t k = 0; k < scene.keyframes.size(); ++k) {
    for (const auto& prompt : scene.keyframes[k].prompts) {
      const bool wanted = prompt.weight > 0 || prompt.weight_curve;  // now or later
      if (prompt.kind != scenes::Prompt::Kind::text || !wanted) continue;
      const int keyframe = static_cast<int>(k);
      const auto known = std::find_if(texts.begin(), texts.end(),
                                      [&](const auto& text) { return text.text == prompt.text; });
      if (known == texts.end()) {
        texts.push_back({prompt.text, {keyframe}});
      } else if (known->keyframes.back() != keyframe) {
        known->keyframes.push_back(keyframe);
      }
    }
  }
  return texts;
}

std::vector<std::int64_t> sampled_frames(std::int64_t frames,
                                         const std::vector<std::int64_t>& wanted,
                                         std::size_t most) {
  std::vector<std::int64_t> result;
  if (frames < 1 || most < 1) return result;
  if (wanted.size() <= most / 2) {
    for (const auto frame : wanted) {
      result.push_back(std::clamp<std::int64_t>(frame, 0, frames - 1));
    }
  }
  const auto even = std::min(frames, static_cast<std::int64_t>(most - result.size()));
  for (std::int64_t i = 0; i < even; ++i) {
    result.push_back(even > 1 ? i * (frames - 1) / (even - 1) : 0);
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

int FilmMeasures::winner(std::size_t sample) const {
  int best = -1;
  for (std::size_t t = 0; t < similarity.size(); ++t) {
    const double value = similarity[t].at(sample);
    if (best < 0 || value > similarity[static_cast<std::size_t>(best)][sample]) {
      best = static_cast<int>(t);
    }
  }
  return best;
}

std::size_t FilmMeasures::sample_near(std::int64_t frame) const {
  const auto above = std::lower_bound(sampled.begin(), sampled.end(), frame);
  if (above == sampled.begin()) return 0;
  if (above == sampled.end()) return sampled.size() - 1;
  const auto index = static_cast<std::size_t>(above - sampled.begin());
  return frame - sampled[index - 1] < sampled[index] - frame ? index - 1 : index;
}

// --- CLIP ----------------------------------------------------------------------------------------

namespace {

// A CLIP, and what it makes of the texts.
struct Eye {
  models::ClipImageEncoder encoder;
  at::Tensor texts;   // [texts, E], of length 1
  double weight = 1;  // among all eyes, whose weights add up to 1
};

std::vector<Eye> eyes_of(render::ModelPack& models, scenes::Precision precision,
                         const std::vector<FilmText>& texts) {
  at::NoGradGuard no_grad;
  std::vector<Eye> eyes;
  double total = 0;
  for (const auto& loaded : models.clips(precision)) {
    std::vector<at::Tensor> rows;
    for (const auto& text : texts) {
      const auto tokens = loaded.tokenizer->frame(
          text.text, static_cast<std::size_t>(loaded.clip.config().context));
      rows.push_back(loaded.clip.text().encode(at::tensor(tokens, at::kLong).unsqueeze(0)));
    }
    eyes.push_back({loaded.clip.image(), unit(at::cat(rows)).cpu(), std::abs(loaded.weight)});
    total += eyes.back().weight;
  }
  for (auto& eye : eyes) {
    eye.weight = total > 0 ? eye.weight / total : 1 / static_cast<double>(eyes.size());
  }
  return eyes;
}

// [images, texts] float64.
at::Tensor similarities(const std::vector<Eye>& eyes, std::span<const ffmpeg::Image> images) {
  at::NoGradGuard no_grad;
  at::Tensor sum;
  for (const auto& eye : eyes) {
    const auto side = static_cast<int>(eye.encoder.resolution());
    std::vector<at::Tensor> pictures;
    for (const auto& image : images) {
      pictures.push_back(render::to_tensor(ffmpeg::resize(image, side, side)));
    }
    const auto seen = unit(eye.encoder.encode(at::cat(pictures)).cpu());
    const auto cosine = at::matmul(seen, eye.texts.t()).to(at::kDouble) * eye.weight;
    sum = sum.defined() ? sum + cosine : cosine;
  }
  return sum.contiguous();
}

}  // namespace

Compare clip_compare(render::ModelPack& models, scenes::Precision precision,
                     const std::vector<FilmText>& texts, render::Jobs& jobs) {
  if (texts.empty())
    return [](const auto& images) { return std::vector<std::vector<double>>(images.size()); };
  return
      [eyes = eyes_of(models, precision, texts), &jobs](const std::vector<ffmpeg::Image>& images) {
        std::vector<std::vector<double>> result(images.size());
        const std::span all(images);
        const auto pieces = (images.size() + kAtOnce - 1) / kAtOnce;
        jobs.for_each(static_cast<std::int64_t>(pieces), {}, [&](std::int64_t piece, const auto&) {
          const auto first = static_cast<std::size_t>(piece) * kAtOnce;
          const auto some = all.subspan(first, std::min(kAtOnce, all.size() - first));
          const auto found = similarities(eyes, some);
          for (std::size_t i = 0; i < some.size(); ++i) {
            const auto* row =
                found.const_data_ptr<double>() + static_cast<std::int64_t>(i) * found.size(1);
            result[first + i].assign(row, row + found.size(1));
          }
        });
        return result;
      };
}

// --- The film ------------------------------------------------------------------------------------

FilmMeasures measure_film(const std::filesystem::path& film, const scenes::Timeline& timeline,
                          std::size_t texts, const Compare& compare, std::size_t strip,
                          const render::StopToken& stop) {
  // What to sample is chosen by what the file holds, which need not be what the scene asks for.
  const auto info = ffmpeg::inspect(film, ffmpeg::Decode::no);
  FilmMeasures measures;
  measures.width = info.width;
  measures.height = info.height;
  measures.similarity.resize(texts);
  const auto samples = sampled_frames(info.frames, timeline.keyframe_frames());
  std::vector<std::int64_t> strip_frames;
  for (std::size_t i = 0; i < strip && info.frames > 0; ++i) {
    strip_frames.push_back((2 * static_cast<std::int64_t>(i) + 1) * info.frames /
                           (2 * static_cast<std::int64_t>(strip)));
  }

  std::vector<ffmpeg::Image> waiting;
  const auto look = [&] {
    if (waiting.empty()) return;
    for (const auto& row : compare(waiting)) {
      for (std::size_t t = 0; t < texts; ++t) measures.similarity[t].push_back(row[t]);
    }
    waiting.clear();
  };
  FrameScaler to_compare, to_strip;
  ffmpeg::Image before;
  std::size_t next = 0, next_strip = 0;
  ffmpeg::read_frames(film, [&](std::int64_t number, const ffmpeg::Image& image) {
    stop.check();
    measures.change.push_back(static_cast<float>(number > 0 ? mean_change(image, before) : 0));
    before = image;
    if (next < samples.size() && samples[next] == number) {
      ++next;
      measures.sampled.push_back(number);
      const int longer = std::max(image.width, image.height);
      const double factor = std::min(1.0, static_cast<double>(kCompareSide) / longer);
      waiting.push_back(to_compare(image, std::max(1, static_cast<int>(image.width * factor)),
                                   std::max(1, static_cast<int>(image.height * factor))));
      if (waiting.size() == kBatch) look();
    }
    for (; next_strip < strip_frames.size() && strip_frames[next_strip] == number; ++next_strip) {
      const double factor = std::min(1.0, static_cast<double>(kStripHeight) / image.height);
      measures.strip.push_back(to_strip(image, std::max(1, static_cast<int>(image.width * factor)),
                                        std::max(1, static_cast<int>(image.height * factor))));
      measures.strip_frames.push_back(number);
    }
  });
  look();
  measures.frames = static_cast<std::int64_t>(measures.change.size());
  return measures;
}

}  // namespace latentreel::report
