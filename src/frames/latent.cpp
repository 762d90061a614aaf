#include "src/frames/latent.h"

#include <ATen/ATen.h>

namespace latentreel::render {

Latent::Latent(const at::Tensor& z) {
  TORCH_CHECK(z.dim() == 4 && z.size(0) == 1, "a latent is [1, C, h, w], got ", z.sizes());
  z_ = z.detach().to(at::kCPU, at::kFloat).contiguous().clone();
}

}  // namespace latentreel::render
