#include "src/frames/camera_sampling.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace latentreel::render {
namespace {

// Four pixels in a row or column around a sample.
struct Tap {
  std::array<int64_t, 4> pixels;
  std::array<float, 4> weights;
};

// A pixel number of a row of `side` that goes on for ever.
int64_t number_in_picture(int64_t number, int64_t side, scenes::Edge edge) {
  const auto wrapped = [&](int64_t period) {
    const auto rest = number % period;
    return rest < 0 ? rest + period : rest;
  };
  switch (edge) {
    case scenes::Edge::mirror: {
      const auto there_and_back = wrapped(2 * side);
      return std::min(there_and_back, 2 * side - 1 - there_and_back);
    }
    case scenes::Edge::wrap:
      return wrapped(side);
    case scenes::Edge::border:
    case scenes::Edge::black:
      break;
  }
  return std::clamp<int64_t>(number, 0, side - 1);
}

// place: in pixels.
Tap tap_at(double place, int64_t side, scenes::Edge edge) {
  const double below = std::floor(place);
  const auto t = static_cast<float>(place - below);
  const auto first = static_cast<int64_t>(below) - 1;
  const float t2 = t * t, t3 = t2 * t;
  Tap tap{.pixels = {first, first + 1, first + 2, first + 3},
          .weights = {-0.5F * t3 + t2 - 0.5F * t, 1.5F * t3 - 2.5F * t2 + 1,
                      -1.5F * t3 + 2 * t2 + 0.5F * t, 0.5F * t3 - 0.5F * t2}};
  if (first >= 0 && first + 3 < side) return tap;
  for (size_t i = 0; i < 4; ++i) {
    const bool beyond = tap.pixels[i] < 0 || tap.pixels[i] >= side;
    if (beyond && edge == scenes::Edge::black) tap.weights[i] = 0;
    tap.pixels[i] = number_in_picture(tap.pixels[i], side, edge);
  }
  return tap;
}

class CpuSampler {
 public:
  // pixels: [H, W, 3], must outlive it.
  CpuSampler(const at::Tensor& pixels, const PixelMap& map, Sampling sampling, scenes::Edge edge)
      : pixels_(pixels.const_data_ptr<float>()),
        height_(pixels.size(0)),
        width_(pixels.size(1)),
        map_(map),
        samples_(sampling.samples),
        edge_(edge) {
    const auto count = static_cast<double>(samples_);
    for (int64_t i = 0; i < samples_; ++i) {
      inside_.push_back(((static_cast<double>(i) + 0.5) / count - 0.5) * sampling.part);
    }
  }

  // A pixel of the result.
  std::array<float, 3> at(int64_t row, int64_t column) const {
    std::array<float, 3> sum{};
    for (const double down : inside_) {
      const double r = static_cast<double>(row) + down;
      for (const double right : inside_) {
        const double c = static_cast<double>(column) + right;
        add(map_.uc * c + map_.ur * r + map_.u, map_.vc * c + map_.vr * r + map_.v, sum);
      }
    }
    const auto count = static_cast<float>(samples_ * samples_);
    for (auto& value : sum) value /= count;
    return sum;
  }

 private:
  void add(double u, double v, std::array<float, 3>& sum) const {
    const auto columns = tap_at(u, width_, edge_), rows = tap_at(v, height_, edge_);
    for (size_t i = 0; i < 4; ++i) {
      const float* line = pixels_ + 3 * rows.pixels[i] * width_;
      std::array<float, 3> of_line{};
      for (size_t j = 0; j < 4; ++j) {
        const float* pixel = line + 3 * columns.pixels[j];
        for (size_t k = 0; k < 3; ++k) of_line[k] += columns.weights[j] * pixel[k];
      }
      for (size_t k = 0; k < 3; ++k) sum[k] += rows.weights[i] * of_line[k];
    }
  }

  const float* pixels_;
  int64_t height_, width_;
  PixelMap map_;
  int64_t samples_;
  scenes::Edge edge_;
  std::vector<double> inside_;  // where a pixel is sampled, from its middle
};

}  // namespace

at::Tensor seen_on_cpu(const at::Tensor& picture, const PixelMap& map, Sampling sampling,
                       scenes::Edge edge, PictureSize result) {
  const auto pixels = picture.permute({1, 2, 0}).contiguous();  // a pixel's colours lie together
  const CpuSampler sampler(pixels, map, sampling, edge);
  const auto seen = at::empty({3, result.height, result.width}, picture.options());
  auto* const out = seen.data_ptr<float>();
  const auto plane = result.height * result.width;
  at::parallel_for(0, result.height, 1, [&](int64_t first, int64_t end) {
    for (auto row = first; row < end; ++row) {
      for (int64_t column = 0; column < result.width; ++column) {
        const auto pixel = sampler.at(row, column);
        for (int64_t k = 0; k < 3; ++k) {
          out[k * plane + row * result.width + column] = pixel[static_cast<size_t>(k)];
        }
      }
    }
  });
  return seen;
}

}  // namespace latentreel::render
