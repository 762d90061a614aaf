#include "models/ops/norm_cpu.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "models/ops/vector_clones.h"

// Compiled with -O3 (models/CMakeLists.txt), so that the compiler makes vectors of these loops.

namespace latentreel::models::cpu {
namespace {

// Values summed in float before they are added in double: exact enough, and vectors stay wide.
constexpr int64_t kBlock = 1024;
constexpr int kLanes = 16;

// e^x within 2 ulp for |x| <= 87, saturating beyond: 2^n times a polynomial on half a binade
// (coefficients: the Taylor series of 2^f in ln 2).
inline float exponential(float x) {
  constexpr float kLog2E = 1.44269504f, kRound = 12582912.0f;  // 1.5 * 2^23: rounds to integers
  x = x < -87.0f ? -87.0f : x;
  x = x > 87.0f ? 87.0f : x;
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

LATENTREEL_VECTOR_CLONES
void sums(const float* x, int64_t count, double& sum, double& squares) {
  sum = squares = 0;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t end = begin + kBlock < count ? begin + kBlock : count;
    float s[kLanes] = {}, q[kLanes] = {};
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) {
        s[lane] += x[i + lane];
        q[lane] += x[i + lane] * x[i + lane];
      }
    }
    for (; i < end; ++i) {
      s[0] += x[i];
      q[0] += x[i] * x[i];
    }
    for (int lane = 0; lane < kLanes; ++lane) {
      sum += static_cast<double>(s[lane]);
      squares += static_cast<double>(q[lane]);
    }
  }
}

LATENTREEL_VECTOR_CLONES
void scale_shift_silu(const float* x, int64_t count, float scale, float shift, float* y) {
  for (int64_t i = 0; i < count; ++i) {
    const float v = x[i] * scale + shift;
    y[i] = v * sigmoid(v);
  }
}

// dh, the gradient before the activation, and the sums of dh and dh * x.
LATENTREEL_VECTOR_CLONES
void silu_gradient(const float* x, const float* dy, int64_t count, float scale, float shift,
                   float* dh, double& sum, double& sum_x) {
  sum = sum_x = 0;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t end = begin + kBlock < count ? begin + kBlock : count;
    for (int64_t i = begin; i < end; ++i) {
      const float v = x[i] * scale + shift;
      const float s = sigmoid(v);
      dh[i] = dy[i] * s * (1.0f + v * (1.0f - s));
    }
    float a[kLanes] = {}, b[kLanes] = {};
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) {
        a[lane] += dh[i + lane];
        b[lane] += dh[i + lane] * x[i + lane];
      }
    }
    for (; i < end; ++i) {
      a[0] += dh[i];
      b[0] += dh[i] * x[i];
    }
    for (int lane = 0; lane < kLanes; ++lane) {
      sum += static_cast<double>(a[lane]);
      sum_x += static_cast<double>(b[lane]);
    }
  }
}

// dx = a dh + b x + c, in place over dh.
LATENTREEL_VECTOR_CLONES
void combine(const float* x, int64_t count, float a, float b, float c, float* dh) {
  for (int64_t i = 0; i < count; ++i) dh[i] = dh[i] * a + x[i] * b + c;
}

}  // namespace

void group_norm_silu(const GroupShape& shape, const float* x, const float* weight,
                     const float* bias, double eps, float* y, float* mean, float* rstd) {
  const int64_t size = shape.channels_per_group * shape.area;
  at::parallel_for(0, shape.samples * shape.groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      double sum = 0, squares = 0;
      sums(x + group * size, size, sum, squares);
      const double m = sum / static_cast<double>(size);
      const double variance = std::max(0.0, squares / static_cast<double>(size) - m * m);
      const double r = 1 / std::sqrt(variance + eps);
      mean[group] = static_cast<float>(m);
      rstd[group] = static_cast<float>(r);
      const int64_t first = group % shape.groups * shape.channels_per_group;
      for (int64_t c = 0; c < shape.channels_per_group; ++c) {
        const double scale = r * weight[first + c];
        const int64_t at = group * size + c * shape.area;
        scale_shift_silu(x + at, shape.area, static_cast<float>(scale),
                         static_cast<float>(bias[first + c] - m * scale), y + at);
      }
    }
  });
}

// With h = w xhat + b:  dx = rstd w dh + B x + C, where B and C follow from the group's sums of
// w dh and w dh x.
void group_norm_silu_backward(const GroupShape& shape, const float* x, const float* weight,
                              const float* bias, const float* mean, const float* rstd,
                              const float* dy, float* dx) {
  const int64_t size = shape.channels_per_group * shape.area;
  at::parallel_for(0, shape.samples * shape.groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      const double m = mean[group], r = rstd[group];
      const int64_t first = group % shape.groups * shape.channels_per_group;
      double weighted = 0, weighted_x = 0;
      for (int64_t c = 0; c < shape.channels_per_group; ++c) {
        const double w = weight[first + c], scale = r * w;
        const int64_t at = group * size + c * shape.area;
        double sum = 0, sum_x = 0;
        silu_gradient(x + at, dy + at, shape.area, static_cast<float>(scale),
                      static_cast<float>(bias[first + c] - m * scale), dx + at, sum, sum_x);
        weighted += w * sum;
        weighted_x += w * sum_x;
      }
      const double b = (weighted * m - weighted_x) * r * r * r / static_cast<double>(size);
      const double c0 = -b * m - weighted * r / static_cast<double>(size);
      for (int64_t c = 0; c < shape.channels_per_group; ++c) {
        const int64_t at = group * size + c * shape.area;
        combine(x + at, shape.area, static_cast<float>(r * weight[first + c]),
                static_cast<float>(b), static_cast<float>(c0), dx + at);
      }
    }
  });
}

}  // namespace latentreel::models::cpu
