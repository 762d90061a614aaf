#include "tests/device/bits.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include <functional>
#include <set>

#include "scenes/recipes.h"
#include "tests/benchmarks/notebook_steps.h"
#include "tests/device/on_device.h"

namespace latentreel::testing {
namespace {

constexpr render::RandomKey kBitsKey{.content = 5, .seed = 9};
constexpr int kSteps = 5;

const render::StopToken kNever;

using Work = std::function<at::Tensor()>;

Twice twice(const std::string& part, const Work& work) {
  const auto once = work().cpu(), again = work().cpu();
  const bool same = at::equal(once, again);
  return {part, same, same ? 0 : difference(again, once)};
}

// A function's value and its gradient for a fixed mixture of it, as two parts.
void add_function(std::vector<Twice>& parts, const std::string& name, const at::Tensor& input,
                  const std::function<at::Tensor(const at::Tensor&)>& function) {
  parts.push_back(twice(name, [&] { return function(input); }));
  parts.push_back(twice(name + ", gradient", [&] {
    auto x = input.detach().clone().requires_grad_();
    const auto y = function(x);
    const auto mixture = at::arange(y.numel(), at::kFloat).sin().view(y.sizes());
    (y * mixture.to(y.device())).sum().backward();
    return x.grad();
  }));
}

render::KeyframeOptimizer optimizer_of(render::ModelPack& models, scenes::OptimizeOptions options,
                                       scenes::Precision precision) {
  options.iterations = kSteps;
  const auto& vqgan = models.vqgan(precision);
  return benchmarks::steps_of(options, vqgan, models.clips(precision).front().clip,
                              16 * vqgan.config().factor());
}

// Remembers what LibTorch warns of.
class Listener : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override { said.insert(warning.msg()); }
  std::set<std::string> said;
};

}  // namespace

std::vector<Twice> bits_twice(render::ModelPack& models, scenes::Precision precision) {
  std::vector<Twice> parts;
  const auto& vqgan = models.vqgan(precision);
  const auto& clip = models.clips(precision).front().clip;
  const auto device = vqgan.placement().device;
  const auto codes = (at::arange(256, at::kLong) * 61).remainder(vqgan.config().codes);
  const auto z = vqgan.embed_codes(codes.view({1, 16, 16}));
  add_function(parts, "quantize", z, [&](const at::Tensor& x) { return vqgan.quantize(x); });
  add_function(parts, "decode", z, [&](const at::Tensor& x) { return vqgan.decode(x); });

  const auto side = 16 * vqgan.config().factor();
  const auto picture = at::arange(3 * side * side, at::kFloat)
                           .mul(0.013)
                           .sin()
                           .div(2)
                           .add(0.5)
                           .view({1, 3, side, side})
                           .to(device);
  for (const auto& recipe : scenes::recipe_names()) {
    const auto options = scenes::recipe(recipe);
    const render::Cutouts cutouts(options, clip.config().resolution, kBitsKey);
    add_function(parts, "cutouts of " + std::string(recipe), picture,
                 [&](const at::Tensor& x) { return cutouts.cut(cutouts.prepare(x, 1), 1, 0, 16); });
  }
  const auto images =
      at::adaptive_avg_pool2d(picture.cpu(), {clip.config().resolution, clip.config().resolution})
          .repeat({16, 1, 1, 1})
          .to(device);
  add_function(parts, "clip", images, [&](const at::Tensor& x) { return clip.image().encode(x); });

  for (const auto& recipe : scenes::recipe_names()) {
    parts.push_back(twice(std::to_string(kSteps) + " steps of " + std::string(recipe), [&] {
      auto optimizer = optimizer_of(models, scenes::recipe(recipe), precision);
      while (!optimizer.done()) optimizer.step(kNever);
      return optimizer.z();
    }));
  }
  return parts;
}

std::vector<std::string> said_to_vary(render::ModelPack& models, scenes::Precision precision) {
  Listener listener;
  auto& context = at::globalContext();
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
  {
    const c10::WarningUtils::WarningHandlerGuard guard(&listener);
    for (const auto& recipe : scenes::recipe_names()) {
      optimizer_of(models, scenes::recipe(recipe), precision).step(kNever);
    }
  }
  context.setDeterministicAlgorithms(false, false);
  return {listener.said.begin(), listener.said.end()};
}

}  // namespace latentreel::testing
