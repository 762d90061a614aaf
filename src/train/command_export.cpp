#include <ATen/ATen.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/cli/exit_codes.h"
#include "src/files/atomic_file.h"
#include "src/files/sizes.h"
#include "src/train/commands.h"
#include "src/train/work_folder.h"

namespace latentreel::train {
namespace {

namespace fs = std::filesystem;
using models::StateDict;

struct ExportOptions {
  fs::path folder = "training";
  fs::path to;
};

// The same numbers in half precision: what the bundled pair is stored in.
StateDict halved(const StateDict& weights) {
  StateDict::Tensors tensors;
  for (const auto& [name, tensor] : weights.tensors()) tensors.emplace(name, tensor.to(at::kHalf));
  return weights.with_tensors(std::move(tensors));
}

StateDict trained(const WorkFolder& folder, const std::string& name) {
  const auto file = folder.file(name + ".safetensors");
  return StateDict::load_safetensors(file);
}

void copy_beside(const WorkFolder& folder, const fs::path& to, const std::string& name) {
  std::error_code error;
  fs::copy_file(folder.file(name), to / name, fs::copy_options::overwrite_existing, error);
  if (error) {
    throw models::WeightsError(
        models::WeightsError::Kind::write_failed,
        {.doing = "copying " + folder.file(name).string() + " to " + to.string(),
         .tensor = {},
         .problem = error.message(),
         .advice = "Check that the stage that makes it is done."});
  }
}

int export_pair(const ExportOptions& options) {
  const WorkFolder folder(options.folder);
  std::error_code error;
  fs::create_directories(options.to, error);
  uint64_t bytes = 0;
  for (const auto* name : {"vqgan", "clip"}) {
    const auto file = options.to / (std::string(name) + ".safetensors");
    const auto weights = halved(trained(folder, name));
    files::write_file_by(file, [&](const fs::path& path) { weights.save_safetensors(path); });
  }
  for (const auto* name : {"merges.txt", "bank.safetensors", "bank.txt"}) {
    copy_beside(folder, options.to, name);
  }
  // What was written is what the renderer opens.
  const models::Vqgan vqgan(StateDict::load_safetensors(options.to / "vqgan.safetensors"));
  const models::Clip clip(StateDict::load_safetensors(options.to / "clip.safetensors"));
  for (const auto& entry : fs::directory_iterator(options.to)) bytes += entry.file_size();
  std::cout << fmt::format("{}: a VQGAN of {} codes and a CLIP that looks at {}x{} pixels, {}\n",
                           options.to.string(), vqgan.config().codes, clip.config().resolution,
                           clip.config().resolution,
                           files::format_bytes(static_cast<double>(bytes)));
  return cli::kDone;
}

}  // namespace

void add_export(CLI::App& program, int& result) {
  auto options = std::make_shared<ExportOptions>();
  auto* command = program.add_subcommand(
      "export", "write the pair as the renderer takes it, in half precision, with its bank");
  command->add_option("--folder", options->folder, "Where the stages were trained")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--to", options->to, "The model pack's folder")->required()->type_name("DIR");
  command->callback([options, &result] { result = export_pair(*options); });
}

}  // namespace latentreel::train
