#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "models/files/weights_index.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/models_options.h"
#include "src/cli/signals.h"
#include "src/library/importing.h"
#include "src/library/model_kind.h"

namespace latentreel::cli {
namespace {

using library::ModelKind;

struct ImportOptions : ModelsOptions {
  std::filesystem::path file;
  std::string name;
  bool vqgan = false;
  bool clip = false;
  std::string activation;
  std::optional<std::string> prefix;
  std::string licence;
  bool force = false;
};

// "model" of model.safetensors, of its index and of its shards; a folder's name.
std::string default_name(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return std::filesystem::canonical(file, ignored).filename().string();
  }
  auto name = file.filename();
  if (const auto shard = models::shard_name(name)) name = shard->index;
  if (models::is_weights_index(name)) name = name.stem().stem();
  return name.stem().string();
}

int import(const ImportOptions& options) {
  library::ImportRequest request{
      .file = options.file,
      .name = options.name.empty() ? default_name(options.file) : options.name,
      .kind = {},
      .metadata = {},
      .prefix = options.prefix,
      .url = {},
      .sha256 = {},
      .maker = {},
      .licence = options.licence,
      .config = {},
      .replace = options.force};
  if (options.vqgan) request.kind = ModelKind::vqgan;
  if (options.clip) request.kind = ModelKind::clip;
  if (!options.activation.empty()) request.metadata["activation"] = options.activation;
  const auto imported =
      library::import_model(folder_to_change(options), request, [](const std::string& step) {
        stop_token().check();
        std::cerr << step << '\n';
      });
  for (const auto& note : imported.notes) std::cerr << note << '\n';
  std::cout << imported.folder.string() << '\n';
  std::cerr << fmt::format(
      "Scenes can now use \"{}\". To see what it is: latentreel models info {}\n", request.name,
      shell_word(request.name));
  return kDone;
}

}  // namespace

void add_models_import(CLI::App& models, int& result) {
  auto options = std::make_shared<ImportOptions>();
  auto* command = models.add_subcommand(
      "import", "Import a model of your own under a name: a checkpoint of any kind, read as data");
  command
      ->add_option("file", options->file,
                   "The model's weights: .pt, .pth, .ckpt, .bin or .safetensors; of those in "
                   "several files the .index.json; or the folder that holds them")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--name", options->name, "The model's name in scenes (default: the file's name)")
      ->type_name("NAME");
  auto* vqgan = command->add_flag("--vqgan", options->vqgan,
                                  "The file is a VQGAN (default: detected from its tensors)");
  command->add_flag("--clip", options->clip, "The file is a CLIP")->excludes(vqgan);
  command
      ->add_option("--activation", options->activation,
                   "The activation that a CLIP was trained with, if its file does not say")
      ->check(CLI::IsMember({"quick_gelu", "gelu"}));
  command
      ->add_option("--prefix", options->prefix,
                   "What stands before the names of the model's tensors, where several models are "
                   "in the file")
      ->type_name("TEXT");
  command->add_option("--licence", options->licence, "The model's licence, kept with it")
      ->type_name("TEXT");
  command->add_flag("--force", options->force, "Replace a model of that name");
  add_models_folder_option(*command, *options);
  command->footer(
      "Keeps what rendering needs in one safetensors file; the original is left as it is. Nothing "
      "in a checkpoint is ever executed.\n"
      "Examples:\n"
      "  latentreel models import last.ckpt --name mine --licence \"CC BY 4.0\"\n"
      "  latentreel models import open_clip_model.safetensors --name laion --activation gelu");
  command->callback([options, &result] { result = import(*options); });
}

}  // namespace latentreel::cli
