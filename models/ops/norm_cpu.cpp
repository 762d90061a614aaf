#include "models/ops/norm_cpu.h"

#include <ATen/Parallel.h>
#include <c10/util/BFloat16.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "models/ops/vector_clones.h"

// Compiled with -O3 (models/CMakeLists.txt), so that the compiler makes vectors of these loops.

namespace latentreel::models::cpu {
namespace {

// Pixels whose values are summed in float before the sums are added in double: exact enough, and
// vectors stay wide.
constexpr int64_t kBlock = 64;

// e^x within 2 ulp for |x| <= 60, saturating beyond: 2^n times a polynomial on half a binade
// (coefficients: the Taylor series of 2^f in ln 2). The compiler computes the saturated result for
// every lane, whether it is taken or not; at the end of float's range its product with a small x
// would be denormal, which costs a hundred cycles each time.
inline float exponential(float x) {
  constexpr float kLog2E = 1.44269504f, kRound = 12582912.0f;  // 1.5 * 2^23: rounds to integers
  x = x < -60.0f ? -60.0f : x;
  x = x > 60.0f ? 60.0f : x;
  const float t = x * kLog2E;
  const float shifted = t + kRound;
  const float f = t - (shifted - kRound);  // [-0.5, 0.5]
  float p = 1.54035304e-4f;
  p = p * f + 1.33335581e-3f;
  p = p * f + 9.61812911e-3f;
  p = p * f + 5.55041087e-2f;
  p = p * f + 2.40226507e-1f;
  p = p * f + 6.93147181e-1f;
  p = p * f + 1.0f;
  const auto exponent = std::bit_cast<std::int32_t>(shifted) << 23;
  return std::bit_cast<float>(std::bit_cast<std::int32_t>(p) + exponent);
}

inline float sigmoid(float x) {
  return 1.0f / (1.0f + exponential(-x));
}

// --- Loops over the pixels of a block ------------------------------------------------------------

// Each channel's sum and sum of squares, both of the distance from `pivot`, over `pixels` pixels.
LATENTREEL_VECTOR_CLONES
void add_squares(const float* __restrict x, int64_t pixels, int64_t channels,
                 const float* __restrict pivot, float* __restrict sum, float* __restrict squares) {
  for (int64_t p = 0; p < pixels; ++p, x += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float d = x[c] - pivot[c];
      sum[c] += d;
      squares[c] += d * d;
    }
  }
}

// What a sample's channels are normalised with: h = (x - centre) * scale + bias.
struct Affine {
  const float* centre;
  const float* scale;
  const float* bias;
};

LATENTREEL_VECTOR_CLONES
void normalise_silu(const float* __restrict x, int64_t pixels, int64_t channels, Affine affine,
                    float* __restrict y) {
  const float* __restrict centre = affine.centre;
  const float* __restrict scale = affine.scale;
  const float* __restrict bias = affine.bias;
  for (int64_t p = 0; p < pixels; ++p, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float h = (x[c] - centre[c]) * scale[c] + bias[c];
      y[c] = h * sigmoid(h);
    }
  }
}

// dh, the gradient before the activation, and each channel's sums of dh and dh * (x - centre).
LATENTREEL_VECTOR_CLONES
void silu_gradient(const float* __restrict x, const float* __restrict dy, int64_t pixels,
                   int64_t channels, Affine affine, float* __restrict dh, float* __restrict sum,
                   float* __restrict sum_x) {
  const float* __restrict centre = affine.centre;
  const float* __restrict scale = affine.scale;
  const float* __restrict bias = affine.bias;
  for (int64_t p = 0; p < pixels; ++p, x += channels, dy += channels, dh += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float d = x[c] - centre[c];
      const float h = d * scale[c] + bias[c];
      const float s = sigmoid(h);
      const float g = dy[c] * s * (1.0f + h * (1.0f - s));
      dh[c] = g;
      sum[c] += g;
      sum_x[c] += g * d;
    }
  }
}

// dx = scale dh + slope (x - centre) + offset, each channel with its own numbers, in place over dh.
LATENTREEL_VECTOR_CLONES
void combine(const float* __restrict x, int64_t pixels, int64_t channels, Affine affine,
             const float* __restrict slope, const float* __restrict offset, float* __restrict dh) {
  const float* __restrict centre = affine.centre;
  const float* __restrict scale = affine.scale;
  for (int64_t p = 0; p < pixels; ++p, x += channels, dh += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      dh[c] = dh[c] * scale[c] + (x[c] - centre[c]) * slope[c] + offset[c];
    }
  }
}

// --- bfloat16 ------------------------------------------------------------------------------------

LATENTREEL_VECTOR_CLONES
void widen(const std::uint16_t* __restrict x, int64_t count, float* __restrict y) {
  for (int64_t i = 0; i < count; ++i) {
    y[i] = std::bit_cast<float>(static_cast<std::uint32_t>(x[i]) << 16);
  }
}

// To the nearest, ties to even. What is no number stays none: its last bits cannot carry into the
// sign, because those that arithmetic makes have only their first one set.
LATENTREEL_VECTOR_CLONES
void narrow(const float* __restrict x, int64_t count, std::uint16_t* __restrict y) {
  for (int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(x[i]);
    y[i] = static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
}

// A block's values as floats, and room for as many: the memory itself, or a thread's copy of it.
const float* as_floats(const float* x, int64_t, std::vector<float>&) {
  return x;
}
float* as_floats(float* x, int64_t, std::vector<float>&) {
  return x;
}
float* room_for(float* y, int64_t, std::vector<float>&) {
  return y;
}
void keep(const float*, int64_t, float*) {}

float* as_floats(const c10::BFloat16* x, int64_t count, std::vector<float>& copy) {
  copy.resize(static_cast<size_t>(count));
  widen(reinterpret_cast<const std::uint16_t*>(x), count, copy.data());
  return copy.data();
}
float* room_for(c10::BFloat16*, int64_t count, std::vector<float>& copy) {
  copy.resize(static_cast<size_t>(count));
  return copy.data();
}
void keep(const float* made, int64_t count, c10::BFloat16* y) {
  narrow(made, count, reinterpret_cast<std::uint16_t*>(y));
}

// One thread's floats for the blocks of three tensors.
struct Copies {
  std::vector<float> x, y, z;
};
Copies& copies() {
  thread_local Copies copies;
  return copies;
}

// --- Blocks --------------------------------------------------------------------------------------

int64_t block_count(const GroupShape& shape) {
  return (shape.area + kBlock - 1) / kBlock;
}

// Calls work(number, sample, first value, pixels) for every block of every sample, in parallel.
template <class Work>
void for_each_block(const GroupShape& shape, const Work& work) {
  const int64_t blocks = block_count(shape);
  at::parallel_for(0, shape.samples * blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t sample = i / blocks;
      const int64_t pixel = i % blocks * kBlock;
      work(i, sample, (sample * shape.area + pixel) * shape.channels,
           std::min(kBlock, shape.area - pixel));
    }
  });
}

// Two sums a channel for every block: [samples * blocks][2][channels].
using BlockSums = std::vector<float>;

struct ChannelSums {
  double first = 0, second = 0;
};

// A channel's two sums over all blocks of a sample, in their order.
ChannelSums channel_sums(const GroupShape& shape, const BlockSums& sums, int64_t sample,
                         int64_t channel) {
  ChannelSums total;
  const int64_t blocks = block_count(shape);
  for (int64_t block = sample * blocks; block < (sample + 1) * blocks; ++block) {
    const float* at = sums.data() + block * 2 * shape.channels + channel;
    total.first += static_cast<double>(at[0]);
    total.second += static_cast<double>(at[shape.channels]);
  }
  return total;
}

// Mean and reciprocal deviation of every group of every sample.
template <class Value>
void moments(const GroupShape& shape, const Value* x, double eps, float* mean, float* rstd) {
  const int64_t channels = shape.channels, per_group = shape.per_group();
  const double area = static_cast<double>(shape.area);
  BlockSums sums(shape.samples * block_count(shape) * 2 * channels);
  std::vector<float> pivots(shape.samples * channels);  // every sample's first pixel
  for (int64_t i = 0; i < shape.samples * channels; ++i) {
    pivots[i] = static_cast<float>(x[i / channels * shape.area * channels + i % channels]);
  }
  const auto pivot = [&](int64_t sample) { return pivots.data() + sample * channels; };
  for_each_block(shape, [&](int64_t i, int64_t sample, int64_t at, int64_t pixels) {
    float* sum = sums.data() + i * 2 * channels;
    add_squares(as_floats(x + at, pixels * channels, copies().x), pixels, channels, pivot(sample),
                sum, sum + channels);
  });
  std::vector<double> centres(per_group);
  for (int64_t i = 0; i < shape.samples * shape.groups; ++i) {
    const int64_t sample = i / shape.groups, first = i % shape.groups * per_group;
    double centre = 0, squares = 0;
    for (int64_t c = 0; c < per_group; ++c) {
      const auto total = channel_sums(shape, sums, sample, first + c);
      centres[c] = static_cast<double>(pivot(sample)[first + c]) + total.first / area;
      centre += centres[c] / static_cast<double>(per_group);
      squares += total.second - total.first * total.first / area;  // about the channel's centre
    }
    for (const double channel : centres) squares += area * (channel - centre) * (channel - centre);
    const double variance = std::max(0.0, squares) / (area * static_cast<double>(per_group));
    mean[i] = static_cast<float>(centre);
    rstd[i] = static_cast<float>(1 / std::sqrt(variance + eps));
  }
}

// The affine numbers of every channel of every sample.
struct Affines {
  Affines(const GroupShape& shape, const float* weight, const float* given_bias, const float* mean,
          const float* rstd)
      : channels(shape.channels),
        bias(given_bias),
        centre(shape.samples * shape.channels),
        scale(shape.samples * shape.channels) {
    for (int64_t i = 0; i < shape.samples * channels; ++i) {
      const int64_t channel = i % channels;
      const int64_t group = i / channels * shape.groups + channel / shape.per_group();
      centre[i] = mean[group];
      scale[i] = rstd[group] * weight[channel];
    }
  }
  Affine of(int64_t sample) const {
    return {centre.data() + sample * channels, scale.data() + sample * channels, bias};
  }

  int64_t channels;
  const float* bias;
  std::vector<float> centre, scale;
};

}  // namespace

template <class Value>
void group_norm_silu(const GroupShape& shape, const Value* x, const float* weight,
                     const float* bias, double eps, Value* y, float* mean, float* rstd) {
  moments(shape, x, eps, mean, rstd);
  const Affines affines(shape, weight, bias, mean, rstd);
  for_each_block(shape, [&](int64_t, int64_t sample, int64_t at, int64_t pixels) {
    const auto count = pixels * shape.channels;
    auto& copy = copies();
    auto* made = room_for(y + at, count, copy.y);
    normalise_silu(as_floats(x + at, count, copy.x), pixels, shape.channels, affines.of(sample),
                   made);
    keep(made, count, y + at);
  });
}

// With xc = x - mean and h = w rstd xc + b:
//   dx = rstd (w dh - mean of w dh - xc rstd^2 mean of w dh xc), means over the group;
//   dw = sum of dh xc rstd, db = sum of dh, over all samples.
template <class Value>
void group_norm_silu_backward(const GroupShape& shape, const Value* x, const float* weight,
                              const float* bias, const float* mean, const float* rstd,
                              const Value* dy, Value* dx, AffineGradient affine) {
  const int64_t channels = shape.channels, per_group = shape.per_group();
  const Affines affines(shape, weight, bias, mean, rstd);
  BlockSums sums(shape.samples * block_count(shape) * 2 * channels);
  for_each_block(shape, [&](int64_t i, int64_t sample, int64_t at, int64_t pixels) {
    const auto count = pixels * channels;
    auto& copy = copies();
    float* sum = sums.data() + i * 2 * channels;
    auto* dh = room_for(dx + at, count, copy.z);
    silu_gradient(as_floats(x + at, count, copy.x), as_floats(dy + at, count, copy.y), pixels,
                  channels, affines.of(sample), dh, sum, sum + channels);
    keep(dh, count, dx + at);
  });
  std::vector<float> slope(shape.samples * channels), offset(shape.samples * channels);
  std::vector<double> dweight(channels), dbias(channels);
  const double size = static_cast<double>(per_group * shape.area);
  for (int64_t i = 0; i < shape.samples * shape.groups; ++i) {
    const int64_t sample = i / shape.groups, first = i % shape.groups * per_group;
    const double r = static_cast<double>(rstd[i]);
    double weighted = 0, weighted_x = 0;
    for (int64_t c = first; c < first + per_group; ++c) {
      const auto total = channel_sums(shape, sums, sample, c);
      weighted += static_cast<double>(weight[c]) * total.first;
      weighted_x += static_cast<double>(weight[c]) * total.second;
      dweight[c] += r * total.second;
      dbias[c] += total.first;
    }
    const auto begin = sample * channels + first;
    std::fill_n(slope.begin() + begin, per_group,
                static_cast<float>(-weighted_x * r * r * r / size));
    std::fill_n(offset.begin() + begin, per_group, static_cast<float>(-weighted * r / size));
  }
  if (affine.weight) std::copy(dweight.begin(), dweight.end(), affine.weight);
  if (affine.bias) std::copy(dbias.begin(), dbias.end(), affine.bias);
  for_each_block(shape, [&](int64_t, int64_t sample, int64_t at, int64_t pixels) {
    const auto count = pixels * channels;
    auto& copy = copies();
    auto* made = as_floats(dx + at, count, copy.z);
    combine(as_floats(x + at, count, copy.x), pixels, channels, affines.of(sample),
            slope.data() + sample * channels, offset.data() + sample * channels, made);
    keep(made, count, dx + at);
  });
}

template void group_norm_silu(const GroupShape&, const float*, const float*, const float*, double,
                              float*, float*, float*);
template void group_norm_silu(const GroupShape&, const c10::BFloat16*, const float*, const float*,
                              double, c10::BFloat16*, float*, float*);
template void group_norm_silu_backward(const GroupShape&, const float*, const float*, const float*,
                                       const float*, const float*, const float*, float*,
                                       AffineGradient);
template void group_norm_silu_backward(const GroupShape&, const c10::BFloat16*, const float*,
                                       const float*, const float*, const float*,
                                       const c10::BFloat16*, c10::BFloat16*, AffineGradient);

}  // namespace latentreel::models::cpu
