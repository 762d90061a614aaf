#include <ATen/ATen.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "src/cli/exit_codes.h"
#include "src/train/commands.h"
#include "src/train/stages/bank.h"
#include "src/train/stages/dataset.h"
#include "src/train/work_folder.h"
#include "src/train/world/captions.h"

namespace latentreel::train {
namespace {

struct BankOptions {
  std::filesystem::path folder = "training";
  int64_t thin = 1;
};

int make_bank(const BankOptions& options) {
  constexpr int64_t kSide = 128;
  const WorkFolder folder(options.folder);
  const auto vqgan = folder.vqgan();
  const auto clip = folder.clip("clip");
  const auto dataset = folder.dataset(0);
  const auto compositions = training::bank_compositions(options.thin);
  training::write_bank(
      options.folder, static_cast<int64_t>(compositions.size()),
      [&](int64_t i) {
        const auto& composition = compositions[static_cast<size_t>(i)];
        return training::BankPicture{world::plain_caption(composition),
                                     training::Dataset::picture(composition, kSide)[0]};
      },
      vqgan, clip, dataset.tokenizer());
  std::cout << fmt::format("{}: {} pictures\n", folder.file("bank.safetensors").string(),
                           compositions.size());
  return cli::kDone;
}

}  // namespace

void add_bank(CLI::App& program, int& result) {
  auto options = std::make_shared<BankOptions>();
  auto* command =
      program.add_subcommand("bank", "paint and encode the pictures that renders may start from");
  command->add_option("--folder", options->folder, "Where vqgan and clip were trained")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--thin", options->thin, "Keep one picture out of this many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([options, &result] { result = make_bank(*options); });
}

}  // namespace latentreel::train
