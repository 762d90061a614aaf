#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "src/train/commands.h"
#include "src/train/stage_options.h"
#include "src/train/stages/vqgan_stage.h"
#include "src/train/work_folder.h"

namespace latentreel::train {

void add_vqgan(CLI::App& program, int& result) {
  auto options = std::make_shared<StageOptions>();
  auto* command = program.add_subcommand("vqgan", "train the VQGAN to give pictures back");
  add_stage_options(*command, *options);
  auto plain = std::make_shared<std::optional<double>>();
  command
      ->add_option(
          "--plain", *plain,
          "The fraction of the budget to train without a codebook (default: 0.5; with --from, 0)")
      ->check(CLI::Range(0.0, 0.9))
      ->type_name("PART");
  auto codes = std::make_shared<int64_t>(training::VqganStage::tiny().codes);
  command
      ->add_option("--codes", *codes,
                   "How many codes the codebook has. Starting it takes a minute or two with 16384, "
                   "seconds with 1024")
      ->check(CLI::Range(int64_t{64}, int64_t{65536}))
      ->capture_default_str()
      ->type_name("INT");
  command->callback([options, plain, codes, &result] {
    const auto placement = placement_of(*options);
    const auto dataset = WorkFolder(options->folder).dataset(options->seed);
    auto config = training::VqganStage::tiny();
    config.codes = *codes;
    training::VqganStage::Settings settings{.config = config,
                                            .seed = options->seed,
                                            .device = placement.device,
                                            .bfloat16 = placement.dtype == at::kBFloat16};
    settings.plain_part = plain->value_or(options->from.empty() ? settings.plain_part : 0);
    training::VqganStage stage(std::move(settings), dataset.pictures(world::Purpose::training),
                               dataset.pictures(world::Purpose::test));
    result = run_stage(stage, *options, "vqgan");
  });
}

}  // namespace latentreel::train
