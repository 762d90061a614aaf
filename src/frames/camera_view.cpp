#include "src/frames/camera_view.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace latentreel::render {
namespace {

// Samples along one side that are averaged at most.
constexpr int64_t kMostSamples = 8;
// Samples that are taken at once, so that memory does not grow with the result.
constexpr int64_t kSamplesAtOnce = int64_t{1} << 18;

// From a place in the result to one in the picture, both in pixels from their upper left pixel's
// middle: (uc column + ur row + u, vc column + vr row + v).
struct PixelMap {
  double uc, ur, u;
  double vc, vr, v;
};

PixelMap pixel_map(const scenes::Camera& camera, PictureSize from, PictureSize to) {
  const auto width = static_cast<double>(to.width), height = static_cast<double>(to.height);
  const auto across = static_cast<double>(from.width), down = static_cast<double>(from.height);
  PixelMap map{.uc = camera.xx * across / width,
               .ur = camera.xy * across / width,
               .u = (camera.x + 0.5) * across - 0.5,
               .vc = camera.yx * down / height,
               .vr = camera.yy * down / height,
               .v = (camera.y * width / height + 0.5) * down - 0.5};
  // Of the camera's origin, the frame's middle.
  const double column = (width - 1) / 2, row = (height - 1) / 2;
  map.u -= map.uc * column + map.ur * row;
  map.v -= map.vc * column + map.vr * row;
  return map;
}

// The largest singular value: how many of the picture's pixels one of the result covers.
double shrinking(const PixelMap& map) {
  const double sum = map.uc * map.uc + map.ur * map.ur + map.vc * map.vc + map.vr * map.vr;
  const double determinant = map.uc * map.vr - map.ur * map.vc;
  const double rest = std::sqrt(std::max(0.0, sum * sum - 4 * determinant * determinant));
  return std::sqrt((sum + rest) / 2);
}

// [to, from]: the part of each of `from` pixels in a row that lies in each of `to` larger ones,
// which together cover the same length; rows sum to 1.
at::Tensor area_weights(int64_t from, int64_t to, const at::TensorOptions& options) {
  const double length = static_cast<double>(from) / static_cast<double>(to);
  const auto begins = at::arange(to, options).mul(length).unsqueeze(1);
  const auto pixels = at::arange(from, options).unsqueeze(0);
  const auto overlap = at::minimum(pixels + 1, begins + length) - at::maximum(pixels, begins);
  return overlap.clamp_min(0).div(length);
}

// About `factor` times smaller: each pixel the average of the area that it covers.
at::Tensor reduced(const at::Tensor& picture, int64_t factor) {
  const auto smaller = [&](int64_t side) { return (side + factor - 1) / factor; };
  const auto exact = picture.to(at::kDouble);  // no device computes these products less exactly
  const auto rows = area_weights(picture.size(1), smaller(picture.size(1)), exact.options());
  const auto columns = area_weights(picture.size(2), smaller(picture.size(2)), exact.options());
  return at::matmul(at::matmul(rows, exact), columns.t()).to(picture.scalar_type());
}

// Four pixels in a row or column around each sample: their numbers in the picture and weights.
struct Taps {
  std::array<at::Tensor, 4> pixels;   // int64
  std::array<at::Tensor, 4> weights;  // float32
};

// numbers: those of pixels in a row of `side` that goes on for ever.
at::Tensor in_picture(const at::Tensor& numbers, int64_t side, scenes::Edge edge) {
  switch (edge) {
    case scenes::Edge::mirror: {
      const auto there_and_back = at::remainder(numbers, 2 * side);
      return at::minimum(there_and_back, 2 * side - 1 - there_and_back);
    }
    case scenes::Edge::wrap:
      return at::remainder(numbers, side);
    case scenes::Edge::border:
    case scenes::Edge::black:
      break;
  }
  return numbers.clamp(0, side - 1);
}

// places: float64, in pixels.
Taps taps_at(const at::Tensor& places, int64_t side, scenes::Edge edge) {
  const auto below = places.floor();
  const auto t = (places - below).to(at::kFloat);
  const auto first = below.to(at::kLong) - 1;
  const auto t2 = t * t, t3 = t2 * t;
  Taps taps{.pixels = {},
            .weights = {-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1,
                        -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2}};
  for (size_t i = 0; i < 4; ++i) {
    const auto numbers = first + static_cast<int64_t>(i);
    taps.pixels[i] = in_picture(numbers, side, edge);
    if (edge != scenes::Edge::black) continue;
    taps.weights[i] = taps.weights[i] * numbers.ge(0).logical_and(numbers.lt(side));
  }
  return taps;
}

// A picture as rows of three colours, to be looked up.
struct Source {
  at::Tensor pixels;  // [H W, 3]
  int64_t height, width;

  explicit Source(const at::Tensor& picture)
      : pixels(picture.permute({1, 2, 0}).reshape({-1, 3})),
        height(picture.size(1)),
        width(picture.size(2)) {}

  // u, v: [P] places; [P, 3].
  at::Tensor at_places(const at::Tensor& u, const at::Tensor& v, scenes::Edge edge) const {
    const auto columns = taps_at(u, width, edge);
    const auto rows = taps_at(v, height, edge);
    auto sum = at::zeros({u.size(0), 3}, pixels.options());
    for (size_t row = 0; row < 4; ++row) {
      const auto begins = rows.pixels[row] * width;
      for (size_t column = 0; column < 4; ++column) {
        const auto found = pixels.index_select(0, begins + columns.pixels[column]);
        const auto weight = rows.weights[row] * columns.weights[column];
        sum.addcmul_(found, weight.unsqueeze(1));
      }
    }
    return sum;
  }
};

// Where pixels first, ..., end - 1 of a side are sampled: [end - first, samples], spread over
// `part` of each pixel.
at::Tensor sample_places(int64_t first, int64_t end, int64_t samples, double part,
                         const at::TensorOptions& options) {
  const auto inside = at::arange(samples, options).add(0.5).div(samples).sub(0.5).mul(part);
  return at::arange(first, end, options).unsqueeze(1) + inside.unsqueeze(0);
}

// How each pixel of the result is sampled.
struct Sampling {
  int64_t samples = 1;  // along each side
  double part = 0;      // of the pixel's side, over which they are spread
};

Sampling sampling_of(const PixelMap& map) {
  const double shrunk = shrinking(map);
  if (shrunk <= 1 + 1e-6) return {};  // what rounding leaves above 1 is none
  return {.samples = static_cast<int64_t>(std::min<double>(kMostSamples, std::ceil(shrunk))),
          .part = std::sqrt(1 - 1 / (shrunk * shrunk))};
}

// Rows first, ..., end - 1 of the result: [end - first, width, 3].
at::Tensor seen_rows(const Source& source, const PixelMap& map, Sampling sampling,
                     scenes::Edge edge, int64_t first, int64_t end, int64_t width) {
  const auto samples = sampling.samples;
  const auto options = source.pixels.options().dtype(at::kDouble);
  const auto places = [&](int64_t begin, int64_t past) {
    return sample_places(begin, past, samples, sampling.part, options);
  };
  const auto rows = places(first, end).view({-1, samples, 1, 1});
  const auto columns = places(0, width).view({1, 1, -1, samples});
  const auto u = columns * map.uc + rows * map.ur + map.u;
  const auto v = columns * map.vc + rows * map.vr + map.v;
  const auto seen = source.at_places(u.flatten(), v.flatten(), edge);
  return seen.view({end - first, samples, width, samples, 3}).mean({1, 3});
}

bool shows_it_as_it_is(scenes::Camera camera) {
  camera.edge = scenes::Camera().edge;
  camera.resized = false;
  return camera.is_neutral();
}

PictureSize size_of(const at::Tensor& picture) {
  return {.height = picture.size(1), .width = picture.size(2)};
}

}  // namespace

at::Tensor seen_through(const at::Tensor& picture, const scenes::Camera& camera,
                        PictureSize result) {
  if (shows_it_as_it_is(camera) && size_of(picture) == result) return picture;
  const double shrunk = shrinking(pixel_map(camera, size_of(picture), result));
  const auto factor = static_cast<int64_t>(std::ceil(shrunk / kMostSamples));
  const auto shown = factor > 1 ? reduced(picture, factor) : picture;
  const auto map = pixel_map(camera, size_of(shown), result);
  const auto sampling = sampling_of(map);
  const Source source(shown);
  const auto of_a_row = result.width * sampling.samples * sampling.samples;
  const auto rows = std::max<int64_t>(1, kSamplesAtOnce / of_a_row);
  std::vector<at::Tensor> parts;
  for (int64_t first = 0; first < result.height; first += rows) {
    const auto end = std::min(first + rows, result.height);
    parts.push_back(seen_rows(source, map, sampling, camera.edge, first, end, result.width));
  }
  return at::cat(parts).permute({2, 0, 1}).contiguous();
}

}  // namespace latentreel::render
