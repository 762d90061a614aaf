#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "ffmpeg/image.h"
#include "models/training/world/captions.h"
#include "scenes/recipes.h"
#include "scenes/scene_reader.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/cli/text_output.h"
#include "src/render/device.h"
#include "src/render/keyframes.h"
#include "src/render/prompts.h"
#include "src/train/commands.h"
#include "src/train/judge.h"
#include "src/train/questions.h"

namespace latentreel::train {
namespace {

namespace fs = std::filesystem;

// What is asked for: things from each of the starts, and things in colours not their own.
const std::vector<std::string> kExams{"nearest", "coloured", "previous", "random"};

struct SelftestOptions {
  fs::path folder = "training";
  fs::path pair;
  std::vector<std::string> exams = kExams;
  int prompts = 60;
  int iterations = scenes::recipe("picture-book").iterations;
  cli::CommonOptions common;  // device, threads, set
};

// From random codes it takes so many times more iterations.
constexpr int kPatience = 3;

// What examples/from-nothing.toml renders with: for starts that are far from the prompt.
constexpr const char* kFromAfar = "cutouts = 12\nstart_weight = 0\n";

// One keyframe a prompt.
scenes::Scene scene_of(const std::vector<Question>& asked, const SelftestOptions& options,
                       const std::string& exam) {
  const auto start = exam == "coloured" ? "nearest" : exam;
  const auto times = start == "random" ? kPatience : 1;
  auto text = fmt::format(
      "[video]\nsize = \"128x128\"\n[optimize]\nrecipe = \"picture-book\"\nstart = \"{}\"\n"
      "iterations = {}\n{}",
      start, options.iterations * times, start == "nearest" ? "" : kFromAfar);
  for (size_t i = 0; i < asked.size(); ++i) {
    text += fmt::format("[[keyframe]]\nat = \"{}s\"\nprompt = \"{}\"\n", i, asked[i].prompt);
  }
  return scenes::parse_scene(text, "selftest.toml", cli::overrides(options.common));
}

// The pictures of all questions' keyframes, each [1, 3, S, S] in [0, 1].
std::vector<at::Tensor> rendered(const scenes::Scene& scene, const SelftestOptions& options) {
  const auto choice = render::resolve_device(options.common.device);
  const auto machine = render::resolve_machine(choice.device, options.common.threads);
  render::ModelPack models(
      {.vqgan_name = "selftest",
       .vqgan = options.pair / "vqgan.safetensors",
       .clips = {{.name = "selftest", .file = options.pair / "clip.safetensors"}}},
      machine);
  render::NoProgress quiet;
  render::KeyframeMaker maker(scene, models, machine, nullptr, quiet, cli::stop_token());
  std::vector<at::Tensor> pictures;
  std::optional<render::Latent> previous;
  for (size_t i = 0; i < scene.keyframes.size(); ++i) {
    const auto record = maker.make(static_cast<int>(i), fmt::format("selftest-{}", i), previous);
    previous = record.latent;
    const at::NoGradGuard no_gradient;
    const auto& vqgan = models.vqgan(scene.keyframes[i].optimize.precision);
    const auto picture = vqgan.decode(record.latent.z().to(machine.device));
    pictures.push_back(picture.add(1).div(2).clamp(0, 1).to(at::kFloat).cpu());
  }
  return pictures;
}

// Ten a row.
void write_sheet(const fs::path& png, std::vector<at::Tensor> pictures) {
  constexpr size_t kColumns = 10;
  while (pictures.size() % kColumns != 0) pictures.push_back(at::zeros_like(pictures[0]));
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < pictures.size(); i += kColumns) {
    const auto from = pictures.begin() + static_cast<std::ptrdiff_t>(i);
    rows.push_back(at::cat(std::vector<at::Tensor>(from, from + kColumns), 3));
  }
  ffmpeg::write_png(png, render::to_image(at::cat(rows, 2)));
}

struct Score {
  double first = 0, among_five = 0, colour = 0;  // shares of the questions
};

// Renders the questions and lets the judge name the pictures; leaves a sheet of them, and what they
// were to show and were named, in the folder.
Score examine(const std::vector<Question>& asked, const std::string& exam,
              const SelftestOptions& options, const Judge& judge) {
  const auto pictures = rendered(scene_of(asked, options, exam), options);
  const at::NoGradGuard no_gradient;
  Score score;
  std::string list;
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto& [prompt, thing, colour] = asked[i];
    const auto things = judge.things_of(pictures[i]);
    std::optional<world::Colour> seen_colour;
    if (colour) seen_colour = judge.colour_of(pictures[i], thing);
    score.first += things[0].item<int>() == thing;
    score.among_five += (things.narrow(0, 0, 5) == thing).any().item<bool>();
    score.colour += colour && seen_colour == colour;
    list += fmt::format(
        "{}: {}\n", prompt,
        world::plain_name(static_cast<world::Thing>(things[0].item<int>()), seen_colour));
  }
  const auto path = [&](const char* ending) {
    return options.folder / ("selftest-" + exam + ending);
  };
  write_sheet(path(".png"), pictures);
  cli::write_text(path(".txt"), list);
  const auto count = std::max<double>(1, static_cast<double>(asked.size()));
  return {score.first / count, score.among_five / count, score.colour / count};
}

int selftest(const SelftestOptions& options) {
  const WorkFolder folder(options.folder);
  const Judge judge(folder);
  nlohmann::json results;
  const auto row = [&](const std::string& what, double value) {
    std::cout << fmt::format("{:<64} {:.2f}\n", what, value) << std::flush;
    results[what] = value;
  };
  for (const auto& exam : options.exams) {
    const bool coloured = exam == "coloured";
    const auto score = examine(questions(options.prompts, coloured), exam, options, judge);
    if (coloured) {
      row("colour right where it is not the thing's own, start nearest", score.colour);
      row("judge names the thing there", score.first);
      continue;
    }
    row(fmt::format("judge names the thing, start {}", exam), score.first);
    row(fmt::format("judge has the thing among five, start {}", exam), score.among_five);
  }
  cli::write_text(folder.file("selftest.json"), results.dump(1) + "\n");
  return cli::kDone;
}

}  // namespace

void add_selftest(CLI::App& program, int& result) {
  auto options = std::make_shared<SelftestOptions>();
  auto* command = program.add_subcommand(
      "selftest", "render prompts that were held out, and let the judge name the pictures");
  command->add_option("--folder", options->folder, "Where the judge was trained")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--pair", options->pair, "The exported pair to try")
      ->required()
      ->type_name("DIR");
  command->add_option("--prompts", options->prompts, "How many of each kind")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  command
      ->add_option(
          "--iterations", options->iterations,
          "Of a keyframe that starts from a picture; from random codes three times as many")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command
      ->add_option("--only", options->exams,
                   "Of nearest, coloured, previous and random: those starts, or things in colours "
                   "not their own")
      ->check(CLI::IsMember(kExams))
      ->delimiter(',');
  cli::add_machine_options(*command, options->common);
  cli::add_set_option(*command, options->common);
  command->callback([options, &result] { result = selftest(*options); });
}

}  // namespace latentreel::train
