// bfloat16 has three significant decimals: its pictures and gradients point where float32's do.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "models/clip/clip.h"
#include "models/vqgan/vqgan.h"
#include "tests/models/synthetic.h"

namespace latentreel::models {
namespace {

using testing::test_image;

StateDict first_pair(const char* name) {
  return StateDict::load_safetensors(std::string(LATENTREEL_SOURCE_DIR "/tests/first_pair/") +
                                     name);
}

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return at::cosine_similarity(a.flatten(), b.flatten(), 0).item<double>();
}

TEST(Bfloat16, VqganDecodesAndDifferentiatesLikeFloat32) {
  const auto weights = first_pair("vqgan.safetensors");
  const Vqgan exact(weights), fast(weights, {at::kCPU, at::kBFloat16});
  const auto codes = (at::arange(16, at::kLong) * 61).view({1, 4, 4});
  const auto run = [&](const Vqgan& vqgan) {
    auto z = vqgan.embed_codes(codes).detach().requires_grad_();
    const auto picture = vqgan.decode(z);
    (picture * test_image(3, 32, 32)).sum().backward();
    return std::pair(picture.detach(), z.grad());
  };
  const auto [exact_picture, exact_gradient] = run(exact);
  const auto [fast_picture, fast_gradient] = run(fast);
  EXPECT_EQ(fast_picture.scalar_type(), at::kFloat);
  EXPECT_LT((fast_picture - exact_picture).abs().mean().item<double>(), 0.02);
  EXPECT_GT(cosine(fast_gradient, exact_gradient), 0.99);
  EXPECT_TRUE(at::equal(exact.nearest_codes(exact.embed_codes(codes)), codes));
  EXPECT_TRUE(
      at::equal(fast.nearest_codes(fast.embed_codes(codes)), codes));  // the codebook is exact
}

TEST(Bfloat16, ClipEncodesAndDifferentiatesLikeFloat32) {
  const auto weights = first_pair("clip.safetensors");
  const Clip exact(weights), fast(weights, {at::kCPU, at::kBFloat16});
  const auto run = [&](const Clip& clip) {
    auto image = test_image(3, 64, 64).requires_grad_();
    const auto embedding = clip.image().encode(image);
    embedding.select(1, 3).sum().backward();
    return std::pair(embedding.detach(), image.grad());
  };
  const auto [exact_embedding, exact_gradient] = run(exact);
  const auto [fast_embedding, fast_gradient] = run(fast);
  EXPECT_GT(cosine(fast_embedding, exact_embedding), 0.999);
  EXPECT_GT(cosine(fast_gradient, exact_gradient), 0.95);
}

}  // namespace
}  // namespace latentreel::models
