#include "src/optimize/prompts.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "src/files/digest.h"
#include "src/optimize/stills.h"

namespace latentreel::render {
namespace {

using scenes::Prompt;

// Cutouts of image prompts are drawn as if in this iteration, which no optimization reaches.
constexpr int64_t kPromptIteration = int64_t{1} << 31;

std::vector<int64_t> tokens_of(const LoadedClip& clip, const std::string& text) {
  return clip.tokenizer->frame(text, static_cast<size_t>(clip.clip.config().context));
}

at::Tensor encode(const LoadedClip& clip, const std::string& text) {
  at::NoGradGuard no_grad;
  return clip.clip.text().encode(at::tensor(tokens_of(clip, text), at::kLong).unsqueeze(0));
}

Target text_target(const std::string& text, double weight, double stop, const LoadedClip& clip) {
  return {.kind = Target::Kind::text,
          .text = text,
          .tokens = tokens_of(clip, text),
          .embedding = encode(clip, text),
          .weight = weight,
          .stop = stop};
}

// The largest size with the picture's shape that has about the film's area (the notebook's rule).
ffmpeg::Image fit(const ffmpeg::Image& image, int width, int height) {
  const double ratio = static_cast<double>(image.width) / image.height;
  const double area = std::min(static_cast<double>(image.width) * image.height,
                               static_cast<double>(width) * height);
  const int fitted_width = std::max(1, static_cast<int>(std::lround(std::sqrt(area * ratio))));
  const int fitted_height = std::max(1, static_cast<int>(std::lround(std::sqrt(area / ratio))));
  return ffmpeg::resize(image, fitted_width, fitted_height);
}

Target image_target(const Prompt& prompt, double weight, const LoadedClip& clip,
                    const Cutouts& cutouts, int width, int height) {
  at::NoGradGuard no_grad;
  const auto picture = to_tensor(fit(read_still(prompt.image).image, width, height));
  const auto base = cutouts.prepare(picture, kPromptIteration);
  std::vector<at::Tensor> rows;
  for (int64_t first = 0; first < cutouts.count(); first += kCutoutChunk) {
    const auto count = std::min(kCutoutChunk, cutouts.count() - first);
    rows.push_back(clip.clip.image().encode(cutouts.cut(base, kPromptIteration, first, count)));
  }
  return {.kind = Target::Kind::image,
          .text = scenes::still_name(prompt.image),
          .tokens = {},
          .embedding = at::cat(rows),
          .weight = weight,
          .stop = prompt.stop};
}

std::string content_of(const scenes::Still& still, const DigestOf& digest_of) {
  auto content = digest_of(still.file);
  if (!still.is_moment()) return content;
  return content + fmt::format("@{}/{}", still.at->numerator(), still.at->denominator());
}

}  // namespace

std::vector<Target> make_targets(const scenes::Keyframe& keyframe, const LoadedClip& clip,
                                 const Cutouts& cutouts, int width, int height) {
  const auto& options = keyframe.optimize;
  at::Tensor extra;  // the sum of the extra texts, weighted
  for (const auto& text : options.extra) {
    const auto encoding = encode(clip, text) * options.extra_weight;
    extra = extra.defined() ? extra + encoding : encoding;
  }
  const auto add = [&](const Prompt& prompt, double factor, bool joins_extra) {
    const double weight = factor * prompt.weight;
    if (prompt.kind == Prompt::Kind::image) {
      return image_target(prompt, weight, clip, cutouts, width, height);
    }
    auto target = text_target(prompt.text, weight, prompt.stop, clip);
    if (joins_extra && extra.defined()) {
      target.kind = Target::Kind::mix;
      target.embedding = target.embedding + extra;
    }
    return target;
  };
  std::vector<Target> targets;
  for (const auto& prompt : keyframe.prompts) {
    targets.push_back(add(prompt, options.include_weight, true));
  }
  for (const auto& prompt : options.exclude) {
    targets.push_back(add(prompt, -options.exclude_weight, false));
  }
  return targets;
}

at::Tensor encode_extra(const scenes::Keyframe& keyframe, const LoadedClip& clip) {
  at::Tensor sum;
  for (const auto& text : keyframe.optimize.extra) {
    const auto encoding = encode(clip, text);
    sum = sum.defined() ? sum + encoding : encoding;
  }
  return sum;
}

std::vector<std::string> check_pictures(const scenes::Keyframe& keyframe) {
  std::vector<std::string> warnings;
  for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
    for (const auto& prompt : *prompts) {
      if (prompt.kind != scenes::Prompt::Kind::image) continue;
      for (auto& warning : read_still(prompt.image).warnings) {
        warnings.push_back(std::move(warning));
      }
    }
  }
  return warnings;
}

std::vector<std::string> unknown_words(const scenes::Keyframe& keyframe,
                                       const std::vector<ClipIdentity>& clips) {
  std::vector<std::string> texts = keyframe.optimize.extra;
  for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
    for (const auto& prompt : *prompts) {
      if (prompt.kind == Prompt::Kind::text) texts.push_back(prompt.text);
    }
  }
  std::vector<std::string> sentences;
  for (const auto& clip : clips) {
    for (const auto& text : texts) {
      const auto words = clip.tokenizer->unknown_words(text);
      if (words.empty()) continue;
      sentences.push_back(
          fmt::format("the prompt \"{}\" has words that the CLIP \"{}\" does not know: {}. What "
                      "they mean will not show in the picture.",
                      text, clip.name, fmt::join(words, ", ")));
    }
  }
  return sentences;
}

std::uint64_t content_hash(const scenes::Keyframe& keyframe, const models::ClipTokenizer& tokenizer,
                           const DigestOf& digest_of) {
  std::string content;
  for (const auto* prompts : {&keyframe.prompts, &keyframe.optimize.exclude}) {
    for (const auto& prompt : *prompts) {
      content += prompt.kind == Prompt::Kind::image
                     ? content_of(prompt.image, digest_of)
                     : fmt::format("{}", fmt::join(tokenizer.encode(prompt.text), " "));
      content.push_back('\0');
    }
    content.push_back('\1');
  }
  const auto digest = files::sha256_of_text(content);
  return std::stoull(digest.substr(0, 16), nullptr, 16);
}

std::uint64_t content_hash(const scenes::Keyframe& keyframe,
                           const models::ClipTokenizer& tokenizer) {
  return content_hash(keyframe, tokenizer,
                      [](const auto& file) { return files::sha256_of_file(file); });
}

at::Tensor to_tensor(const ffmpeg::Image& image) {
  auto bytes = at::empty({image.height, image.width, 3}, at::kByte);
  std::copy(image.rgb.begin(), image.rgb.end(), bytes.data_ptr<uint8_t>());
  return bytes.permute({2, 0, 1}).unsqueeze(0).to(at::kFloat).div(255).contiguous();
}

ffmpeg::Image to_image(const at::Tensor& image) {
  const auto rows = image.detach()[0].permute({1, 2, 0}).clamp(0, 1).mul(255).round();
  const auto bytes = rows.to(at::kByte).cpu().contiguous();
  const auto* data = bytes.data_ptr<uint8_t>();
  return {.width = static_cast<int>(bytes.size(1)),
          .height = static_cast<int>(bytes.size(0)),
          .rgb = {data, data + bytes.numel()}};
}

}  // namespace latentreel::render
