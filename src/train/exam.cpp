#include "src/train/exam.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <optional>

#include "scenes/scene_reader.h"
#include "src/cli/signals.h"
#include "src/render/device.h"
#include "src/render/keyframes.h"
#include "src/train/picture_measures.h"

namespace latentreel::train {
namespace {

// For starts that are far from the prompt: what examples/from-nothing.toml renders with, and a
// third of its iterations from a picture.
std::string from_afar(const std::string& start) {
  return fmt::format(
      "iterations = {}\ncutouts = 12\nstart_weight = 0\noptimizer = \"adam\"\nsmooth = 0\ncycle = "
      "0\n"
      "learning_rate_end = 1\npatience = 0\n",
      start == "random" ? 150 : 50);
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

at::Tensor picture_of(const models::Vqgan& vqgan, const at::Tensor& z) {
  return vqgan.decode(z).add(1).div(2).clamp(0, 1).to(at::kFloat).cpu();
}

Answer answer_of(const models::Vqgan& vqgan, const render::KeyframeRecord& record,
                 at::Device device) {
  const at::NoGradGuard no_gradient;
  const auto z = record.latent.z().to(device), start = record.snapshots.at(0).to(device);
  Answer answer{.start = picture_of(vqgan, start), .picture = picture_of(vqgan, z)};
  answer.start_distance = manifold_distance(vqgan, start);
  answer.distance = manifold_distance(vqgan, z);
  answer.sharpness = edge_sharpness(answer.start, answer.picture);
  answer.seconds = record.seconds;
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
    const auto record =
        keyframes.make(static_cast<int>(i), fmt::format("selftest-{}", i), previous);
    previous = record.latent;
    answers.push_back(
        answer_of(models.vqgan(scene.keyframes[i].optimize.precision), record, machine.device));
  }
  return answers;
}

}  // namespace latentreel::train
