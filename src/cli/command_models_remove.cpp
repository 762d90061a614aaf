#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/exit_codes.h"
#include "src/cli/models_options.h"
#include "src/cli/sizes.h"
#include "src/library/model_names.h"
#include "src/library/pack.h"

namespace latentreel::cli {
namespace {

struct RemoveOptions : ModelsOptions {
  std::vector<std::string> names;
};

int remove(const RemoveOptions& options) {
  const auto names = library::ModelNames::standard(options.models);
  std::vector<library::InstalledPack> packs;
  for (const auto& name : options.names) packs.push_back(names.pack(name));
  for (const auto& pack : packs) {
    const auto question = fmt::format("Remove {} ({}) from {}?", pack.name,
                                      format_bytes(static_cast<double>(library::size_of(pack))),
                                      pack.folder.parent_path().string());
    if (!pack.bundled && !options.yes && !confirmed(question)) {
      std::cerr << fmt::format("{} was not removed.\n", pack.name);
      return kInterrupted;
    }
    library::remove_pack(pack);
    std::cout << fmt::format("removed {}\n", pack.folder.string());
  }
  return kDone;
}

}  // namespace

void add_models_remove(CLI::App& models, int& result) {
  auto options = std::make_shared<RemoveOptions>();
  auto* command = models.add_subcommand("remove", "Remove models from your folder");
  command->add_option("names", options->names, "The models to remove")
      ->required()
      ->type_name("NAME…");
  add_models_folder_option(*command, *options);
  add_yes_option(*command, *options);
  command->footer(
      "The bundled pair cannot be removed. The digest of a first download is kept, to check the "
      "next one.\n"
      "Example:\n"
      "  latentreel models remove ViT-L/14");
  command->callback([options, &result] { result = remove(*options); });
}

}  // namespace latentreel::cli
