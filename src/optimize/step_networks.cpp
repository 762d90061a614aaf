#include "src/optimize/step_networks.h"

#include <ATen/ATen.h>

#include <utility>

#include "models/ops/gradients.h"

namespace latentreel::render {
namespace {

at::Tensor picture_in_steps(const models::Vqgan& vqgan, bool quantize, scenes::ImageClamp clamp,
                            const at::Tensor& z) {
  const auto raw = vqgan.decode(quantize ? vqgan.quantize(z) : z);
  if (clamp == scenes::ImageClamp::plain) return (raw.clamp(-1, 1) + 1) / 2;
  return models::clamp_with_grad((raw + 1) / 2, 0, 1);
}

}  // namespace

StepNetworks::StepNetworks(models::Vqgan vqgan,
                           const std::vector<models::ClipImageEncoder>& encoders,
                           const scenes::OptimizeOptions& options)
    : quantize_(options.quantize),
      image_clamp_(options.image_clamp),
      decode_([vqgan, quantize = quantize_, clamp = image_clamp_](
                  const at::Tensor& z) { return picture_in_steps(vqgan, quantize, clamp, z); },
              vqgan.placement().tuning.graphs) {
  for (const auto& encoder : encoders) {
    encode_.emplace_back([encoder](const at::Tensor& cutouts) { return encoder.encode(cutouts); },
                         vqgan.placement().tuning.graphs);
  }
}

bool StepNetworks::fits(const scenes::OptimizeOptions& options) const {
  return options.quantize == quantize_ && options.image_clamp == image_clamp_;
}

void StepNetworks::forget_encoders() {
  for (auto& encode : encode_) encode.forget();
}

}  // namespace latentreel::render
