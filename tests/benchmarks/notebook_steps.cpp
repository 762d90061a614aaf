#include "tests/benchmarks/notebook_steps.h"

#include <ATen/ATen.h>

#include "scenes/recipes.h"

namespace latentreel::benchmarks {

render::KeyframeOptimizer steps_of(const scenes::OptimizeOptions& options,
                                   const models::Vqgan& vqgan, const models::Clip& clip,
                                   int64_t side) {
  const auto cells = side / vqgan.config().factor();
  const auto codes = (at::arange(cells * cells, at::kLong) * 5).remainder(vqgan.config().codes);
  const render::Latent start(vqgan.embed_codes(codes.view({1, cells, cells})));
  render::Target target;
  target.embedding = at::sin(at::arange(clip.config().embed_dim, at::kFloat))
                         .unsqueeze(0)
                         .to(vqgan.placement().device);
  std::vector<render::Guide> guides;
  guides.push_back(
      {.encoder = clip.image(),
       .weight = 1,
       .objective = render::Objective({target}, options.loss),
       .cutouts = render::Cutouts(options, clip.config().resolution, {.content = 1, .seed = 2})});
  return {vqgan, std::move(guides), options, start, render::kCutoutChunk};
}

render::KeyframeOptimizer notebook_steps(const models::Vqgan& vqgan, const models::Clip& clip,
                                         int64_t side) {
  auto options = scenes::recipe("notebook");
  options.iterations = 1'000'000;
  return steps_of(options, vqgan, clip, side);
}

}  // namespace latentreel::benchmarks
