#include "models/ops/warp.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "models/ops/vector_clones.h"

namespace latentreel::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr float kHorizon = 1e-8f;  // no division by a third coordinate smaller than this
constexpr int64_t kMaxPartials = 8;

using Map = std::array<double, 9>;

Map read_map(const at::Tensor& maps, int64_t n) {
  Map map;
  std::copy_n(maps.const_data_ptr<double>() + 9 * n, 9, map.begin());
  return map;
}

bool is_identity(const Map& map) {
  return map == Map{1, 0, 0, 0, 1, 0, 0, 0, 1};
}

// What a row of an output is made of: up to four pixels of the source and their weights.
struct RowTaps {
  explicit RowTaps(int64_t width, Sampling sampling)
      : taps(sampling == Sampling::nearest ? 1 : 4),
        at(4 * width),
        weight(4 * width),
        coordinate(2 * width),
        index(4 * width),
        part(4 * width) {}

  int taps;
  std::vector<int32_t> at;    // [taps, width] offsets in a plane of the source
  std::vector<float> weight;  // [taps, width]
  // Scratch: places (x, y), then for each axis the two pixels and their parts.
  std::vector<float> coordinate;
  std::vector<int32_t> index;
  std::vector<float> part;
};

LATENTREEL_VECTOR_CLONES
void places_affine(float dx, float dy, float x, float y, int64_t n, float* __restrict px,
                   float* __restrict py) {
  for (int32_t i = 0; i < n; ++i) {
    px[i] = dx * static_cast<float>(i) + x;
    py[i] = dy * static_cast<float>(i) + y;
  }
}

LATENTREEL_VECTOR_CLONES
void places_projective(const float* d, const float* start, int64_t n, float* __restrict px,
                       float* __restrict py) {
  const float dx = d[0], dy = d[1], dz = d[2], x = start[0], y = start[1], z = start[2];
  for (int32_t i = 0; i < n; ++i) {
    const float t = static_cast<float>(i);
    const float depth = dz * t + z;
    const float scale = std::abs(depth) > kHorizon ? 1.0f / depth : 1.0f;
    px[i] = (dx * t + x) * scale;
    py[i] = (dy * t + y) * scale;
  }
}

LATENTREEL_VECTOR_CLONES
void reflect(float* __restrict p, int64_t n, float size) {
  const float period = 2 * size;
  for (int32_t i = 0; i < n; ++i) {
    float t = std::abs(p[i] + 0.5f);
    t = t < 1e6f ? t : 1e6f;
    t = t - period * static_cast<float>(static_cast<int32_t>(t / period));
    p[i] = (t < size ? t : period - t) - 0.5f;
  }
}

// Keeps places where int32 holds them; a place that is no number goes to `low`.
LATENTREEL_VECTOR_CLONES
void confine(float* __restrict p, int64_t n, float low, float high) {
  for (int32_t i = 0; i < n; ++i) {
    const float t = p[i] > low ? p[i] : low;
    p[i] = t < high ? t : high;
  }
}

LATENTREEL_VECTOR_CLONES
void nearest_taps(const float* __restrict p, int64_t n, int32_t size, int32_t* __restrict index,
                  float* __restrict part) {
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds half to even
  for (int32_t i = 0; i < n; ++i) {
    const int32_t at = static_cast<int32_t>((p[i] + kRound) - kRound);
    const int32_t inside = std::min(std::max(at, 0), size - 1);
    index[i] = inside;
    part[i] = at == inside ? 1.0f : 0.0f;
  }
}

LATENTREEL_VECTOR_CLONES
void linear_taps(const float* __restrict p, int64_t n, int32_t size, int32_t* __restrict index0,
                 int32_t* __restrict index1, float* __restrict part0, float* __restrict part1) {
  for (int32_t i = 0; i < n; ++i) {
    const int32_t cut = static_cast<int32_t>(p[i]);  // towards 0
    const int32_t at = cut - (static_cast<float>(cut) > p[i] ? 1 : 0);
    const float after = p[i] - static_cast<float>(at);
    const int32_t inside0 = std::min(std::max(at, 0), size - 1);
    const int32_t inside1 = std::min(std::max(at + 1, 0), size - 1);
    index0[i] = inside0;
    index1[i] = inside1;
    part0[i] = at == inside0 ? 1.0f - after : 0.0f;
    part1[i] = at + 1 == inside1 ? after : 0.0f;
  }
}

LATENTREEL_VECTOR_CLONES
void join_taps(const int32_t* __restrict ix, const int32_t* __restrict iy,
               const float* __restrict px, const float* __restrict py, int64_t n, int32_t stride,
               int32_t* __restrict at, float* __restrict weight) {
  for (int64_t i = 0; i < n; ++i) {
    at[i] = iy[i] * stride + ix[i];
    weight[i] = py[i] * px[i];
  }
}

LATENTREEL_VECTOR_CLONES
void gather1(const float* __restrict source, const int32_t* __restrict at,
             const float* __restrict weight, int64_t n, float* __restrict out) {
  for (int64_t i = 0; i < n; ++i) out[i] = source[at[i]] * weight[i];
}

LATENTREEL_VECTOR_CLONES
void gather4(const float* __restrict source, const int32_t* __restrict at,
             const float* __restrict weight, int64_t n, float* __restrict out) {
  for (int64_t i = 0; i < n; ++i) {
    out[i] =
        (source[at[i]] * weight[i] + source[at[n + i]] * weight[n + i]) +
        (source[at[2 * n + i]] * weight[2 * n + i] + source[at[3 * n + i]] * weight[3 * n + i]);
  }
}

void scatter(float* __restrict target, const int32_t* __restrict at, const float* __restrict weight,
             int taps, int64_t n, const float* __restrict grad) {
  if (taps == 1) {
    for (int64_t i = 0; i < n; ++i) target[at[i]] += grad[i] * weight[i];
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    target[at[i]] += grad[i] * weight[i];
    target[at[n + i]] += grad[i] * weight[n + i];
    target[at[2 * n + i]] += grad[i] * weight[2 * n + i];
    target[at[3 * n + i]] += grad[i] * weight[3 * n + i];
  }
}

LATENTREEL_VECTOR_CLONES
void add_to(float* __restrict target, const float* __restrict values, int64_t n) {
  for (int64_t i = 0; i < n; ++i) target[i] += values[i];
}

// How one call samples: the sizes and modes that all its outputs share.
struct Sampler {
  int64_t height, width;          // of the source
  int64_t out_height, out_width;  // of the outputs
  Sampling sampling;
  PaddingMode outside;

  bool copies(const Map& map) const {
    return height == out_height && width == out_width && is_identity(map);
  }

  // Brings places on an axis of `size` pixels inside, as `outside` says.
  void settle(float* p, int64_t size) const {
    const auto n = out_width;
    const auto last = static_cast<float>(size - 1);
    if (outside == PaddingMode::zeros) return confine(p, n, -2.0f, last + 2);
    if (outside == PaddingMode::reflection) reflect(p, n, static_cast<float>(size));
    confine(p, n, 0.0f, last);
  }

  void row(const Map& m, int64_t y, RowTaps& row) const {
    const auto n = out_width;
    float* px = row.coordinate.data();
    float* py = px + n;
    const double cx = m[1] * static_cast<double>(y) + m[2];
    const double cy = m[4] * static_cast<double>(y) + m[5];
    const double cz = m[7] * static_cast<double>(y) + m[8];
    if (m[6] == 0 && m[7] == 0) {
      const double scale = std::abs(cz) > double{kHorizon} ? 1 / cz : 1;
      places_affine(static_cast<float>(m[0] * scale), static_cast<float>(m[3] * scale),
                    static_cast<float>(cx * scale), static_cast<float>(cy * scale), n, px, py);
    } else {
      const std::array<float, 3> d = {static_cast<float>(m[0]), static_cast<float>(m[3]),
                                      static_cast<float>(m[6])};
      const std::array<float, 3> start = {static_cast<float>(cx), static_cast<float>(cy),
                                          static_cast<float>(cz)};
      places_projective(d.data(), start.data(), n, px, py);
    }
    settle(px, width);
    settle(py, height);

    int32_t* index = row.index.data();
    float* part = row.part.data();
    const auto w = static_cast<int32_t>(width), h = static_cast<int32_t>(height);
    if (sampling == Sampling::nearest) {
      nearest_taps(px, n, w, index, part);
      nearest_taps(py, n, h, index + n, part + n);
      join_taps(index, index + n, part, part + n, n, w, row.at.data(), row.weight.data());
      return;
    }
    linear_taps(px, n, w, index, index + n, part, part + n);
    linear_taps(py, n, h, index + 2 * n, index + 3 * n, part + 2 * n, part + 3 * n);
    for (int64_t tap = 0; tap < 4; ++tap) {
      const auto x = (tap % 2) * n, down = (2 + tap / 2) * n;
      join_taps(index + x, index + down, part + x, part + down, n, w, row.at.data() + tap * n,
                row.weight.data() + tap * n);
    }
  }
};

// image: [1 or N, C, H, W] contiguous float32.
at::Tensor warp_forward(const at::Tensor& image, const at::Tensor& maps, const Sampler& sampler) {
  const auto count = maps.size(0), channels = image.size(1);
  const auto h = sampler.out_height, w = sampler.out_width;
  auto out = at::empty({count, channels, h, w}, image.options());
  const float* source = image.const_data_ptr<float>();
  float* target = out.mutable_data_ptr<float>();
  const auto plane = sampler.height * sampler.width;
  const auto image_stride = image.size(0) == 1 ? 0 : channels * plane;

  at::parallel_for(0, count * h, 8, [&](int64_t begin, int64_t end) {
    RowTaps taps(w, sampler.sampling);
    for (int64_t i = begin; i < end; ++i) {
      const auto n = i / h, y = i % h;
      const auto map = read_map(maps, n);
      const float* from = source + n * image_stride;
      float* to = target + (n * channels * h + y) * w;
      const bool copy = sampler.copies(map);
      if (!copy) sampler.row(map, y, taps);
      for (int64_t c = 0; c < channels; ++c, from += plane, to += h * w) {
        if (copy) {
          std::copy_n(from + y * w, w, to);
        } else if (taps.taps == 1) {
          gather1(from, taps.at.data(), taps.weight.data(), w, to);
        } else {
          gather4(from, taps.at.data(), taps.weight.data(), w, to);
        }
      }
    }
  });
  return out;
}

// Sums partial images in order. partials: [G, ...] to [1, ...].
at::Tensor sum_partials(const at::Tensor& partials) {
  if (partials.size(0) == 1) return partials;
  auto sum = partials.narrow(0, 0, 1);
  const auto size = sum.numel();
  float* data = partials.mutable_data_ptr<float>();
  at::parallel_for(0, size, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t g = 1; g < partials.size(0); ++g) {
      add_to(data + begin, data + g * size + begin, end - begin);
    }
  });
  return sum.clone();
}

// Gradient of the source. Every plane of a partial image is summed by one thread, in order of the
// outputs, and the number of partial images depends on nothing but N: the same bits always.
at::Tensor warp_backward(const at::Tensor& grad, const at::Tensor& maps, bool shared,
                         const Sampler& sampler) {
  const auto count = maps.size(0), channels = grad.size(1);
  const auto h = sampler.out_height, w = sampler.out_width;
  const auto groups = shared ? std::min(count, kMaxPartials) : count;
  auto partials = at::zeros({groups, channels, sampler.height, sampler.width}, grad.options());
  const float* incoming = grad.const_data_ptr<float>();
  float* target = partials.mutable_data_ptr<float>();
  const auto plane = sampler.height * sampler.width;

  at::parallel_for(0, groups * channels, 1, [&](int64_t begin, int64_t end) {
    RowTaps taps(w, sampler.sampling);
    while (begin < end) {  // the channels of one group that fall to this thread
      const auto g = begin / channels, first = begin % channels;
      const auto last = std::min(channels, first + end - begin);
      begin += last - first;
      for (int64_t n = g * count / groups; n < (g + 1) * count / groups; ++n) {
        const auto map = read_map(maps, n);
        const bool copy = sampler.copies(map);
        for (int64_t y = 0; y < h; ++y) {
          if (!copy) sampler.row(map, y, taps);
          for (int64_t c = first; c < last; ++c) {
            const float* from = incoming + ((n * channels + c) * h + y) * w;
            float* to = target + (g * channels + c) * plane;
            if (copy) {
              add_to(to + y * w, from, w);
            } else {
              scatter(to, taps.at.data(), taps.weight.data(), taps.taps, w, from);
            }
          }
        }
      }
    }
  });
  return shared ? sum_partials(partials) : partials;
}

struct Warp : torch::autograd::Function<Warp> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& image, const at::Tensor& maps,
                            int64_t sampling, int64_t outside, int64_t height, int64_t width) {
    const Sampler sampler{image.size(2),
                          image.size(3),
                          height,
                          width,
                          static_cast<Sampling>(sampling),
                          static_cast<PaddingMode>(outside)};
    ctx->saved_data["maps"] = maps;
    ctx->saved_data["modes"] = std::vector<int64_t>{sampling, outside};
    ctx->saved_data["source"] = image.sizes().vec();
    return warp_forward(image, maps, sampler);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto grad = grads[0].contiguous();
    const auto maps = ctx->saved_data["maps"].toTensor();
    const auto modes = ctx->saved_data["modes"].toIntVector();
    const auto source = ctx->saved_data["source"].toIntVector();
    const Sampler sampler{source[2],
                          source[3],
                          grad.size(2),
                          grad.size(3),
                          static_cast<Sampling>(modes[0]),
                          static_cast<PaddingMode>(modes[1])};
    return {warp_backward(grad, maps, source[0] == 1, sampler),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

void check(const at::Tensor& image, const at::Tensor& maps) {
  TORCH_CHECK(image.dim() == 4 && maps.dim() == 3 && maps.size(1) == 3 && maps.size(2) == 3 &&
                  (image.size(0) == 1 || image.size(0) == maps.size(0)),
              "warp: expected image [1 or N, C, H, W] and maps [N, 3, 3], got ", image.sizes(),
              " and ", maps.sizes());
  TORCH_CHECK(maps.device().is_cpu(), "warp: maps are numbers of the host");
}

// grid: [N, height, width, 2] in grid_sampler's units, corners not aligned.
at::Tensor make_grid(const at::Tensor& image, const at::Tensor& maps, int64_t height,
                     int64_t width) {
  const auto options = maps.options().device(image.device());
  const auto n = maps.size(0);
  const auto x = at::arange(width, options).view({1, 1, width});
  const auto y = at::arange(height, options).view({1, height, 1});
  const auto m = maps.to(image.device());
  const auto entry = [&](int64_t row, int64_t column) {
    return m.select(1, row).select(1, column).view({n, 1, 1});
  };
  const auto along = [&](int64_t row) {
    return entry(row, 0) * x + (entry(row, 1) * y + entry(row, 2));
  };
  const auto depth = along(2);
  const auto scale = at::where(depth.abs() > kHorizon, depth.reciprocal(), at::ones_like(depth));
  const auto to_grid = [&](const at::Tensor& place, int64_t size) {
    return (place * scale * 2 + 1) / static_cast<double>(size) - 1;
  };
  return at::stack({to_grid(along(0), image.size(3)), to_grid(along(1), image.size(2))}, 3)
      .to(image.scalar_type());
}

}  // namespace

at::Tensor warp_reference(const at::Tensor& image, const at::Tensor& maps, Sampling sampling,
                          PaddingMode outside, int64_t height, int64_t width) {
  check(image, maps);
  const auto exact = maps.to(at::kDouble).contiguous();
  const auto n = maps.size(0);
  std::vector<int64_t> moved;
  for (int64_t i = 0; i < n; ++i) {
    const bool same_size = image.size(2) == height && image.size(3) == width;
    if (!same_size || !is_identity(read_map(exact, i))) moved.push_back(i);
  }
  const auto repeated = image.expand({n, image.size(1), image.size(2), image.size(3)});
  if (moved.empty()) return repeated;

  const auto sample = [&](const at::Tensor& source, const at::Tensor& of) {
    const int64_t mode = sampling == Sampling::bilinear ? 0 : 1;
    const int64_t padding = static_cast<int64_t>(outside);  // zeros, border, reflection
    return at::grid_sampler_2d(source, make_grid(source, of, height, width), mode, padding, false);
  };
  if (static_cast<int64_t>(moved.size()) == n) return sample(repeated, exact);
  const auto which = at::tensor(moved, at::kLong);
  const auto there = which.to(image.device());
  return repeated.index_copy(0, there,
                             sample(repeated.index_select(0, there), exact.index_select(0, which)));
}

at::Tensor warp(const at::Tensor& image, const at::Tensor& maps, Sampling sampling,
                PaddingMode outside, int64_t height, int64_t width) {
  if (!image.device().is_cpu() || image.scalar_type() != at::kFloat || maps.size(0) == 0) {
    return warp_reference(image, maps, sampling, outside, height, width);
  }
  check(image, maps);
  TORCH_CHECK(image.size(2) * image.size(3) < int64_t{1} << 31 && image.size(2) < 1 << 22 &&
                  image.size(3) < 1 << 22,
              "warp: an image of ", image.size(3), "x", image.size(2), " pixels is too large");
  return Warp::apply(image.contiguous(), maps.to(at::kDouble).contiguous(),
                     static_cast<int64_t>(sampling), static_cast<int64_t>(outside), height, width);
}

}  // namespace latentreel::models
