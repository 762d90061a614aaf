#include <cmath>

#include "models/clip/towers.h"
#include "models/ops/convolution.h"

namespace latentreel::models {
namespace {

constexpr double kBatchNormEps = 1e-5;
constexpr int64_t kExpansion = 4;

at::Tensor average_pool(const at::Tensor& x, int64_t stride) {
  return stride == 1 ? x : at::avg_pool2d(x, {stride, stride}, {stride, stride});
}

// Creates conv and norm in `owner` under the names a checkpoint gives them.
ConvNorm register_conv_norm(torch::nn::Module& owner, const std::string& conv_name,
                            const std::string& norm_name, int64_t in, int64_t out, int64_t kernel,
                            int64_t stride = 1) {
  const auto padding = kernel / 2;
  auto conv = owner.register_module(
      conv_name,
      Conv2d(in, out, kernel, Conv2dOptions{.stride = stride, .padding = padding, .bias = false}));
  auto norm = owner.register_module(norm_name, BatchNorm(out));
  return ConvNorm(conv, norm, stride, padding);
}

}  // namespace

BatchNormImpl::BatchNormImpl(int64_t channels) {
  weight = register_parameter("weight", torch::empty({channels}));
  bias = register_parameter("bias", torch::empty({channels}));
  running_mean = register_buffer("running_mean", torch::empty({channels}));
  running_var = register_buffer("running_var", torch::empty({channels}));
}

at::Tensor BatchNormImpl::forward(const at::Tensor& x) {
  constexpr double kMomentum = 0.1;
  return at::batch_norm(x, weight, bias, running_mean, running_var, is_training(), kMomentum,
                        kBatchNormEps, false);
}

ConvNorm::ConvNorm(Conv2d conv, BatchNorm norm, int64_t stride, int64_t padding)
    : conv_(std::move(conv)), norm_(std::move(norm)), stride_(stride), padding_(padding) {}

at::Tensor ConvNorm::operator()(const at::Tensor& x) {
  if (weight_.defined()) return conv2d(x, weight_, bias_, stride_, padding_);
  return norm_->forward(conv_->forward(x));
}

// In float32, cast once at the end.
void ConvNorm::fold(const Placement& placement) {
  at::NoGradGuard no_grad;
  const auto scale = norm_->weight * at::rsqrt(norm_->running_var + kBatchNormEps);
  bias_ = (norm_->bias - norm_->running_mean * scale).to(placement.dtype);
  weight_ = placement.place(conv_->weight * scale.view({-1, 1, 1, 1}));
  conv_->weight.set_data(at::empty({0}));
}

BottleneckImpl::BottleneckImpl(int64_t in, int64_t planes, int64_t stride) : stride_(stride) {
  const auto out = planes * kExpansion;
  first_ = register_conv_norm(*this, "conv1", "bn1", in, planes, 1);
  second_ = register_conv_norm(*this, "conv2", "bn2", planes, planes, 3);
  third_ = register_conv_norm(*this, "conv3", "bn3", planes, out, 1);
  has_shortcut_ = stride > 1 || in != out;
  if (!has_shortcut_) return;
  auto holder = std::make_shared<torch::nn::Module>();
  shortcut_ = register_conv_norm(*holder, "0", "1", in, out, 1);
  register_module("downsample", holder);
}

at::Tensor BottleneckImpl::forward(const at::Tensor& x) {
  auto h = at::relu(second_(at::relu(first_(x))));
  h = third_(average_pool(h, stride_));
  return at::relu(h + (has_shortcut_ ? shortcut_(average_pool(x, stride_)) : x));
}

void BottleneckImpl::fold(const Placement& placement) {
  for (auto* part : {&first_, &second_, &third_}) part->fold(placement);
  if (has_shortcut_) shortcut_.fold(placement);
}

AttentionPoolImpl::AttentionPoolImpl(int64_t tokens, int64_t width, int64_t heads,
                                     int64_t embed_dim)
    : heads_(heads) {
  positional_embedding =
      register_parameter("positional_embedding", torch::empty({tokens + 1, width}));
  q_proj = register_module("q_proj", Linear(width, width));
  k_proj = register_module("k_proj", Linear(width, width));
  v_proj = register_module("v_proj", Linear(width, width));
  c_proj = register_module("c_proj", Linear(width, embed_dim));
}

at::Tensor AttentionPoolImpl::forward(const at::Tensor& x) {
  const auto n = x.size(0), width = x.size(1), head = width / heads_;
  const auto cells = x.flatten(2).transpose(1, 2);  // [N, T, width]
  const auto tokens = at::cat({cells.mean(1, true), cells}, 1) + positional_embedding;
  const auto split = [&](const at::Tensor& t) {  // [N heads, t, head]
    return t.view({n, -1, heads_, head}).transpose(1, 2).reshape({n * heads_, -1, head});
  };
  const auto query = split(q_proj->forward(tokens.narrow(1, 0, 1)));
  const auto scores = at::bmm(query.mul(1 / std::sqrt(static_cast<double>(head))),
                              split(k_proj->forward(tokens)).transpose(1, 2));
  const auto mixed = at::bmm(scores.softmax(2), split(v_proj->forward(tokens)));
  return c_proj->forward(mixed.view({n, width}));
}

ModifiedResNetImpl::ModifiedResNetImpl(const ClipConfig& config) {
  const auto width = config.width;
  stem_[0] = register_conv_norm(*this, "conv1", "bn1", 3, width / 2, 3, 2);
  stem_[1] = register_conv_norm(*this, "conv2", "bn2", width / 2, width / 2, 3);
  stem_[2] = register_conv_norm(*this, "conv3", "bn3", width / 2, width, 3);
  auto in = width;
  for (int64_t i = 0; i < 4; ++i) {
    const auto planes = width << i;
    layers_[i] = torch::nn::ModuleList();
    for (int64_t j = 0; j < config.stages[i]; ++j) {
      layers_[i]->push_back(Bottleneck(in, planes, j == 0 && i > 0 ? 2 : 1));
      in = planes * kExpansion;
    }
    register_module("layer" + std::to_string(i + 1), layers_[i]);
  }
  const auto grid = config.resolution / 32;
  attnpool_ = register_module("attnpool",
                              AttentionPool(grid * grid, in, config.pool_heads, config.embed_dim));
}

at::Tensor ModifiedResNetImpl::stem(const at::Tensor& image) {
  auto x = image;
  for (auto& part : stem_) x = at::relu(part(x));
  return average_pool(x, 2);
}

at::Tensor ModifiedResNetImpl::stage(int64_t index, const at::Tensor& x) {
  auto h = x;
  for (const auto& block : *layers_[index]) h = block->as<BottleneckImpl>()->forward(h);
  return h;
}

at::Tensor ModifiedResNetImpl::forward(const at::Tensor& image) {
  auto x = stem(image);
  for (int64_t i = 0; i < 4; ++i) x = stage(i, x);
  return attnpool_->forward(x);
}

void ModifiedResNetImpl::fold(const Placement& placement) {
  for (auto& part : stem_) part.fold(placement);
  for (auto& layer : layers_) {
    for (const auto& block : *layer) block->as<BottleneckImpl>()->fold(placement);
  }
}

}  // namespace latentreel::models
