#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "src/train/commands.h"
#include "src/train/stage_options.h"
#include "src/train/stages/clip_stage.h"
#include "src/train/work_folder.h"

namespace latentreel::train {
namespace {

// Another seed for the judge: its errors are its own.
constexpr uint64_t kJudge = 1'000'003;

// `pair`: whose optimization's results the judge learns to tell from pictures; empty: none.
int train_clip(const StageOptions& options, bool is_judge, const std::filesystem::path& pair) {
  const auto placement = placement_of(options);
  const WorkFolder folder(options.folder);
  const auto seed = is_judge ? options.seed + kJudge : options.seed;
  const auto dataset = folder.dataset(seed);
  training::ClipStage::Settings settings;
  settings.config = training::ClipStage::tiny(dataset.tokenizer().vocabulary_size());
  settings.labels = training::Dataset::labels();
  settings.seed = seed;
  settings.device = placement.device;
  settings.bfloat16 = placement.dtype == at::kBFloat16;
  const WorkFolder guiding = pair.empty() ? folder : WorkFolder(pair);
  if (is_judge) {
    // Nothing is optimized against it: plain pairs teach it more in the same time.
    settings.attack_from = settings.attack_full = 1;
    if (!pair.empty()) settings.guide = guiding.clip("clip", placement);
  } else {
    folder.require("vqgan");
  }
  std::optional<training::LoopNegatives> loop;
  if (!is_judge || settings.guide) {
    loop.emplace(
        training::LoopNegatives::Settings{},
        [guiding, placement] { return guiding.vqgan(placement); }, settings.config.resolution);
  }
  training::ClipStage stage(std::move(settings), dataset.pairs(world::Purpose::training),
                            dataset.pairs(world::Purpose::test), dataset.things(), std::move(loop));
  return run_stage(stage, options, is_judge ? "judge" : "clip");
}

void add(CLI::App& program, int& result, const char* name, const char* about, bool is_judge) {
  auto options = std::make_shared<StageOptions>();
  auto* command = program.add_subcommand(name, about);
  add_stage_options(*command, *options);
  auto pair = std::make_shared<std::filesystem::path>();
  if (is_judge) {
    command
        ->add_option("--pair", *pair,
                     "In the second half, also learn that what optimizing with this pair makes of "
                     "a prompt is not yet the picture")
        ->type_name("DIR");
  }
  command->callback(
      [options, pair, is_judge, &result] { result = train_clip(*options, is_judge, *pair); });
}

}  // namespace

void add_clip(CLI::App& program, int& result) {
  add(program, result, "clip", "train the CLIP that guides (after vqgan, or alongside it)", false);
}

void add_judge(CLI::App& program, int& result) {
  add(program, result, "judge",
      "train another CLIP that names what was rendered and is never optimized against", true);
}

}  // namespace latentreel::train
