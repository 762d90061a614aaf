#include "models/vqgan/nearest.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <vector>

namespace latentreel::models {

at::Tensor nearest(const at::Tensor& points, const at::Tensor& codes) {
  // 16 MiB at a time: memory that the allocator keeps, where more would be asked for anew each
  // time.
  constexpr int64_t kDistances = int64_t{1} << 22;
  const auto piece_size = std::max<int64_t>(1, kDistances / codes.size(0));
  const at::NoGradGuard no_gradient;
  const at::NoTF32Guard exact;
  const auto squares = codes.square().sum(1).unsqueeze(0);
  std::vector<at::Tensor> numbers;
  for (const auto& piece : points.split(piece_size)) {
    // |x - c|^2 less |x|^2, which is the same for every code
    numbers.push_back(at::addmm(squares, piece, codes.t(), 1, -2).argmin(1));
  }
  return at::cat(numbers);
}

}  // namespace latentreel::models
