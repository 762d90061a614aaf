#include "src/train/stage_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "scenes/enum_names.h"
#include "src/cli/estimate.h"
#include "src/cli/exit_codes.h"
#include "src/cli/signals.h"
#include "src/files/atomic_file.h"
#include "src/pages/charts.h"
#include "src/run/device.h"
#include "src/run/machine.h"

namespace latentreel::train {
namespace {

// "vqgan  42 %  step 1200  loss 0.31  psnr 22.4  12:05 to go"
void show(const std::string& name, const training::RunReport& report) {
  std::string line =
      fmt::format("{}  {:.0f} %  step {}", name, 100 * report.part, report.latest.step);
  for (const auto& [what, value] : report.latest.measures) {
    line += fmt::format("  {} {:.4g}", what, value);
  }
  std::cerr << fmt::format("{}  {} to go{}\n", line, cli::format_duration(report.seconds),
                           report.saved ? "  (kept)" : "");
}

// One chart a measure: their sizes have nothing in common.
void draw_curve(const std::filesystem::path& folder, const std::string& name) {
  const auto points = training::read_curve(folder / (name + ".csv"));
  std::map<std::string, report::Series> series;
  for (const auto& point : points) {
    for (const auto& [measure, value] : point.measures) {
      auto& line = series[measure];
      line.name = measure;
      line.x.push_back(point.minutes);
      line.y.push_back(value);
    }
  }
  std::string page = fmt::format(
      "<!doctype html><meta charset=\"utf-8\"><title>{0}</title><style>body{{font:15px "
      "sans-serif;max-width:60em;margin:2em auto}}svg{{width:100%}}path,polyline{{fill:none}}"
      "</style><h1>{0}</h1>\n",
      name);
  for (auto& [measure, line] : series) {
    line.color = 1;
    report::LineChart chart;
    chart.id = chart.title = chart.y_label = measure;
    chart.description = fmt::format("{} over minutes of training", measure);
    chart.x_label = "minutes";
    chart.series = {line};
    page += fmt::format("<h2>{}</h2>\n{}\n", measure, report::svg(chart));
  }
  files::write_file(folder / (name + ".html"), page);
}

}  // namespace

void add_stage_options(CLI::App& command, StageOptions& options) {
  command.add_option("--folder", options.folder, "Where results, checkpoints and curves are kept")
      ->capture_default_str()
      ->type_name("DIR");
  auto* minutes =
      command.add_option("--minutes", options.minutes, "How long to train, pauses not counted")
          ->check(CLI::PositiveNumber)
          ->capture_default_str();
  command.add_option("--steps", options.steps, "How many steps to train instead")
      ->check(CLI::PositiveNumber)
      ->excludes(minutes);
  command
      .add_option("--seed", options.seed, "Seed of the network's first values and of its pictures")
      ->capture_default_str();
  command.add_flag("--resume", options.resume, "Continue from the checkpoint in the folder");
  command
      .add_option("--from", options.from,
                  "Begin with an earlier network's weights, not with new ones")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command.add_option("--device", options.device, "auto, cpu or cuda[:N]")->capture_default_str();
  command
      .add_option("--precision", options.precision,
                  "Precision of convolutions and products: float32, bfloat16 or auto, which is "
                  "bfloat16 where the machine is faster with it")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  command.add_option("--threads", options.threads, "CPU threads (default: all cores)")
      ->check(CLI::Range(1, 1024));
}

models::Placement placement_of(const StageOptions& options) {
  const auto choice = render::resolve_device(options.device);
  if (!choice.warning.empty()) std::cerr << "latentreel-train: " << choice.warning << '\n';
  const int threads = options.threads > 0 ? options.threads : render::usable_cores();
  const auto machine = render::resolve_machine(choice.device, threads);
  return machine.placement(scenes::value_of<scenes::Precision>(options.precision).value());
}

int run_stage(training::Stage& stage, const StageOptions& options, const std::string& name) {
  training::RunOptions run;
  run.folder = options.folder;
  run.name = name;
  run.budget.minutes = options.minutes;
  if (options.steps > 0) run.budget.steps = options.steps;
  run.resume = options.resume;
  run.report = [&](const training::RunReport& report) { show(name, report); };
  if (!options.from.empty()) stage.begin_with(models::StateDict::load_safetensors(options.from));
  const bool done = training::run(stage, run, cli::stop_token());
  draw_curve(options.folder, name);
  if (done) {
    std::cout << (options.folder / (name + ".safetensors")).string() << '\n';
    return cli::kDone;
  }
  std::cerr << fmt::format("latentreel-train: stopped; the same command with --resume continues\n");
  return 128 + cli::stop_token().signal();
}

}  // namespace latentreel::train
