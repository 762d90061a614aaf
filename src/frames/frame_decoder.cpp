#include "src/frames/frame_decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "src/frames/camera_view.h"
#include "src/run/error.h"

namespace latentreel::render {

at::Tensor graded(const at::Tensor& picture, const scenes::Grade& grade) {
  const auto lit = (picture * grade.brightness - 0.5) * grade.contrast + 0.5;
  const auto luma = 0.2126 * lit[0] + 0.7152 * lit[1] + 0.0722 * lit[2];
  return (luma + (lit - luma) * grade.saturation).clamp(0, 1);
}

FrameDecoder::FrameDecoder(models::Vqgan vqgan, PictureSize shown, int depth,
                           std::optional<PictureSize> film)
    : vqgan_(std::move(vqgan)), shown_(shown), film_(film.value_or(shown)), depth_(depth) {}

at::Tensor FrameDecoder::decode_checked(const at::Tensor& z) const {
  const auto raw = vqgan_.decode(z);
  if (!at::isfinite(raw).all().item<bool>()) {  // a clamp would make black or white of it
    throw RenderError(RenderError::Kind::diverged,
                      "decoding a latent: its picture is not a number. Try precision = "
                      "\"float32\".");
  }
  return middle_of(((raw + 1) / 2).clamp(0, 1), shown_);
}

at::Tensor FrameDecoder::picture(const at::Tensor& z) const {
  at::NoGradGuard no_grad;
  return decode_checked(z).cpu();
}

std::vector<Frame> FrameDecoder::decode(const at::Tensor& z, int64_t first,
                                        std::span<const Look> looks) const {
  at::NoGradGuard no_grad;
  auto pictures = decode_checked(z);
  if (!std::all_of(looks.begin(), looks.end(), [](const Look& l) { return l.is_neutral(); })) {
    std::vector<at::Tensor> seen;
    for (size_t i = 0; i < looks.size(); ++i) {
      seen.push_back(looked_at(pictures[static_cast<int64_t>(i)], looks[i]));
    }
    pictures = at::stack(seen);
  }
  const auto rows = rounded(pictures);
  std::vector<Frame> frames;
  for (int64_t i = 0; i < rows.size(0); ++i) frames.push_back(frame_of(rows[i], first + i));
  return frames;
}

at::Tensor FrameDecoder::looked_at(const at::Tensor& picture, const Look& look) const {
  const auto& [camera, grade] = look;
  const auto seen =
      camera.is_neutral()
          ? picture
          : seen_through(picture, camera, camera.resized ? film_ : shown_).clamp(0, 1);
  return grade.is_neutral() ? seen : graded(seen, grade);
}

// [N, H, W, 3]. Rounded where it was computed, so that a device gives away a quarter of the bytes.
at::Tensor FrameDecoder::rounded(const at::Tensor& pictures) const {
  const auto values = pictures.permute({0, 2, 3, 1}).mul(depth_ > 8 ? 65535 : 255).round();
  return values.to(depth_ > 8 ? at::kInt : at::kByte).cpu().contiguous();
}

// rows: [H, W, 3], whole numbers.
Frame FrameDecoder::frame_of(const at::Tensor& rows, int64_t number) const {
  Frame frame{.number = number,
              .width = static_cast<int>(rows.size(1)),
              .height = static_cast<int>(rows.size(0))};
  const auto count = static_cast<size_t>(rows.numel());
  if (depth_ > 8) {
    const auto* data = rows.const_data_ptr<int>();
    frame.rgb16.assign(data, data + count);
  } else {
    const auto* data = rows.const_data_ptr<uint8_t>();
    frame.rgb8.assign(data, data + count);
  }
  return frame;
}

}  // namespace latentreel::render
