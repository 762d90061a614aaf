#include "src/render/frame_decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include "src/render/error.h"

namespace latentreel::render {

FrameDecoder::FrameDecoder(models::Vqgan vqgan, int depth)
    : vqgan_(std::move(vqgan)), depth_(depth) {}

at::Tensor FrameDecoder::picture(const at::Tensor& z) const {
  at::NoGradGuard no_grad;
  const auto raw = vqgan_.decode(z).cpu();
  if (!at::isfinite(raw).all().item<bool>()) {  // a clamp would make black or white of it
    throw RenderError(RenderError::Kind::diverged,
                      "decoding a latent: its picture is not a number. Try precision = "
                      "\"float32\".");
  }
  return ((raw + 1) / 2).clamp(0, 1);
}

Frame FrameDecoder::decode(const at::Tensor& z, int64_t number) const {
  at::NoGradGuard no_grad;
  const auto image = picture(z);
  Frame frame{.number = number,
              .width = static_cast<int>(image.size(3)),
              .height = static_cast<int>(image.size(2))};
  const auto rows = image[0].permute({1, 2, 0});  // [H, W, 3]
  const auto count = static_cast<size_t>(rows.numel());
  if (depth_ > 8) {
    const auto values = rows.mul(65535).round().to(at::kInt).contiguous();
    const auto* data = values.data_ptr<int>();
    frame.rgb16.assign(data, data + count);
  } else {
    const auto values = rows.mul(255).round().to(at::kByte).contiguous();
    const auto* data = values.data_ptr<uint8_t>();
    frame.rgb8.assign(data, data + count);
  }
  return frame;
}

Pace measure_pace(const LatentPath& path, std::size_t index, const FrameDecoder& decoder,
                  const StopToken& stop) {
  Pace pace;
  pace.change = {0};
  auto before = decoder.picture(path.between(index, 0));
  for (int j = 1; j < kPaceProbes; ++j) {
    stop.check();
    const auto now =
        decoder.picture(path.between(index, static_cast<double>(j) / (kPaceProbes - 1)));
    const double step = (now - before).abs().mean().item<double>();
    pace.change.push_back(pace.change.back() + step);
    before = now;
  }
  const double total = pace.change.back();
  if (!(total > 0)) return {};
  for (auto& change : pace.change) change /= total;
  pace.change.back() = 1;
  return pace;
}

}  // namespace latentreel::render
