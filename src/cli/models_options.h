#pragma once

#include <filesystem>
#include <string>

namespace CLI {
class App;
}

// The options shared by the commands below `models`, and these commands: one file each.

namespace latentreel::cli {

struct ModelsOptions {
  std::filesystem::path models;  // empty: the standard folders
  std::string progress = "auto";
  bool yes = false;  // do not ask
};

void add_models_folder_option(CLI::App& command, ModelsOptions& options);
void add_yes_option(CLI::App& command, ModelsOptions& options);

// Where fetched and imported models go, and are removed from: --models, else the user's folder.
std::filesystem::path folder_to_change(const ModelsOptions& options);

// Asks on standard error; true for an answer that begins with y. Without an answer (standard input
// at its end, or not there) throws LibraryError (refused) that names --yes.
bool confirmed(const std::string& question);

void add_models_list(CLI::App& models, int& result);
void add_models_info(CLI::App& models, int& result);
void add_models_fetch(CLI::App& models, int& result);
void add_models_import(CLI::App& models, int& result);
void add_models_verify(CLI::App& models, int& result);
void add_models_remove(CLI::App& models, int& result);

}  // namespace latentreel::cli
