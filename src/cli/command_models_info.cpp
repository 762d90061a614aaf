#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "models/files/error.h"
#include "models/model_file.h"
#include "src/cli/exit_codes.h"
#include "src/cli/models_options.h"
#include "src/cli/sizes.h"
#include "src/files/digest.h"
#include "src/library/catalogue.h"
#include "src/library/explain.h"
#include "src/library/model_names.h"
#include "src/library/pack.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

struct InfoOptions : ModelsOptions {
  std::string model;  // a name or a file
};

void print(const std::string& label, const std::string& text) {
  if (!text.empty()) std::cout << fmt::format("  {:<12} {}\n", label, text);
}

void print_file(const fs::path& path, library::ModelKind kind) {
  const auto file = models::open_model(path, library::network_of(kind));
  for (const auto& part : file.files) {
    std::cout << fmt::format("{}, {}\n", part.string(),
                             format_bytes(static_cast<double>(fs::file_size(part))));
  }
  for (const auto& [label, text] : library::explain(file, kind)) print(label, text);
  for (const auto& part : file.files) {
    const auto name = file.files.size() == 1 ? "" : "  " + part.filename().string();
    print("sha256", files::sha256_of_file(part) + name);
  }
}

void print_pack(const library::InstalledPack& pack) {
  for (const auto kind : pack.kinds) print_file(pack.folder / library::weights_file(kind), kind);
  const auto record = library::read_pack_record(pack.folder);
  if (!record) return;
  print("made of", record->source_file);
  print("from", record->source_url);
  print("its sha256", record->source_sha256);
  print("maker", record->maker);
  print("licence", record->licence.empty() ? "not stated" : record->licence);
}

void print_published(const library::CatalogueModel& model) {
  std::cout << fmt::format("{}: {}, {}\n", model.name, library::words(model.kind), model.about);
  print("maker", model.maker);
  print("licence", model.licence);
  if (model.about_bytes > 0) {
    print("size", "about " + format_bytes(static_cast<double>(model.about_bytes)));
  }
  for (const auto& file : model.files) {
    for (const auto& mirror : file.mirrors) print(file.name, mirror);
    if (file.role == library::CatalogueFile::Role::weights) {
      print("sha256", file.sha256.empty() ? "none published; that of the first download is kept"
                                          : file.sha256);
    }
  }
  print("to get it", library::how_to_get(model));
}

// Whether a folder is meant that holds a model as its makers publish it, and no pack.
bool is_makers_folder(const std::string& model, const library::ModelNames& names) {
  std::error_code ignored;
  return fs::is_directory(model, ignored) && !names.has(model);
}

// A file or a folder, then a model that is here, then one that can be fetched.
int inform(const InfoOptions& options) {
  std::error_code ignored;
  if (fs::is_regular_file(options.model, ignored)) {
    print_file(options.model, library::kind_of(models::network_of(options.model)));
    return kDone;
  }
  if (const auto pack = library::pack_at(options.model)) {
    print_pack(*pack);
    return kDone;
  }
  const auto names = library::ModelNames::standard(options.models);
  if (is_makers_folder(options.model, names)) {
    print_file(options.model, library::kind_of(models::network_of(options.model)));
    return kDone;
  }
  const auto* published = library::find_in_catalogue(options.model);
  if (published != nullptr && !names.has(options.model)) {
    print_published(*published);
    return kDone;
  }
  print_pack(names.pack(options.model));
  return kDone;
}

}  // namespace

void add_models_info(CLI::App& models, int& result) {
  auto options = std::make_shared<InfoOptions>();
  auto* command = models.add_subcommand(
      "info", "Explain a model or a model file: what it is, where it comes from, how it is read");
  command
      ->add_option("model", options->model,
                   "A name, a pack's folder, or a file or folder that can be imported")
      ->required()
      ->type_name("NAME|PATH");
  add_models_folder_option(*command, *options);
  command->footer(
      "Examples:\n  latentreel models info ViT-B/32\n  latentreel models info last.ckpt");
  command->callback([options, &result] { result = inform(*options); });
}

}  // namespace latentreel::cli
