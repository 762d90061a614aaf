#include "models/vqgan/nearest.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <vector>

namespace latentreel::models {

at::Tensor nearest(const at::Tensor& points, const at::Tensor& codes) {
  constexpr int64_t kPiece = 4096;  // points; 256 MiB of distances to 16384 codes
  const at::NoGradGuard no_gradient;
  const auto squares = codes.square().sum(1).unsqueeze(0);
  std::vector<at::Tensor> numbers;
  for (const auto& piece : points.split(kPiece)) {
    // |x - c|^2 less |x|^2, which is the same for every code
    numbers.push_back(at::addmm(squares, piece, codes.t(), 1, -2).argmin(1));
  }
  return at::cat(numbers);
}

}  // namespace latentreel::models
