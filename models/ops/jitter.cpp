#include "models/ops/jitter.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "models/ops/vector_clones.h"

namespace latentreel::models {
namespace {

using Step = Jitter::Step;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr float kEps = 1e-6f;    // kornia's, in S = (v - m) / (v + eps)
constexpr int64_t kBlock = 256;  // pixels that pass all steps while they are in the cache
constexpr int64_t kTask = 8192;  // pixels of one task of a thread, a multiple of kBlock

using Channels = std::array<float*, 3>;
using ConstChannels = std::array<const float*, 3>;

// --- The steps, forward --------------------------------------------------------------------------

LATENTREEL_VECTOR_CLONES
void clamp_affine(const float* __restrict x, float scale, float shift, int64_t n,
                  float* __restrict out) {
  for (int64_t i = 0; i < n; ++i) {
    const float t = x[i] * scale + shift;
    const float low = t > 0.0f ? t : 0.0f;
    out[i] = low < 1.0f ? low : 1.0f;
  }
}

// 1 / (v + eps); 0 where that is not positive, which makes such a pixel grey.
inline float inverse_value(float v) {
  return v + kEps > 0.0f ? 1.0f / (v + kEps) : 0.0f;
}

LATENTREEL_VECTOR_CLONES
void saturate(const float* __restrict r, const float* __restrict g, const float* __restrict b,
              float factor, int64_t n, float* __restrict out_r, float* __restrict out_g,
              float* __restrict out_b) {
  for (int64_t i = 0; i < n; ++i) {
    const float v = std::max(std::max(r[i], g[i]), b[i]);
    const float d = v - std::min(std::min(r[i], g[i]), b[i]);
    const float q = inverse_value(v);
    const float full = v / (d > 0.0f ? d : 1.0f);  // the scale at which S is 1
    const float scale = factor * d * q > 1.0f ? full : factor * v * q;
    out_r[i] = v - (v - r[i]) * scale;
    out_g[i] = v - (v - g[i]) * scale;
    out_b[i] = v - (v - b[i]) * scale;
  }
}

inline float ramp(float x) {
  return std::min(std::max(x, 0.0f), 1.0f);
}

// Hue in sixths of the circle, turned by `turn` sixths (-3 .. 3), in [0, 6]; 0 + turn for grey.
inline float turned_hue(float r, float g, float b, float v, float d, float turn) {
  const float inverse = 1.0f / (d > 0.0f ? d : 1.0f);
  const float from_r = (g - b) * inverse;
  const float from_g = 2.0f + (b - r) * inverse;
  const float from_b = 4.0f + (r - g) * inverse;
  const float hue = (r == v ? from_r : (g == v ? from_g : from_b)) + turn;
  return hue < 0.0f ? hue + 6.0f : (hue >= 6.0f ? hue - 6.0f : hue);
}

LATENTREEL_VECTOR_CLONES
void turn_hue(const float* __restrict r, const float* __restrict g, const float* __restrict b,
              float turn, int64_t n, float* __restrict out_r, float* __restrict out_g,
              float* __restrict out_b) {
  for (int64_t i = 0; i < n; ++i) {
    const float v = std::max(std::max(r[i], g[i]), b[i]);
    const float d = v - std::min(std::min(r[i], g[i]), b[i]);
    const float hue = turned_hue(r[i], g[i], b[i], v, d, turn);
    const float depth = d * v * inverse_value(v);
    out_r[i] = v - depth * ramp(2.0f - std::abs(hue - 3.0f));
    out_g[i] = v - depth * ramp(std::abs(hue - 2.0f) - 1.0f);
    out_b[i] = v - depth * ramp(std::abs(hue - 4.0f) - 1.0f);
  }
}

// --- Backward: gradients of the outputs in, of the inputs out, in place --------------------------

LATENTREEL_VECTOR_CLONES
void clamp_affine_backward(const float* __restrict x, float scale, float shift, int64_t n,
                           float* __restrict grad) {
  for (int64_t i = 0; i < n; ++i) {
    const float t = x[i] * scale + shift;
    grad[i] = t >= 0.0f && t <= 1.0f ? grad[i] * scale : 0.0f;
  }
}

inline float one_if(bool condition) {
  return condition ? 1.0f : 0.0f;
}

LATENTREEL_VECTOR_CLONES
void saturate_backward(const float* __restrict r, const float* __restrict g,
                       const float* __restrict b, float factor, int64_t n, float* __restrict grad_r,
                       float* __restrict grad_g, float* __restrict grad_b) {
  for (int64_t i = 0; i < n; ++i) {
    const float v = std::max(std::max(r[i], g[i]), b[i]);
    const float m = std::min(std::min(r[i], g[i]), b[i]);
    const float d = v - m, q = inverse_value(v);
    const bool full = factor * d * q > 1.0f;
    const float inverse = 1.0f / (d > 0.0f ? d : 1.0f);
    const float scale = full ? v * inverse : factor * v * q;
    const float sum = grad_r[i] + grad_g[i] + grad_b[i];
    const float lean = grad_r[i] * (v - r[i]) + grad_g[i] * (v - g[i]) + grad_b[i] * (v - b[i]);
    const float by_m = full ? -lean * v * inverse * inverse : 0.0f;
    const float by_v =
        sum * (1.0f - scale) - lean * (full ? (1.0f - scale) * inverse : factor * kEps * q * q);
    const float max_r = one_if(r[i] == v), max_g = (1.0f - max_r) * one_if(g[i] == v);
    const float min_r = one_if(r[i] == m), min_g = (1.0f - min_r) * one_if(g[i] == m);
    const float max_b = 1.0f - max_r - max_g, min_b = 1.0f - min_r - min_g;
    grad_r[i] = grad_r[i] * scale + max_r * by_v + min_r * by_m;
    grad_g[i] = grad_g[i] * scale + max_g * by_v + min_g * by_m;
    grad_b[i] = grad_b[i] * scale + max_b * by_v + min_b * by_m;
  }
}

// The slope of ramp(sign * |x| + ...) where it is neither 0 nor 1.
inline float slope(float value, float x, float sign) {
  return (x > 0.0f ? sign : -sign) * one_if(value > 0.0f) * one_if(value < 1.0f);
}

LATENTREEL_VECTOR_CLONES
void turn_hue_backward(const float* __restrict r, const float* __restrict g,
                       const float* __restrict b, float turn, int64_t n, float* __restrict grad_r,
                       float* __restrict grad_g, float* __restrict grad_b) {
  for (int64_t i = 0; i < n; ++i) {
    const float v = std::max(std::max(r[i], g[i]), b[i]);
    const float m = std::min(std::min(r[i], g[i]), b[i]);
    const float d = v - m, q = inverse_value(v);
    const float hue = turned_hue(r[i], g[i], b[i], v, d, turn);
    const float in_r = 2.0f - std::abs(hue - 3.0f);
    const float in_g = std::abs(hue - 2.0f) - 1.0f;
    const float in_b = std::abs(hue - 4.0f) - 1.0f;
    const float sum = grad_r[i] + grad_g[i] + grad_b[i];
    // out = v - d v q w(hue): the weighted sum of w, and of its slope.
    const float ramps = grad_r[i] * ramp(in_r) + grad_g[i] * ramp(in_g) + grad_b[i] * ramp(in_b);
    const float slopes = grad_r[i] * slope(in_r, hue - 3.0f, -1.0f) +
                         grad_g[i] * slope(in_g, hue - 2.0f, 1.0f) +
                         grad_b[i] * slope(in_b, hue - 4.0f, 1.0f);
    const float max_r = one_if(r[i] == v), max_g = (1.0f - max_r) * one_if(g[i] == v);
    const float min_r = one_if(r[i] == m), min_g = (1.0f - min_r) * one_if(g[i] == m);
    const float max_b = 1.0f - max_r - max_g, min_b = 1.0f - min_r - min_g;
    // hue = numerator / d + const
    const float numerator = max_r * (g[i] - b[i]) + max_g * (b[i] - r[i]) + max_b * (r[i] - g[i]);
    const float by_numerator = -v * q * slopes * one_if(d > 0.0f);
    const float by_d = -ramps * v * q - by_numerator * numerator / (d > 0.0f ? d : 1.0f);
    const float by_v = sum - ramps * d * kEps * q * q + by_d;
    grad_r[i] = max_r * by_v - min_r * by_d + (max_b - max_g) * by_numerator;
    grad_g[i] = max_g * by_v - min_g * by_d + (max_r - max_b) * by_numerator;
    grad_b[i] = max_b * by_v - min_b * by_d + (max_g - max_r) * by_numerator;
  }
}

// --- All steps on a block of pixels --------------------------------------------------------------

// The turn of a hue, the short way round.
float sixths(const Jitter::Factors& f) {
  return static_cast<float>(6 * (f.hue - std::nearbyint(f.hue)));
}

void forward_step(Step step, const Jitter::Factors& f, const ConstChannels& x, int64_t n,
                  const Channels& out) {
  switch (step) {
    case Step::brightness:
    case Step::contrast:
      for (size_t c = 0; c < 3; ++c) {
        const bool shift = step == Step::brightness;
        clamp_affine(x[c], shift ? 1.0f : static_cast<float>(f.contrast),
                     shift ? static_cast<float>(f.brightness - 1) : 0.0f, n, out[c]);
      }
      break;
    case Step::saturation:
      saturate(x[0], x[1], x[2], static_cast<float>(f.saturation), n, out[0], out[1], out[2]);
      break;
    case Step::hue:
      turn_hue(x[0], x[1], x[2], sixths(f), n, out[0], out[1], out[2]);
      break;
  }
}

void backward_step(Step step, const Jitter::Factors& f, const ConstChannels& x, int64_t n,
                   const Channels& grad) {
  switch (step) {
    case Step::brightness:
    case Step::contrast:
      for (size_t c = 0; c < 3; ++c) {
        const bool shift = step == Step::brightness;
        clamp_affine_backward(x[c], shift ? 1.0f : static_cast<float>(f.contrast),
                              shift ? static_cast<float>(f.brightness - 1) : 0.0f, n, grad[c]);
      }
      break;
    case Step::saturation:
      saturate_backward(x[0], x[1], x[2], static_cast<float>(f.saturation), n, grad[0], grad[1],
                        grad[2]);
      break;
    case Step::hue:
      turn_hue_backward(x[0], x[1], x[2], sixths(f), n, grad[0], grad[1], grad[2]);
      break;
  }
}

// What a block was before each step and after the last.
struct Stages {
  float values[5][3][kBlock];

  Channels at(size_t i) { return {values[i][0], values[i][1], values[i][2]}; }
  ConstChannels seen(size_t i) const { return {values[i][0], values[i][1], values[i][2]}; }
};

// Calls work(picture, first, n) for blocks of at most kBlock pixels of all pictures.
template <class Work>
void for_blocks(int64_t count, int64_t area, const Work& work) {
  const auto tasks = (area + kTask - 1) / kTask;
  at::parallel_for(0, count * tasks, 1, [&](int64_t begin, int64_t end) {
    Stages stages;
    for (int64_t i = begin; i < end; ++i) {
      const auto start = i % tasks * kTask, stop = std::min(start + kTask, area);
      for (int64_t first = start; first < stop; first += kBlock) {
        work(i / tasks, first, std::min(kBlock, stop - first), stages);
      }
    }
  });
}

at::Tensor jitter_forward(const at::Tensor& x, const Jitter& jitter) {
  auto out = at::empty_like(x);
  const auto area = x.size(2) * x.size(3);
  const float* source = x.const_data_ptr<float>();
  float* target = out.mutable_data_ptr<float>();
  for_blocks(x.size(0), area, [&](int64_t i, int64_t first, int64_t n, Stages& stages) {
    const auto& factors = jitter.factors[static_cast<size_t>(i)];
    const float* from = source + 3 * i * area + first;
    float* to = target + 3 * i * area + first;
    if (!factors.applies) {
      for (int64_t c = 0; c < 3; ++c) std::copy_n(from + c * area, n, to + c * area);
      return;
    }
    ConstChannels in = {from, from + area, from + 2 * area};
    for (size_t s = 0; s < 4; ++s) {
      const auto next = s == 3 ? Channels{to, to + area, to + 2 * area} : stages.at(s);
      forward_step(jitter.order[s], factors, in, n, next);
      in = {next[0], next[1], next[2]};
    }
  });
  return out;
}

at::Tensor jitter_backward(const at::Tensor& grad, const at::Tensor& x, const Jitter& jitter) {
  auto out = at::empty_like(x);
  const auto area = x.size(2) * x.size(3);
  const float* source = x.const_data_ptr<float>();
  const float* incoming = grad.const_data_ptr<float>();
  float* target = out.mutable_data_ptr<float>();
  for_blocks(x.size(0), area, [&](int64_t i, int64_t first, int64_t n, Stages& stages) {
    const auto& factors = jitter.factors[static_cast<size_t>(i)];
    const auto start = 3 * i * area + first;
    for (int64_t c = 0; c < 3; ++c) {
      std::copy_n(incoming + start + c * area, n, target + start + c * area);
    }
    if (!factors.applies) return;
    const float* from = source + start;
    ConstChannels in = {from, from + area, from + 2 * area};
    for (size_t s = 0; s < 3; ++s) {
      forward_step(jitter.order[s], factors, s == 0 ? in : stages.seen(s - 1), n, stages.at(s));
    }
    float* to = target + start;
    const Channels g = {to, to + area, to + 2 * area};
    for (size_t s = 4; s-- > 0;) {
      backward_step(jitter.order[s], factors, s == 0 ? in : stages.seen(s - 1), n, g);
    }
  });
  return out;
}

struct JitterFunction : torch::autograd::Function<JitterFunction> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const Jitter& jitter) {
    ctx->save_for_backward({x});
    std::vector<int64_t> order;
    std::vector<double> factors;
    for (const auto step : jitter.order) order.push_back(static_cast<int64_t>(step));
    for (const auto& f : jitter.factors) {
      factors.insert(factors.end(),
                     {f.brightness, f.contrast, f.saturation, f.hue, f.applies ? 1.0 : 0.0});
    }
    ctx->saved_data["order"] = order;
    ctx->saved_data["factors"] = factors;
    return jitter_forward(x, jitter);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    Jitter jitter;
    const auto order = ctx->saved_data["order"].toIntVector();
    const auto flat = ctx->saved_data["factors"].toDoubleVector();
    for (size_t i = 0; i < 4; ++i) jitter.order[i] = static_cast<Step>(order[i]);
    for (size_t i = 0; i < flat.size(); i += 5) {
      jitter.factors.push_back({flat[i], flat[i + 1], flat[i + 2], flat[i + 3], flat[i + 4] != 0});
    }
    const auto x = ctx->get_saved_variables()[0];
    return {jitter_backward(grads[0].contiguous(), x, jitter), at::Tensor()};
  }
};

void check(const at::Tensor& x, const Jitter& jitter) {
  TORCH_CHECK(
      x.dim() == 4 && x.size(1) == 3 && x.size(0) == static_cast<int64_t>(jitter.factors.size()),
      "jitter: expected ", jitter.factors.size(), " pictures [N, 3, H, W], got ", x.sizes());
}

bool any_applies(const Jitter& jitter) {
  return std::any_of(jitter.factors.begin(), jitter.factors.end(),
                     [](const auto& f) { return f.applies; });
}

// --- In plain tensor code ------------------------------------------------------------------------

// Largest channel, its distance to the smallest, and 1 / (v + eps), each [N, 1, H, W].
struct Value {
  explicit Value(const at::Tensor& x)
      : v(std::get<0>(x.max(1, true))), d(v - std::get<0>(x.min(1, true))) {
    const auto positive = v + static_cast<double>(kEps) > 0;
    const auto shifted = at::where(positive, v + static_cast<double>(kEps), at::ones_like(v));
    q = shifted.reciprocal() * positive;
  }
  at::Tensor v, d, q;

  at::Tensor safe_d() const { return at::where(d > 0, d, at::ones_like(d)); }
};

at::Tensor saturate_tensor(const at::Tensor& x, const at::Tensor& factor) {
  const Value value(x);
  const auto scale = at::where(factor * value.d * value.q > 1, value.v / value.safe_d(),
                               factor * value.v * value.q);
  return value.v - (value.v - x) * scale;
}

at::Tensor turn_hue_tensor(const at::Tensor& x, const at::Tensor& turn) {
  const Value value(x);
  const auto r = x.narrow(1, 0, 1), g = x.narrow(1, 1, 1), b = x.narrow(1, 2, 1);
  const auto d = value.safe_d();
  auto hue = at::where(r == value.v, (g - b) / d,
                       at::where(g == value.v, 2 + (b - r) / d, 4 + (r - g) / d));
  hue = at::remainder(hue + turn, 6);
  const auto ramps = at::cat({2 - (hue - 3).abs(), (hue - 2).abs() - 1, (hue - 4).abs() - 1}, 1);
  return value.v - value.d * value.v * value.q * ramps.clamp(0, 1);
}

}  // namespace

at::Tensor jitter_reference(const at::Tensor& x, const Jitter& jitter) {
  check(x, jitter);
  if (!any_applies(jitter)) return x;
  std::vector<int64_t> which;
  std::vector<double> numbers;  // brightness shift, contrast, saturation, hue in sixths
  for (size_t i = 0; i < jitter.factors.size(); ++i) {
    const auto& f = jitter.factors[i];
    if (!f.applies) continue;
    which.push_back(static_cast<int64_t>(i));
    numbers.insert(numbers.end(), {f.brightness - 1, f.contrast, f.saturation, 6 * f.hue});
  }
  const auto index = at::tensor(which, at::kLong).to(x.device());
  const auto factors = at::tensor(numbers, at::kDouble).view({-1, 4}).to(x.options());
  const auto factor = [&](int64_t column) { return factors.select(1, column).view({-1, 1, 1, 1}); };
  auto y = x.index_select(0, index);
  for (const auto step : jitter.order) {
    switch (step) {
      case Step::brightness:
        y = (y + factor(0)).clamp(0, 1);
        break;
      case Step::contrast:
        y = (y * factor(1)).clamp(0, 1);
        break;
      case Step::saturation:
        y = saturate_tensor(y, factor(2));
        break;
      case Step::hue:
        y = turn_hue_tensor(y, factor(3));
        break;
    }
  }
  return x.index_copy(0, index, y);
}

at::Tensor jitter(const at::Tensor& x, const Jitter& jitter) {
  if (!x.device().is_cpu() || x.scalar_type() != at::kFloat) return jitter_reference(x, jitter);
  check(x, jitter);
  return any_applies(jitter) ? JitterFunction::apply(x.contiguous(), jitter) : x;
}

}  // namespace latentreel::models
