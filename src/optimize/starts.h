#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenes/scene.h"
#include "src/frames/grid.h"
#include "src/frames/latent.h"
#include "src/optimize/model_pack.h"
#include "src/run/counter_rng.h"

namespace latentreel::render {

struct Start {
  Latent latent;
  std::string origin;  // for people: "random codes", `nearest: "a red apple"`
};

// The bank's entry for the keyframe's main text and, with `collage`, the entries that lend what it
// lacks.
struct NearestStart : Bank::Choice {
  std::vector<int64_t> lenders{};  // entries; none: the picture as it is
  std::string lender{};            // the first one's caption
  // What the start shows, in words: all of the prompt, or the caption (less what is lent).
  std::string shows{};
  bool all = false;    // whether that is all of the prompt; `held` is 1 then
  double weight = 0;   // of the main text
  bool stops = false;  // whether the main text has a stop
};

// The picture of z on another grid: decoded, scaled, encoded and quantized. z unchanged where it
// has that grid already.
Latent on_grid(const models::Vqgan& vqgan, const Latent& z, Grid grid);

// picture [1, 3, H, W] in the middle of a larger one, which carries its edges on.
at::Tensor in_the_middle(const at::Tensor& picture, PictureSize size);

// For start = "nearest". Throws RenderError (scene) where the pack has no bank or the keyframe no
// text.
NearestStart nearest_entry(const scenes::Keyframe& keyframe, ModelPack& models);

// Where a keyframe's optimization begins (design: OptimizeOptions::start).
//   random    independent uniform codes
//   sine      sin(0.5 n), n normal: the article's
//   image     a picture scaled to what is shown of the grid's, its edges carried on beyond,
//             encoded and quantized
//   previous  the latent of the keyframe before, which must be given
//   nearest   the bank's nearest entry, with `collage` what others lend it laid over
// On another grid than the bank's, the entry's picture is scaled to the whole of it. `shown`: what
// a film shows of the grid's picture; none: all of it.
// Throws RenderError (scene) where the pack has no bank, MediaError for a picture.
Start make_start(const scenes::Keyframe& keyframe, ModelPack& models, Grid grid, RandomKey key,
                 const std::optional<Latent>& previous,
                 const std::optional<PictureSize>& shown = std::nullopt);

}  // namespace latentreel::render
