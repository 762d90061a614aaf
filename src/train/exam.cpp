#include "src/train/exam.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <optional>

#include "scenes/scene_reader.h"
#include "src/cli/signals.h"
#include "src/optimize/holding.h"
#include "src/optimize/keyframes.h"
#include "src/run/device.h"
#include "src/train/picture_measures.h"

namespace latentreel::train {
namespace {

// For starts that are far from the prompt: what examples/from-nothing.toml renders with. A picture
// is begun once: every beginning would be the same.
std::string from_afar(const std::string& start) {
  return fmt::format(
      "iterations = 100\ncoarse = 1\ncoarse_iterations = 100\nrestarts = {}\n"
      "cutouts = 3\ncut_min = 0.85\nnoise = 0.04\nlearning_rate = 0.3\n"
      "start_weight = 0\noptimizer = \"adam\"\nsmooth = 0\ncycle = 0\npatience = 0\n",
      start == "random" ? 6 : 1);
}

scenes::Scene scene_of(const std::vector<Question>& questions, const std::string& start,
                       const Maker& maker) {
  auto text = fmt::format(
      "[video]\nsize = \"128x128\"\n[optimize]\nrecipe = \"picture-book\"\nstart = \"{}\"\n{}",
      start, start == "nearest" ? "" : from_afar(start));
  for (size_t i = 0; i < questions.size(); ++i) {
    text += fmt::format("[[keyframe]]\nat = \"{}s\"\nprompt = \"{}\"\n", i, questions[i].prompt);
  }
  cli::CommonOptions changes;
  changes.set = maker.set;
  return scenes::parse_scene(text, "selftest.toml", cli::overrides(changes));
}

Answer answer_of(const models::Vqgan& vqgan, const render::Latent& begun,
                 const render::Latent& made) {
  const at::NoGradGuard no_gradient;
  const auto device = vqgan.placement().device;
  const auto start = begun.z().to(device), z = made.z().to(device);
  const auto shown = [&](const at::Tensor& latent) {
    return render::picture_of(vqgan, latent).to(at::kFloat).cpu();
  };
  Answer answer{.start = shown(start), .picture = shown(z)};
  answer.start_distance = manifold_distance(vqgan, start);
  answer.distance = manifold_distance(vqgan, z);
  answer.sharpness = edge_sharpness(answer.start, answer.picture);
  return answer;
}

}  // namespace

std::vector<Answer> answers(const std::vector<Question>& questions, const std::string& start,
                            const Maker& maker, const std::filesystem::path& pair,
                            const cli::CommonOptions& machine_options) {
  const auto scene = scene_of(questions, start, maker);
  const auto choice = render::resolve_device(machine_options.device);
  const auto machine = render::resolve_machine(choice.device, machine_options.threads);
  render::ModelPack models({.vqgan_name = "selftest",
                            .vqgan = pair / "vqgan.safetensors",
                            .clips = {{.name = "selftest", .file = pair / "clip.safetensors"}}},
                           machine);
  render::NoProgress quiet;
  render::KeyframeMaker keyframes(scene, models, machine, nullptr, quiet, cli::stop_token());
  std::vector<Answer> answers;
  std::optional<render::Latent> previous;
  for (size_t i = 0; i < scene.keyframes.size(); ++i) {
    const auto index = static_cast<int>(i);
    const auto begun = keyframes.start_of(keyframes.passes(index).back(), previous).latent;
    const auto record = keyframes.make(index, fmt::format("selftest-{}", i), previous);
    previous = record.latent;
    const auto& vqgan = models.vqgan(scene.keyframes[i].optimize.precision);
    answers.push_back(answer_of(vqgan, begun, record.latent));
    answers.back().seconds = record.seconds;
  }
  return answers;
}

}  // namespace latentreel::train
