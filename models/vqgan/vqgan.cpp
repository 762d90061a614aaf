#include "models/vqgan/vqgan.h"

#include "models/files/state_dict.h"
#include "models/ops/gradients.h"
#include "models/vqgan/modules.h"
#include "models/vqgan/nearest.h"

namespace latentreel::models {

namespace {

// What a full training checkpoint carries besides was left out (take_vqgan).
const LoadOptions kVqganLoading{.network = "the VQGAN", .ignored = {}};

}  // namespace

struct Vqgan::Weights {
  VqganConfig config;
  Placement placement;
  VqModel model{nullptr};
  at::Tensor codebook;  // float32 whatever the network computes in: the choice must be exact
  at::Tensor min, max;
  double std = 0;
};

Vqgan::Vqgan(const StateDict& weights, Placement placement) : weights_(new Weights) {
  auto& w = *weights_;
  w.config = infer_vqgan_config(weights);
  w.placement = placement;
  w.model = VqModel(w.config);
  load_strictly(*w.model, weights, kVqganLoading);
  at::NoGradGuard no_grad;
  w.codebook = w.model->quantize->codebook().detach().to(placement.device, at::kFloat);
  w.model->decoder->fold(placement);
  freeze(*w.model, placement);
  w.min = w.codebook.amin(0).view({1, -1, 1, 1});
  w.max = w.codebook.amax(0).view({1, -1, 1, 1});
  w.std = w.codebook.std().item<double>();
}

void Vqgan::check(const StateDict& weights) {
  check_strictly(*VqModel(infer_vqgan_config(weights)), weights, kVqganLoading);
}

const VqganConfig& Vqgan::config() const {
  return weights_->config;
}
const Placement& Vqgan::placement() const {
  return weights_->placement;
}
at::Tensor Vqgan::codebook() const {
  return weights_->codebook;
}
at::Tensor Vqgan::codebook_min() const {
  return weights_->min;
}
at::Tensor Vqgan::codebook_max() const {
  return weights_->max;
}
double Vqgan::codebook_std() const {
  return weights_->std;
}

at::Tensor Vqgan::encode(const at::Tensor& image) const {
  const auto factor = weights_->config.factor();
  TORCH_CHECK(image.dim() == 4 && image.size(1) == weights_->config.in_channels &&
                  image.size(2) % factor == 0 && image.size(3) % factor == 0,
              "VQGAN encoder: a picture [N, ", weights_->config.in_channels,
              ", H, W] with sides that are multiples of ", factor, " is needed, got ",
              image.sizes());
  auto& model = *weights_->model;
  const auto x = weights_->placement.place(image.mul(2).sub(1));
  return model.quant_conv->forward(model.encoder->forward(x)).to(at::kFloat);
}

at::Tensor Vqgan::nearest_codes(const at::Tensor& z) const {
  const auto n = z.size(0), c = z.size(1), h = z.size(2), w = z.size(3);
  TORCH_CHECK(c == weights_->config.embed_dim, "quantizer: latents with ",
              weights_->config.embed_dim, " channels are needed, got ", z.sizes());
  const auto cells =
      z.detach().to(weights_->placement.device, at::kFloat).permute({0, 2, 3, 1}).reshape({-1, c});
  return nearest(cells, weights_->codebook).view({n, h, w});
}

at::Tensor Vqgan::embed_codes(const at::Tensor& codes) const {
  return at::embedding(weights_->codebook, codes.to(weights_->placement.device))
      .permute({0, 3, 1, 2})
      .contiguous();
}

at::Tensor Vqgan::quantize(const at::Tensor& z) const {
  return replace_grad(embed_codes(nearest_codes(z)), z);
}

at::Tensor Vqgan::decode(const at::Tensor& z) const {
  TORCH_CHECK(z.dim() == 4 && z.size(1) == weights_->config.embed_dim,
              "VQGAN decoder: latents [N, ", weights_->config.embed_dim, ", h, w] are needed, got ",
              z.sizes());
  auto& model = *weights_->model;
  const auto h = model.post_quant_conv->forward(weights_->placement.place(z));
  return model.decoder->forward(h).to(at::kFloat);
}

at::Tensor Vqgan::gumbel_logits(const at::Tensor& z) const {
  TORCH_CHECK(weights_->config.gumbel, "this VQGAN has a vector quantizer, not a Gumbel one");
  return weights_->model->quantize->logits(weights_->placement.place(z)).to(at::kFloat);
}

}  // namespace latentreel::models
