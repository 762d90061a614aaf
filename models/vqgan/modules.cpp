#include "models/vqgan/modules.h"

#include <cmath>
#include <memory>
#include <vector>

#include "models/ops/convolution.h"

namespace latentreel::models {
namespace {

constexpr Conv2dOptions kSame3x3{.stride = 1, .padding = 1};

}  // namespace

// --- Blocks --------------------------------------------------------------------------------------

ResnetBlockImpl::ResnetBlockImpl(int64_t in, int64_t out, int64_t groups) {
  norm1 = register_module("norm1", GroupNorm(groups, in));
  conv1 = register_module("conv1", Conv2d(in, out, 3, kSame3x3));
  norm2 = register_module("norm2", GroupNorm(groups, out));
  conv2 = register_module("conv2", Conv2d(out, out, 3, kSame3x3));
  if (in != out) nin_shortcut = register_module("nin_shortcut", Conv2d(in, out, 1));
}

at::Tensor ResnetBlockImpl::forward(const at::Tensor& x) {
  auto h = conv1->forward(norm1->forward_silu(x));
  h = conv2->forward(norm2->forward_silu(h));
  return (nin_shortcut ? nin_shortcut->forward(x) : x) + h;
}

AttnBlockImpl::AttnBlockImpl(int64_t channels, int64_t groups) {
  norm = register_module("norm", GroupNorm(groups, channels));
  q = register_module("q", Conv2d(channels, channels, 1));
  k = register_module("k", Conv2d(channels, channels, 1));
  v = register_module("v", Conv2d(channels, channels, 1));
  proj_out = register_module("proj_out", Conv2d(channels, channels, 1));
}

at::Tensor AttnBlockImpl::forward(const at::Tensor& x) {
  const auto n = x.size(0), c = x.size(1), tokens = x.size(2) * x.size(3);
  const auto flat = [&](Conv2d& projection, const at::Tensor& h) {
    return projection->forward(h).reshape({n, c, tokens});  // [N, C, T]
  };
  const auto h = norm->forward(x);
  const auto queries = flat(q, h).transpose(1, 2).mul(1 / std::sqrt(static_cast<double>(c)));
  const auto weights = at::bmm(queries, flat(k, h)).softmax(2);     // [N, T, T]
  const auto mixed = at::bmm(flat(v, h), weights.transpose(1, 2));  // [N, C, T]
  return x + proj_out->forward(mixed.view(x.sizes()));
}

UpsampleImpl::UpsampleImpl(int64_t channels) {
  conv = register_module("conv", Conv2d(channels, channels, 3, kSame3x3));
}

at::Tensor UpsampleImpl::forward(const at::Tensor& x) {
  if (kernel_.defined()) return upsample_conv2d(x, kernel_, conv->bias);
  return conv->forward(at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}));
}

void UpsampleImpl::fold(const Placement& placement) {
  at::NoGradGuard no_grad;
  kernel_ = placement.place(upsample_kernel(conv->weight));
  conv->weight.set_data(at::empty({0}));
}

DownsampleImpl::DownsampleImpl(int64_t channels) {
  conv = register_module("conv", Conv2d(channels, channels, 3, Conv2dOptions{.stride = 2}));
}

at::Tensor DownsampleImpl::forward(const at::Tensor& x) {
  return conv->forward(at::constant_pad_nd(x, {0, 1, 0, 1}));
}

LevelImpl::LevelImpl(int64_t in, int64_t out, int64_t blocks, bool attention, Resample resample,
                     int64_t groups) {
  block_ = register_module("block", torch::nn::ModuleList());
  attn_ = register_module("attn", torch::nn::ModuleList());
  for (int64_t i = 0; i < blocks; ++i) {
    block_->push_back(ResnetBlock(i == 0 ? in : out, out, groups));
    if (attention) attn_->push_back(AttnBlock(out, groups));
  }
  if (resample == Resample::down) downsample_ = register_module("downsample", Downsample(out));
  if (resample == Resample::up) upsample_ = register_module("upsample", Upsample(out));
}

at::Tensor LevelImpl::forward(const at::Tensor& x) {
  at::Tensor h = x;
  for (size_t i = 0; i < block_->size(); ++i) {
    h = block_->ptr<ResnetBlockImpl>(i)->forward(h);
    if (!attn_->is_empty()) h = attn_->ptr<AttnBlockImpl>(i)->forward(h);
  }
  if (downsample_) return downsample_->forward(h);
  if (upsample_) return upsample_->forward(h);
  return h;
}

void LevelImpl::fold(const Placement& placement) {
  if (upsample_) upsample_->fold(placement);
}

MiddleImpl::MiddleImpl(int64_t channels, bool attention, int64_t groups) {
  block_1 = register_module("block_1", ResnetBlock(channels, channels, groups));
  if (attention) attn_1 = register_module("attn_1", AttnBlock(channels, groups));
  block_2 = register_module("block_2", ResnetBlock(channels, channels, groups));
}

at::Tensor MiddleImpl::forward(const at::Tensor& x) {
  const auto h = block_1->forward(x);
  return block_2->forward(attn_1 ? attn_1->forward(h) : h);
}

// --- Encoder and decoder -------------------------------------------------------------------------

VqganEncoderImpl::VqganEncoderImpl(const VqganConfig& config) {
  const auto last = config.levels() - 1;
  conv_in = register_module("conv_in", Conv2d(config.in_channels, config.channels, 3, kSame3x3));
  down = register_module("down", torch::nn::ModuleList());
  auto width = config.channels;
  for (int64_t level = 0; level <= last; ++level) {
    const auto resample = level < last ? LevelImpl::Resample::down : LevelImpl::Resample::none;
    down->push_back(Level(width, config.width(level), config.residual_blocks,
                          config.attention[level], resample, config.groups));
    width = config.width(level);
  }
  mid = register_module("mid", Middle(width, config.middle_attention, config.groups));
  norm_out = register_module("norm_out", GroupNorm(config.groups, width));
  const auto out = config.double_z ? 2 * config.z_channels : config.z_channels;
  conv_out = register_module("conv_out", Conv2d(width, out, 3, kSame3x3));
}

at::Tensor VqganEncoderImpl::forward(const at::Tensor& image) {
  auto h = conv_in->forward(image);
  for (const auto& level : *down) h = level->as<LevelImpl>()->forward(h);
  return conv_out->forward(norm_out->forward_silu(mid->forward(h)));
}

VqganDecoderImpl::VqganDecoderImpl(const VqganConfig& config) {
  const auto last = config.levels() - 1;
  auto width = config.width(last);
  conv_in = register_module("conv_in", Conv2d(config.z_channels, width, 3, kSame3x3));
  mid = register_module("mid", Middle(width, config.middle_attention, config.groups));
  std::vector<Level> levels;  // built from the lowest resolution up, registered by level
  for (int64_t level = last; level >= 0; --level) {
    const auto resample = level > 0 ? LevelImpl::Resample::up : LevelImpl::Resample::none;
    levels.emplace_back(width, config.width(level), config.residual_blocks + 1,
                        config.attention[level], resample, config.groups);
    width = config.width(level);
  }
  up = register_module("up", torch::nn::ModuleList());
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) up->push_back(*level);
  norm_out = register_module("norm_out", GroupNorm(config.groups, width));
  conv_out = register_module("conv_out", Conv2d(width, config.out_channels, 3, kSame3x3));
}

at::Tensor VqganDecoderImpl::forward(const at::Tensor& z) {
  auto h = mid->forward(conv_in->forward(z));
  for (auto level = up->size(); level-- > 0;) h = up->ptr<LevelImpl>(level)->forward(h);
  return conv_out->forward(norm_out->forward_silu(h));
}

void VqganDecoderImpl::fold(const Placement& placement) {
  for (const auto& level : *up) level->as<LevelImpl>()->fold(placement);
}

// --- Quantizer -----------------------------------------------------------------------------------

QuantizerImpl::QuantizerImpl(const VqganConfig& config) {
  auto holder = std::make_shared<torch::nn::Module>();
  codebook_ = holder->register_parameter("weight", torch::empty({config.codes, config.embed_dim}));
  if (config.gumbel) {
    proj_ = register_module("proj", Conv2d(config.z_channels, config.codes, 1));
    register_module("embed", holder);
  } else {
    register_module("embedding", holder);
  }
}

at::Tensor QuantizerImpl::codebook() const {
  return codebook_;
}

at::Tensor QuantizerImpl::logits(const at::Tensor& z) {
  return proj_->forward(z);
}

VqModelImpl::VqModelImpl(const VqganConfig& config) {
  encoder = register_module("encoder", VqganEncoder(config));
  decoder = register_module("decoder", VqganDecoder(config));
  quantize = register_module("quantize", Quantizer(config));
  quant_conv = register_module("quant_conv", Conv2d(config.z_channels, config.embed_dim, 1));
  post_quant_conv =
      register_module("post_quant_conv", Conv2d(config.embed_dim, config.z_channels, 1));
}

}  // namespace latentreel::models
