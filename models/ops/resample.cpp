#include "models/ops/resample.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/ops/vector_clones.h"

namespace latentreel::models {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kCubic = -0.75;  // ATen's bicubic
constexpr int64_t kMaxPartials = 4;

double sinc(double x) {
  return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

// One axis of a resize: output i is the sum of weights times `count[i]` inputs from `start[i]` on.
struct Axis {
  std::vector<int64_t> start, count, offset;
  std::vector<float> weight;
};

// Where output i of `to` lies between the corners of `from`.
double aligned_place(int64_t i, int64_t from, int64_t to) {
  return to > 1
             ? static_cast<double>(i) * static_cast<double>(from - 1) / static_cast<double>(to - 1)
             : 0;
}

int64_t mirror(int64_t i, int64_t size) {
  if (i < 0) i = -i;
  return i < size ? i : 2 * (size - 1) - i;
}

// The dense weights of output i.
void lanczos_bicubic_row(int64_t i, int64_t from, int64_t to, const std::vector<double>& taps,
                         std::vector<double>& dense) {
  const double place = aligned_place(i, from, to);
  const double floor = std::floor(place), t = place - floor;
  const auto inner = [](double x) { return ((kCubic + 2) * x - (kCubic + 3)) * x * x + 1; };
  const auto outer = [](double x) {
    return ((kCubic * x - 5 * kCubic) * x + 8 * kCubic) * x - 4 * kCubic;
  };
  const double cubic[4] = {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
  const auto half = static_cast<int64_t>(taps.size()) / 2;
  for (int64_t k = 0; k < 4; ++k) {
    if (cubic[k] == 0) continue;
    const auto at = std::clamp(static_cast<int64_t>(floor) + k - 1, int64_t{0}, from - 1);
    for (int64_t tap = -half; tap <= half; ++tap) {
      dense[static_cast<size_t>(mirror(at + tap, from))] +=
          cubic[k] * taps[static_cast<size_t>(tap + half)];
    }
  }
}

void bilinear_row(int64_t i, int64_t from, int64_t to, std::vector<double>& dense) {
  const double place = aligned_place(i, from, to);
  const double floor = std::floor(place);
  const auto at = std::min(static_cast<int64_t>(floor), from - 1);
  dense[static_cast<size_t>(at)] += 1 - (place - floor);
  dense[static_cast<size_t>(std::min(at + 1, from - 1))] += place - floor;
}

Axis make_axis(int64_t from, int64_t to, Filter filter) {
  const auto taps = filter == Filter::lanczos_bicubic && to < from
                        ? lanczos_taps(static_cast<double>(to) / static_cast<double>(from))
                        : std::vector<double>{1};
  Axis axis;
  std::vector<double> dense(static_cast<size_t>(from));
  for (int64_t i = 0; i < to; ++i) {
    std::fill(dense.begin(), dense.end(), 0);
    if (filter == Filter::bilinear) {
      bilinear_row(i, from, to, dense);
    } else {
      lanczos_bicubic_row(i, from, to, taps, dense);
    }
    const auto used = [](double x) { return x != 0; };
    const auto first = std::find_if(dense.begin(), dense.end(), used);
    const auto last = std::find_if(dense.rbegin(), dense.rend(), used).base();
    axis.start.push_back(first - dense.begin());
    axis.count.push_back(last - first);
    axis.offset.push_back(static_cast<int64_t>(axis.weight.size()));
    for (auto weight = first; weight != last; ++weight) {
      axis.weight.push_back(static_cast<float>(*weight));
    }
  }
  return axis;
}

struct Plan {
  Axis rows, columns;
};

std::vector<Plan> make_plans(const std::vector<Box>& boxes, int64_t height, int64_t width,
                             Filter filter) {
  std::vector<Plan> plans(boxes.size());
  at::parallel_for(0, static_cast<int64_t>(boxes.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      plans[i].rows = make_axis(boxes[i].height, height, filter);
      plans[i].columns = boxes[i].height == boxes[i].width && height == width
                             ? plans[i].rows
                             : make_axis(boxes[i].width, width, filter);
    }
  });
  return plans;
}

LATENTREEL_VECTOR_CLONES
void add_scaled(float* __restrict target, const float* __restrict values, float scale, int64_t n) {
  for (int64_t i = 0; i < n; ++i) target[i] += scale * values[i];
}

// target[i] = the weighted sum of `count` rows of `source`, `stride` apart.
void sum_rows(const float* source, int64_t stride, const float* weight, int64_t count, int64_t n,
              float* target) {
  std::fill_n(target, n, 0.0f);
  for (int64_t k = 0; k < count; ++k) add_scaled(target, source + k * stride, weight[k], n);
}

// source: [rows, columns] to [columns, rows].
void transpose(const float* __restrict source, int64_t rows, int64_t columns,
               float* __restrict target) {
  constexpr int64_t kTile = 16;
  for (int64_t i0 = 0; i0 < rows; i0 += kTile) {
    const auto i1 = std::min(i0 + kTile, rows);
    for (int64_t j0 = 0; j0 < columns; j0 += kTile) {
      const auto j1 = std::min(j0 + kTile, columns);
      for (int64_t i = i0; i < i1; ++i) {
        for (int64_t j = j0; j < j1; ++j) target[j * rows + i] = source[i * columns + j];
      }
    }
  }
}

// Scratch of one thread, as large as its largest box needs.
struct Scratch {
  std::vector<float> rows, turned, out;

  void fit(const Box& box, int64_t height, int64_t width) {
    rows.resize(static_cast<size_t>(height * box.width));
    turned.resize(static_cast<size_t>(height * box.width));
    out.resize(static_cast<size_t>(height * width));
  }
};

// plane: the box's first pixel in an image with rows `stride` apart; out: [height, width].
void resize_plane(const float* plane, int64_t stride, const Box& box, const Plan& plan,
                  int64_t height, int64_t width, Scratch& scratch, float* out) {
  scratch.fit(box, height, width);
  for (int64_t i = 0; i < height; ++i) {
    const auto o = static_cast<size_t>(i);
    sum_rows(plane + plan.rows.start[o] * stride, stride,
             plan.rows.weight.data() + plan.rows.offset[o], plan.rows.count[o], box.width,
             scratch.rows.data() + i * box.width);
  }
  transpose(scratch.rows.data(), height, box.width, scratch.turned.data());
  for (int64_t j = 0; j < width; ++j) {
    const auto o = static_cast<size_t>(j);
    sum_rows(scratch.turned.data() + plan.columns.start[o] * height, height,
             plan.columns.weight.data() + plan.columns.offset[o], plan.columns.count[o], height,
             scratch.out.data() + j * height);
  }
  transpose(scratch.out.data(), width, height, out);
}

// The transpose of resize_plane: adds to the box's pixels.
void resize_plane_backward(const float* grad, int64_t stride, const Box& box, const Plan& plan,
                           int64_t height, int64_t width, Scratch& scratch, float* plane) {
  scratch.fit(box, height, width);
  transpose(grad, height, width, scratch.out.data());
  std::fill(scratch.turned.begin(), scratch.turned.end(), 0.0f);
  for (int64_t j = 0; j < width; ++j) {
    const auto o = static_cast<size_t>(j);
    const float* weight = plan.columns.weight.data() + plan.columns.offset[o];
    for (int64_t k = 0; k < plan.columns.count[o]; ++k) {
      add_scaled(scratch.turned.data() + (plan.columns.start[o] + k) * height,
                 scratch.out.data() + j * height, weight[k], height);
    }
  }
  transpose(scratch.turned.data(), box.width, height, scratch.rows.data());
  for (int64_t i = 0; i < height; ++i) {
    const auto o = static_cast<size_t>(i);
    const float* weight = plan.rows.weight.data() + plan.rows.offset[o];
    for (int64_t k = 0; k < plan.rows.count[o]; ++k) {
      add_scaled(plane + (plan.rows.start[o] + k) * stride, scratch.rows.data() + i * box.width,
                 weight[k], box.width);
    }
  }
}

at::Tensor crop_resize_forward(const at::Tensor& image, const std::vector<Box>& boxes,
                               const std::vector<Plan>& plans, int64_t height, int64_t width) {
  const auto count = static_cast<int64_t>(boxes.size()), channels = image.size(1);
  const auto stride = image.size(3), plane = image.size(2) * stride;
  auto out = at::empty({count, channels, height, width}, image.options());
  const float* source = image.const_data_ptr<float>();
  float* target = out.mutable_data_ptr<float>();
  at::parallel_for(0, count * channels, 1, [&](int64_t begin, int64_t end) {
    Scratch scratch;
    for (int64_t i = begin; i < end; ++i) {
      const auto n = static_cast<size_t>(i / channels);
      const auto& box = boxes[n];
      resize_plane(source + (i % channels) * plane + box.top * stride + box.left, stride, box,
                   plans[n], height, width, scratch, target + i * height * width);
    }
  });
  return out;
}

// Every plane of a partial image is summed by one thread in order of the boxes, and the number of
// partial images depends on nothing but the number of boxes.
at::Tensor crop_resize_backward(const at::Tensor& grad, const std::vector<int64_t>& source,
                                const std::vector<Box>& boxes, const std::vector<Plan>& plans) {
  const auto count = grad.size(0), channels = grad.size(1);
  const auto height = grad.size(2), width = grad.size(3);
  const auto stride = source[3], plane = source[2] * source[3];
  const auto groups = std::min(count, kMaxPartials);
  auto partials = at::zeros({groups, channels, source[2], source[3]}, grad.options());
  const float* incoming = grad.const_data_ptr<float>();
  float* target = partials.mutable_data_ptr<float>();
  at::parallel_for(0, groups * channels, 1, [&](int64_t begin, int64_t end) {
    Scratch scratch;
    for (int64_t i = begin; i < end; ++i) {
      const auto g = i / channels, c = i % channels;
      for (int64_t n = g * count / groups; n < (g + 1) * count / groups; ++n) {
        const auto& box = boxes[static_cast<size_t>(n)];
        resize_plane_backward(incoming + (n * channels + c) * height * width, stride, box,
                              plans[static_cast<size_t>(n)], height, width, scratch,
                              target + i * plane + box.top * stride + box.left);
      }
    }
  });
  at::parallel_for(0, channels * plane, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t g = 1; g < groups; ++g) {
      add_scaled(target + begin, target + g * channels * plane + begin, 1.0f, end - begin);
    }
  });
  return groups == 1 ? partials : partials.narrow(0, 0, 1).clone();
}

struct CropResize : torch::autograd::Function<CropResize> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& image,
                            const std::vector<Box>& boxes, int64_t height, int64_t width,
                            int64_t filter) {
    std::vector<int64_t> flat;
    for (const auto& box : boxes) {
      flat.insert(flat.end(), {box.top, box.left, box.height, box.width});
    }
    ctx->saved_data["boxes"] = flat;
    ctx->saved_data["source"] = image.sizes().vec();
    ctx->saved_data["filter"] = filter;
    const auto plans = make_plans(boxes, height, width, static_cast<Filter>(filter));
    return crop_resize_forward(image, boxes, plans, height, width);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto flat = ctx->saved_data["boxes"].toIntVector();
    std::vector<Box> boxes;
    for (size_t i = 0; i < flat.size(); i += 4) {
      boxes.push_back({flat[i], flat[i + 1], flat[i + 2], flat[i + 3]});
    }
    const auto grad = grads[0].contiguous();
    const auto filter = static_cast<Filter>(ctx->saved_data["filter"].toInt());
    const auto plans = make_plans(boxes, grad.size(2), grad.size(3), filter);
    return {crop_resize_backward(grad, ctx->saved_data["source"].toIntVector(), boxes, plans),
            at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

void check(const at::Tensor& image, const std::vector<Box>& boxes, int64_t height, int64_t width) {
  TORCH_CHECK(image.dim() == 4 && image.size(0) == 1 && !boxes.empty(),
              "crop_resize: expected image [1, C, H, W] and boxes, got ", image.sizes(), " and ",
              boxes.size());
  // Reflection reaches 2 size / new size - 1 pixels out.
  TORCH_CHECK(height > 1 && width > 1, "crop_resize: cannot resize to ", width, "x", height);
  for (const auto& box : boxes) {
    TORCH_CHECK(box.top >= 0 && box.left >= 0 && box.height >= 1 && box.width >= 1 &&
                    box.top + box.height <= image.size(2) && box.left + box.width <= image.size(3),
                "crop_resize: the box ", box.width, "x", box.height, " at (", box.left, ", ",
                box.top, ") is not inside a picture of ", image.size(3), "x", image.size(2));
  }
}

// Along one axis (2: height, 3: width), where it shrinks.
at::Tensor low_pass(const at::Tensor& x, int64_t axis, int64_t size) {
  if (size >= x.size(axis)) return x;
  const auto taps = lanczos_taps(static_cast<double>(size) / static_cast<double>(x.size(axis)));
  const auto length = static_cast<int64_t>(taps.size()), half = length / 2;
  const bool vertical = axis == 2;
  const auto kernel = at::tensor(taps, at::kDouble)
                          .to(x.options())
                          .view({1, 1, vertical ? length : 1, vertical ? 1 : length});
  const auto padded = vertical ? at::reflection_pad2d(x, {0, 0, half, half})
                               : at::reflection_pad2d(x, {half, half, 0, 0});
  return at::conv2d(padded, kernel);
}

}  // namespace

std::vector<double> lanczos_taps(double ratio) {
  TORCH_CHECK(ratio > 0 && ratio < 1, "lanczos_taps: the ratio ", ratio, " is not in (0, 1)");
  const auto n = static_cast<int64_t>(std::ceil(2 / ratio + 1));
  std::vector<double> taps;  // -(n-2) ratio .. (n-2) ratio
  double sum = 0;
  for (int64_t i = -(n - 2); i <= n - 2; ++i) {
    const double t = static_cast<double>(i) * ratio;
    taps.push_back(std::abs(t) < 2 ? sinc(t) * sinc(t / 2) : 0);
    sum += taps.back();
  }
  for (auto& tap : taps) tap /= sum;
  return taps;
}

at::Tensor resample(const at::Tensor& x, int64_t height, int64_t width) {
  const auto n = x.size(0), c = x.size(1);
  const auto planes = x.reshape({n * c, 1, x.size(2), x.size(3)});
  const auto smooth = low_pass(low_pass(planes, 2, height), 3, width);
  return at::upsample_bicubic2d(smooth, {height, width}, true).view({n, c, height, width});
}

at::Tensor crop_resize_reference(const at::Tensor& image, const std::vector<Box>& boxes,
                                 int64_t height, int64_t width, Filter filter) {
  check(image, boxes, height, width);
  std::vector<at::Tensor> resized;
  for (const auto& box : boxes) {
    const auto crop = image.narrow(2, box.top, box.height).narrow(3, box.left, box.width);
    resized.push_back(filter == Filter::bilinear
                          ? at::upsample_bilinear2d(crop, {height, width}, true)
                          : resample(crop, height, width));
  }
  return at::cat(resized);
}

at::Tensor crop_resize(const at::Tensor& image, const std::vector<Box>& boxes, int64_t height,
                       int64_t width, Filter filter) {
  if (!image.device().is_cpu() || image.scalar_type() != at::kFloat) {
    return crop_resize_reference(image, boxes, height, width, filter);
  }
  check(image, boxes, height, width);
  return CropResize::apply(image.contiguous(), boxes, height, width, static_cast<int64_t>(filter));
}

at::Tensor adaptive_pool(const at::Tensor& x, int64_t size) {
  const auto [maximum, where] = at::adaptive_max_pool2d(x, {size, size});
  return (at::adaptive_avg_pool2d(x, {size, size}) + maximum) / 2;
}

}  // namespace latentreel::models
