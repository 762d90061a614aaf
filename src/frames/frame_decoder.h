#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/vqgan/vqgan.h"
#include "scenes/frame_spec.h"
#include "src/frames/grid.h"

namespace latentreel::render {

// A finished frame as the encoder receives it: [height][width][3], row by row. Either rgb8 or rgb16
// is filled, depending on the codec's depth.
struct Frame {
  int64_t number = 0;
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb8 = {};
  std::vector<std::uint16_t> rgb16 = {};
};

// What is done to a decoded picture, in this order.
struct Look {
  scenes::Camera camera = {};
  scenes::Grade grade = {};

  bool is_neutral() const { return camera.is_neutral() && grade.is_neutral(); }
};

// Decodes latents to frames, without quantizing them and without recording gradients. The picture
// is clamped to [0, 1] and cut to its middle; a pixel is its value * 255 (or 65535), rounded.
class FrameDecoder {
 public:
  // shown: the part of the decoded pictures that becomes a frame. depth: 8, or more for 16-bit
  // frames. film: the size of frames whose camera is `resized`; unset: that of `shown`.
  FrameDecoder(models::Vqgan vqgan, PictureSize shown, int depth,
               std::optional<PictureSize> film = std::nullopt);

  // z: [N, C, h, w], decoded at once: N frames numbered from `first`. looks: of each one's picture,
  // either all resized or none; empty: nothing is done to them. Throws RenderError (diverged) for a
  // picture that is not finite.
  std::vector<Frame> decode(const at::Tensor& z, int64_t first,
                            std::span<const Look> looks = {}) const;

  // The pictures of z [N, C, h, w] as float32 [N, 3, H, W] of the size shown, in [0, 1], on the
  // CPU.
  at::Tensor picture(const at::Tensor& z) const;

 private:
  at::Tensor decode_checked(const at::Tensor& z) const;  // on the device
  at::Tensor looked_at(const at::Tensor& picture, const Look& look) const;
  at::Tensor rounded(const at::Tensor& pictures) const;
  Frame frame_of(const at::Tensor& rows, int64_t number) const;

  models::Vqgan vqgan_;
  PictureSize shown_, film_;
  int depth_;
};

// picture [3, H, W] in [0, 1] with its brightness, contrast and saturation changed, clamped to
// [0, 1]. Luma is that of BT.709.
at::Tensor graded(const at::Tensor& picture, const scenes::Grade& grade);

}  // namespace latentreel::render
