#include <CLI/CLI.hpp>
#include <memory>

#include "models/training/vqgan_stage.h"
#include "src/train/commands.h"
#include "src/train/stage_options.h"
#include "src/train/work_folder.h"

namespace latentreel::train {

void add_vqgan(CLI::App& program, int& result) {
  auto options = std::make_shared<StageOptions>();
  auto* command = program.add_subcommand("vqgan", "train the VQGAN to give pictures back");
  add_stage_options(*command, *options);
  command->callback([options, &result] {
    const auto placement = placement_of(*options);
    const auto lessons = WorkFolder(options->folder).lessons(options->seed);
    training::VqganStage stage({.config = training::VqganStage::tiny(),
                                .seed = options->seed,
                                .device = placement.device,
                                .bfloat16 = placement.dtype == at::kBFloat16},
                               lessons.pictures(world::Purpose::training),
                               lessons.pictures(world::Purpose::test));
    result = run_stage(stage, *options, "vqgan");
  });
}

}  // namespace latentreel::train
