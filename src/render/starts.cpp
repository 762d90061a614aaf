#include "src/render/starts.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "src/render/error.h"
#include "src/render/prompts.h"

namespace latentreel::render {
namespace {

using scenes::StartKind;

// Streams of random numbers that no cutout uses.
constexpr std::uint32_t kCodesStream = 0x5741;
constexpr std::uint32_t kSineStream = 0x5742;

at::Tensor random_codes(const models::Vqgan& vqgan, Grid grid, RandomKey key) {
  CounterRng rng(key, 0, CounterRng::kShared, kCodesStream);
  auto codes = at::empty({1, grid.height, grid.width}, at::kLong);
  auto* data = codes.data_ptr<int64_t>();
  for (int64_t i = 0; i < codes.numel(); ++i) data[i] = rng.below(vqgan.config().codes);
  return vqgan.embed_codes(codes);
}

at::Tensor sine(const models::Vqgan& vqgan, Grid grid, RandomKey key) {
  CounterRng rng(key, 0, CounterRng::kShared, kSineStream);
  auto z = at::empty({1, vqgan.config().embed_dim, grid.height, grid.width});
  auto* data = z.data_ptr<float>();
  for (int64_t i = 0; i < z.numel(); ++i) data[i] = static_cast<float>(rng.normal());
  return at::sin(z * 0.5);
}

// A picture of any size, scaled to the grid regardless of its shape, as codes' vectors.
at::Tensor encoded(const models::Vqgan& vqgan, const ffmpeg::Image& picture, Grid grid) {
  const auto factor = vqgan.config().factor();
  const auto scaled = ffmpeg::resize(picture, static_cast<int>(grid.width * factor),
                                     static_cast<int>(grid.height * factor));
  return vqgan.quantize(vqgan.encode(to_tensor(scaled)));
}

// The keyframe's prompt that says most: the text with the largest weight.
const scenes::Prompt* main_text(const scenes::Keyframe& keyframe) {
  const scenes::Prompt* main = nullptr;
  for (const auto& prompt : keyframe.prompts) {
    if (prompt.kind != scenes::Prompt::Kind::text) continue;
    if (main == nullptr || prompt.weight > main->weight) main = &prompt;
  }
  return main;
}

Start nearest(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid) {
  const auto choice = nearest_entry(keyframe, models);
  const auto& bank = *models.bank();
  const auto& vqgan = models.vqgan(keyframe.optimize.precision);
  auto z = vqgan.embed_codes(bank.codes(choice.entry));
  if (grid.height != bank.height() || grid.width != bank.width()) {
    z = encoded(vqgan, to_image((vqgan.decode(z) + 1) / 2), grid);
  }
  return {Latent(z), fmt::format("nearest: \"{}\"", choice.caption)};
}

}  // namespace

Bank::Choice nearest_entry(const scenes::Keyframe& keyframe, ModelPack& models) {
  const auto* bank = models.bank();
  if (bank == nullptr) {
    throw RenderError(RenderError::Kind::scene,
                      fmt::format("choosing a starting picture for the keyframe at line {}: the "
                                  "model \"{}\" comes without a bank (bank.safetensors). Use "
                                  "start = \"random\" or an image file.",
                                  keyframe.line, models.files().vqgan_name));
  }
  const auto* prompt = main_text(keyframe);
  if (prompt == nullptr) {
    throw RenderError(RenderError::Kind::scene,
                      fmt::format("choosing a starting picture for the keyframe at line {}: it has "
                                  "no text prompt. Use start = \"random\" or an image file.",
                                  keyframe.line));
  }
  at::NoGradGuard no_grad;
  const auto& clip = models.clips(keyframe.optimize.precision).front();
  const auto tokens =
      clip.tokenizer->frame(prompt->text, static_cast<size_t>(clip.clip.config().context));
  const auto embedding = clip.clip.text().encode(at::tensor(tokens, at::kLong).unsqueeze(0));
  return bank->nearest(prompt->text, embedding);
}

Start make_start(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid, RandomKey key,
                 const std::optional<Latent>& previous) {
  at::NoGradGuard no_grad;
  const auto& options = keyframe.optimize;
  const auto& vqgan = models.vqgan(options.precision);
  switch (options.start) {
    case StartKind::random:
      return {Latent(random_codes(vqgan, grid, key)), "random codes"};
    case StartKind::sine:
      return {Latent(sine(vqgan, grid, key)), "sine of noise"};
    case StartKind::image:
      return {Latent(encoded(vqgan, ffmpeg::read_picture(options.start_image), grid)),
              "picture: " + options.start_image.filename().string()};
    case StartKind::previous:
      TORCH_CHECK(previous.has_value(), "a keyframe that starts from the previous one needs it");
      return {*previous, "the previous keyframe"};
    case StartKind::nearest:
      break;
  }
  return nearest(keyframe, models, grid);
}

}  // namespace latentreel::render
