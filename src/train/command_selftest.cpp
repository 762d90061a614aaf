#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "models/training/world/captions.h"
#include "models/training/world/random.h"
#include "scenes/scene_reader.h"
#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/cli/text_output.h"
#include "src/render/device.h"
#include "src/render/keyframes.h"
#include "src/train/commands.h"
#include "src/train/work_folder.h"

namespace latentreel::train {
namespace {

namespace fs = std::filesystem;

struct SelftestOptions {
  fs::path folder = "training";
  fs::path pair;
  int prompts = 60;
  int iterations = 25;
  std::string device = "auto";
  int threads = 0;
};

// From afar it takes so many times more iterations.
constexpr int kPatience = 4;

// A prompt that nothing was trained on, and what its picture should be named.
struct Question {
  std::string prompt;
  int thing = 0;
  std::optional<world::Colour> colour;
};

// Held-out things on their grounds; with `coloured`, in colours that are not their own.
std::vector<Question> questions(int count, bool coloured) {
  std::vector<Question> asked;
  std::set<std::string> seen;
  for (uint64_t number = 0; static_cast<int>(asked.size()) < count && number < 100'000; ++number) {
    world::Random random(7'777, number);
    const auto composition = world::draw_composition(random, world::Purpose::test);
    if (composition.things.size() != 1) continue;
    const auto& thing = composition.things[0];
    const auto colour = world::said_colour(thing.thing, thing.colour);
    if (colour.has_value() != coloured) continue;
    auto plain = composition;
    plain.style = world::Style::plain;
    auto prompt = world::plain_caption(plain);
    if (!seen.insert(prompt).second) continue;
    asked.push_back({std::move(prompt), static_cast<int>(thing.thing), colour});
  }
  return asked;
}

// What examples/from-nothing.toml renders with: for starts that are far from the prompt.
constexpr const char* kFromAfar = "cutouts = 12\nlearning_rate = 0.15\nstart_weight = 0\n";

// One keyframe a prompt.
scenes::Scene scene_of(const std::vector<Question>& asked, const SelftestOptions& options,
                       const std::string& start) {
  const bool is_near = start == "nearest";
  auto text = fmt::format(
      "[video]\nsize = \"128x128\"\n[optimize]\nrecipe = \"picture-book\"\nstart = \"{}\"\n"
      "iterations = {}\n{}",
      start, options.iterations * (is_near ? 1 : kPatience), is_near ? "" : kFromAfar);
  for (size_t i = 0; i < asked.size(); ++i) {
    text += fmt::format("[[keyframe]]\nat = \"{}s\"\nprompt = \"{}\"\n", i, asked[i].prompt);
  }
  return scenes::parse_scene(text, "selftest.toml");
}

at::Tensor unit(const at::Tensor& x) {
  return x / x.norm(2, 1, true).clamp_min(1e-6);
}

// The judge: cosines of pictures with "a cat", … or "a red cat", …
class Judge {
 public:
  explicit Judge(const WorkFolder& folder) : clip_(folder.clip("judge")) {
    const auto captions = folder.lessons(0).things();
    things_ = unit(clip_.text().encode(captions.flatten(0, 1)))
                  .view({captions.size(0), captions.size(1), -1});
  }

  // The places of the wanted thing among all, best first: 0 is the best.
  int rank_of_thing(const at::Tensor& picture, int thing) const {
    const auto cosines = at::matmul(things_[world::kColours], seen(picture));
    return (cosines > cosines[thing]).sum().item<int>();
  }

  bool names_colour(const at::Tensor& picture, int thing, world::Colour colour) const {
    const auto cosines =
        at::matmul(things_.select(1, thing).narrow(0, 0, world::kColours), seen(picture));
    return cosines.argmax().item<int>() == static_cast<int>(colour);
  }

 private:
  at::Tensor seen(const at::Tensor& picture) const {  // [E]
    const auto side = clip_.image().resolution();
    return unit(clip_.image().encode(at::adaptive_avg_pool2d(picture, {side, side})))[0];
  }
  models::Clip clip_;
  at::Tensor things_;  // [colours + 1, things, E]
};

struct Score {
  double first = 0, among_five = 0, colour = 0;
};

Score ask(const std::vector<Question>& asked, const std::string& start,
          const SelftestOptions& options, const Judge& judge) {
  const auto choice = render::resolve_device(options.device);
  const auto machine = render::resolve_machine(choice.device, options.threads);
  const auto scene = scene_of(asked, options, start);
  render::ModelPack models(
      {.vqgan_name = "selftest",
       .vqgan = options.pair / "vqgan.safetensors",
       .clips = {{.name = "selftest", .file = options.pair / "clip.safetensors"}}},
      machine);
  render::NoProgress quiet;
  render::KeyframeMaker maker(scene, models, machine, nullptr, quiet, cli::stop_token());
  const auto& vqgan = models.vqgan(scene.keyframes[0].optimize.precision);
  Score score;
  std::optional<render::Latent> previous;
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto record = maker.make(static_cast<int>(i), fmt::format("selftest-{}", i), previous);
    previous = record.latent;
    const at::NoGradGuard no_gradient;
    const auto picture = vqgan.decode(record.latent.z().to(machine.device))
                             .add(1)
                             .div(2)
                             .clamp(0, 1)
                             .to(at::kFloat)
                             .cpu();
    const auto rank = judge.rank_of_thing(picture, asked[i].thing);
    score.first += rank == 0;
    score.among_five += rank < 5;
    if (asked[i].colour) {
      score.colour += judge.names_colour(picture, asked[i].thing, *asked[i].colour);
    }
  }
  const auto count = std::max<double>(1, static_cast<double>(asked.size()));
  return {score.first / count, score.among_five / count, score.colour / count};
}

int selftest(const SelftestOptions& options) {
  const WorkFolder folder(options.folder);
  const Judge judge(folder);
  const auto natural = questions(options.prompts, false);
  const auto coloured = questions(options.prompts / 3, true);
  nlohmann::json results;
  const auto row = [&](const std::string& what, double value) {
    std::cout << fmt::format("{:<64} {:.2f}\n", what, value) << std::flush;
    results[what] = value;
  };
  for (const std::string start : {"nearest", "random", "previous"}) {
    const auto score = ask(natural, start, options, judge);
    row(fmt::format("judge names the thing, start {}", start), score.first);
    row(fmt::format("judge has the thing among five, start {}", start), score.among_five);
  }
  row("colour right where it is not the thing's own, start nearest",
      ask(coloured, "nearest", options, judge).colour);
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
  command->add_option("--prompts", options->prompts, "How many")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  command
      ->add_option(
          "--iterations", options->iterations,
          "Of a keyframe that starts from the nearest picture; the others take four times as many")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--device", options->device, "auto, cpu or cuda[:N]")->capture_default_str();
  command->add_option("--threads", options->threads, "Of the processor (default: all cores)");
  command->callback([options, &result] { result = selftest(*options); });
}

}  // namespace latentreel::train
