#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "src/cli/commands.h"
#include "src/cli/models_options.h"
#include "src/library/error.h"
#include "src/library/model_names.h"

namespace latentreel::cli {

void add_models_folder_option(CLI::App& command, ModelsOptions& options) {
  command
      .add_option(
          "--models", options.models,
          "The folder of models to use (default: your own, ~/.local/share/latentreel/models)")
      ->type_name("DIR");
}

void add_yes_option(CLI::App& command, ModelsOptions& options) {
  command.add_flag("-y,--yes", options.yes, "Do not ask for confirmation");
}

std::filesystem::path folder_to_change(const ModelsOptions& options) {
  return options.models.empty() ? library::user_models_folder() : options.models;
}

bool confirmed(const std::string& question) {
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    std::cerr << '\n';
    throw library::LibraryError(
        library::LibraryError::Kind::refused,
        "there was no answer, so nothing was done. Add --yes to go ahead without being asked.");
  }
  return !answer.empty() && (answer.front() == 'y' || answer.front() == 'Y');
}

void add_models(CLI::App& program, int& result) {
  auto* command =
      program.add_subcommand("models", "Fetch, import, explain and check models by name");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  latentreel models list                  what is here and what can be fetched\n"
      "  latentreel models fetch ViT-B/32 imagenet_f16_16384\n"
      "  latentreel models import last.ckpt --name mine\n"
      "\n"
      "A scene names them: [models] vqgan = \"imagenet_f16_16384\", clip = [\"ViT-B/32\"]. Once "
      "fetched, everything works offline.");
  add_models_list(*command, result);
  add_models_info(*command, result);
  add_models_fetch(*command, result);
  add_models_import(*command, result);
  add_models_verify(*command, result);
  add_models_remove(*command, result);
}

}  // namespace latentreel::cli
