#pragma once

#include <ATen/core/Tensor.h>

#include <utility>

namespace latentreel::render {

// A VQGAN latent z: [1, C, h, w] float32 on the CPU, so that it can be kept, hashed and
// interpolated whatever machine made it. Never to be confused with a picture.
class Latent {
 public:
  Latent() = default;
  // Copies to the CPU as float32. Throws c10::Error unless z is [1, C, h, w].
  explicit Latent(const at::Tensor& z);

  const at::Tensor& z() const { return z_; }
  int64_t height() const { return z_.size(2); }  // in cells of the VQGAN's factor
  int64_t width() const { return z_.size(3); }

 private:
  at::Tensor z_;
};

}  // namespace latentreel::render
