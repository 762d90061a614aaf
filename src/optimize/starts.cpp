#include "src/optimize/starts.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>

#include "src/optimize/collage.h"
#include "src/optimize/holding.h"
#include "src/optimize/prompts.h"
#include "src/optimize/stills.h"
#include "src/run/error.h"

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

// A picture of any size, scaled to what is shown of the grid's regardless of its shape, as codes'
// vectors.
at::Tensor encoded(const models::Vqgan& vqgan, const ffmpeg::Image& picture, Grid grid,
                   const std::optional<PictureSize>& shown = std::nullopt) {
  const auto whole = decoded_size(grid, vqgan.config());
  const auto size = shown.value_or(whole);
  const auto scaled =
      ffmpeg::resize(picture, static_cast<int>(size.width), static_cast<int>(size.height));
  return vqgan.quantize(latent_of(vqgan, in_the_middle(to_tensor(scaled), whole)));
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

// A bank's pictures, [n, 3, H, W] in [0, 1].
at::Tensor pictures_of(const models::Vqgan& vqgan, const Bank& bank,
                       const std::vector<int64_t>& entries) {
  std::vector<at::Tensor> codes;
  for (const auto entry : entries) codes.push_back(bank.codes(entry));
  return picture_of(vqgan, vqgan.embed_codes(at::cat(codes)));
}

Start nearest(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid) {
  const auto choice = nearest_entry(keyframe, models);
  const auto& bank = *models.bank();
  const auto& vqgan = models.vqgan(keyframe.optimize.precision);
  const bool same_grid = grid.height == bank.height() && grid.width == bank.width();
  auto origin = fmt::format("nearest: \"{}\"", choice.caption);
  if (choice.lenders.empty() && same_grid) {
    return {Latent(vqgan.embed_codes(bank.codes(choice.entry))), std::move(origin)};
  }
  auto picture = pictures_of(vqgan, bank, {choice.entry});
  if (!choice.lenders.empty()) {
    picture = collage(picture, pictures_of(vqgan, bank, choice.lenders));
    origin += fmt::format(", lent by \"{}\"", choice.lender);
  }
  const auto z = same_grid ? vqgan.quantize(latent_of(vqgan, picture))
                           : encoded(vqgan, to_image(picture), grid);
  return {Latent(z), std::move(origin)};
}

// Texts whose embeddings have a larger cosine say the same in other words ("over snow", "in the
// snow"): a colour more or less comes to 0.8 to 0.9 with the bundled CLIP.
constexpr double kSame = 0.97;

void show_all(NearestStart& start, const std::string& prompt) {
  start.all = true;
  start.shows = prompt;
  start.held = 1;
}

NearestStart as_it_is(Bank::Choice choice, const std::string& prompt) {
  NearestStart start{{std::move(choice)}};
  start.shows = start.caption;
  if (start.likeness > kSame && !start.lacks) show_all(start, prompt);
  return start;
}

// Of the pictures that fit best, the first that others can complete; else the best one, with what
// they can lend it.
NearestStart lent(const Bank& bank, const std::string& prompt, const at::Tensor& embedding) {
  constexpr int64_t kTried = 32;
  const auto ranked = bank.ranked(prompt, embedding, kTried);
  auto best = as_it_is(ranked.front(), prompt);
  if (best.all) return best;
  for (const auto& choice : ranked) {
    const auto loan = bank.loan(prompt, choice.entry);
    if (!loan) continue;
    auto start = as_it_is(choice, prompt);
    start.lenders = loan->entries;
    start.lender = bank.caption(loan->entries.front());
    if (loan->complete) {
      show_all(start, prompt);
      return start;
    }
    if (choice.entry == best.entry) best = start;
  }
  return best;
}

}  // namespace

at::Tensor in_the_middle(const at::Tensor& picture, PictureSize size) {
  const auto rows = size.height - picture.size(-2), columns = size.width - picture.size(-1);
  return at::replication_pad2d(picture,
                               {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
}

Latent on_grid(const models::Vqgan& vqgan, const Latent& z, Grid grid) {
  if (z.height() == grid.height && z.width() == grid.width) return z;
  const at::NoGradGuard no_grad;
  const auto picture = picture_of(vqgan, z.z().to(vqgan.placement().device));
  return Latent(encoded(vqgan, to_image(picture), grid));
}

NearestStart nearest_entry(const scenes::Keyframe& keyframe, ModelPack& models) {
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
  auto start = keyframe.optimize.collage
                   ? lent(*bank, prompt->text, embedding)
                   : as_it_is(bank->nearest(prompt->text, embedding), prompt->text);
  start.weight = prompt->weight;
  start.stops = std::isfinite(prompt->stop);
  return start;
}

Start make_start(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid, RandomKey key,
                 const std::optional<Latent>& previous, const std::optional<PictureSize>& shown) {
  at::NoGradGuard no_grad;
  const auto& options = keyframe.optimize;
  const auto& vqgan = models.vqgan(options.precision);
  switch (options.start) {
    case StartKind::random:
      return {Latent(random_codes(vqgan, grid, key)), "random codes"};
    case StartKind::sine:
      return {Latent(sine(vqgan, grid, key)), "sine of noise"};
    case StartKind::image:
      return {Latent(encoded(vqgan, read_still(options.start_image).image, grid, shown)),
              "picture: " + scenes::still_name(options.start_image)};
    case StartKind::previous:
      TORCH_CHECK(previous.has_value(), "a keyframe that starts from the previous one needs it");
      return {on_grid(vqgan, *previous, grid), "the previous keyframe"};
    case StartKind::nearest:
      break;
  }
  return nearest(keyframe, models, grid);
}

}  // namespace latentreel::render
