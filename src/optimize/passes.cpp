#include "src/optimize/passes.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/run/error.h"

namespace latentreel::render {
namespace {

// Between the seeds of two beginnings. People choose small numbers, which this does not lead to:
// no beginning of one seed is a beginning of another.
constexpr std::uint64_t kSeedStep = 0x9E3779B97F4A7C15;

int64_t halved(int64_t side, int times) {
  const int64_t divisor = int64_t{1} << times;
  return (side + divisor - 1) / divisor;
}

}  // namespace

std::vector<Pass> passes_of(const scenes::Keyframe& keyframe, Grid grid) {
  const auto& options = keyframe.optimize;
  const auto at = [&](int halvings) {
    return Grid{halved(grid.height, halvings), halved(grid.width, halvings)};
  };
  std::vector<Pass> passes;
  for (int i = 0; i < beginnings(options); ++i) {
    Pass pass{keyframe, at(options.coarse), true};
    pass.keyframe.optimize.iterations = options.coarse_iterations;
    pass.keyframe.optimize.seed += static_cast<std::uint64_t>(i) * kSeedStep;
    passes.push_back(std::move(pass));
  }
  for (int halvings = options.coarse - 1; halvings > 0; --halvings) {
    Pass pass{keyframe, at(halvings), false};
    pass.keyframe.optimize.iterations = options.coarse_iterations;
    passes.push_back(std::move(pass));
  }
  passes.push_back({keyframe, grid, passes.empty()});
  return passes;
}

int beginnings(const scenes::OptimizeOptions& options) {
  return options.coarse > 0 || options.restarts > 1 ? options.restarts : 0;
}

int iterations_of(const scenes::OptimizeOptions& options) {
  const int coarse = beginnings(options) + std::max(0, options.coarse - 1);
  return options.iterations + coarse * options.coarse_iterations;
}

void check_passes(const scenes::Keyframe& keyframe, Grid grid) {
  const int coarse = keyframe.optimize.coarse;
  const auto shorter = std::min(grid.height, grid.width);
  if (coarse == 0 || halved(shorter, coarse) >= kFewestCells) return;
  int most = 0;
  while (halved(shorter, most + 1) >= kFewestCells) ++most;
  throw RenderError(
      RenderError::Kind::scene,
      fmt::format("optimizing the keyframe at line {} from coarse to fine: with coarse = {} its "
                  "coarsest picture is {} latent cell wide or high; it needs {}. At this size at "
                  "most coarse = {} is possible.",
                  keyframe.line, coarse, halved(shorter, coarse), kFewestCells, most));
}

std::string size_text(Grid grid, int64_t factor) {
  return fmt::format("{}x{}", grid.width * factor, grid.height * factor);
}

}  // namespace latentreel::render
