#include "models/clip/clip.h"

#include <cmath>

#include "models/clip/towers.h"
#include "models/files/state_dict.h"

namespace latentreel::models {
namespace {

// Buffers of OpenAI's archives that say what the shapes say already, and BatchNorm's counter.
const LoadOptions kClipLoading{
    .network = "CLIP",
    .ignored = {"input_resolution", "context_length", "vocab_size", "*.num_batches_tracked"}};

std::shared_ptr<ClipModelImpl> load(const ClipConfig& config, const StateDict& weights) {
  auto model = std::make_shared<ClipModelImpl>(config);
  load_strictly(*model, weights, kClipLoading);
  return model;
}

}  // namespace

void Clip::check(const StateDict& weights) {
  check_strictly(*std::make_shared<ClipModelImpl>(infer_clip_config(weights)), weights,
                 kClipLoading);
}

// One module holds both towers: the text tower stays float32 on its device, the image tower is
// placed as asked for.
Clip::Clip(const StateDict& weights, Placement placement) {
  const auto config = infer_clip_config(weights);
  auto model = load(config, weights);
  freeze(*model, {placement.device, at::kFloat});
  model->visual->fold(placement);
  freeze(*model->visual, placement);
  logit_scale_ = std::exp(model->logit_scale.item<double>());

  image_.config_ = text_.config_ = config;
  image_.placement_ = placement;
  const auto constants = [&](const std::vector<double>& values) {
    return at::tensor(values, at::kFloat).view({1, 3, 1, 1}).to(placement.device);
  };
  image_.mean_ = constants(config.mean);
  image_.std_ = constants(config.std);
  image_.model_ = text_.model_ = std::move(model);
  text_.device_ = placement.device;
}

at::Tensor ClipImageEncoder::encode(const at::Tensor& images) const {
  TORCH_CHECK(images.dim() == 4 && images.size(1) == 3 && images.size(2) == config_.resolution &&
                  images.size(3) == config_.resolution,
              "CLIP image encoder: pictures [N, 3, ", config_.resolution, ", ", config_.resolution,
              "] are needed, got ", images.sizes());
  const auto normalised = (images.to(placement_.device) - mean_) / std_;
  return model_->visual->forward(placement_.place(normalised)).to(at::kFloat);
}

at::Tensor ClipTextEncoder::encode(const at::Tensor& tokens) const {
  TORCH_CHECK(tokens.dim() == 2 && tokens.size(1) <= config_.context,
              "CLIP text encoder: tokens [N, at most ", config_.context, "] are needed, got ",
              tokens.sizes());
  return model_->encode_text(tokens.to(device_));
}

}  // namespace latentreel::models
