#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/common_options.h"
#include "src/cli/download_progress.h"
#include "src/cli/exit_codes.h"
#include "src/cli/models_options.h"
#include "src/cli/sizes.h"
#include "src/files/error.h"
#include "src/library/catalogue.h"
#include "src/library/error.h"
#include "src/library/fetch.h"
#include "src/library/model_names.h"

namespace latentreel::cli {
namespace {

using library::CatalogueModel;

struct FetchOptions : ModelsOptions {
  std::vector<std::string> names;
  std::string mirror;
  bool keep_original = false;
  bool accept_new_digest = false;
  bool force = false;
};

std::string check_address(const std::string& url) {
  const bool http = url.rfind("https://", 0) == 0 || url.rfind("http://", 0) == 0;
  return http ? "" : files::quoted(url) + " is not an address that begins with https:// or http://";
}

const CatalogueModel& published(const std::string& name) {
  if (const auto* model = library::find_in_catalogue(name)) return *model;
  std::string known;
  for (const auto& model : library::catalogue()) {
    known += (known.empty() ? "" : ", ") + model.name;
  }
  throw library::LibraryError(
      library::LibraryError::Kind::unknown,
      fmt::format("fetching {}: no published model of that name is known. Known: {}. To use "
                  "another model's file: latentreel models import FILE",
                  files::quoted(name), known));
}

void describe(const CatalogueModel& model, const FetchOptions& options) {
  std::cerr << fmt::format("{}: {}, {}\n", model.name, library::words(model.kind), model.about);
  std::cerr << fmt::format(
      "  maker    {}\n  licence  {}\n  size     {}\n", model.maker, model.licence,
      model.about_bytes == 0 ? "not known in advance"
                             : "about " + format_bytes(static_cast<double>(model.about_bytes)));
  if (!options.mirror.empty()) std::cerr << fmt::format("  from     {}\n", options.mirror);
  for (const auto& file : model.files) {
    if (file.role != library::CatalogueFile::Role::weights) continue;
    for (const auto& mirror : file.mirrors) std::cerr << fmt::format("  from     {}\n", mirror);
    std::cerr << fmt::format(
        "  checked  {}\n",
        file.sha256.empty()
            ? "against the digest of your first download, because none was published"
            : "against its published SHA-256");
  }
}

void fetch_one(const CatalogueModel& model, const FetchOptions& options) {
  const library::FetchRequest request{.models = folder_to_change(options),
                                      .mirror = options.mirror,
                                      .keep_original = options.keep_original,
                                      .accept_new_digest = options.accept_new_digest,
                                      .replace = options.force,
                                      .limits = {}};
  DownloadProgress progress(model.name, options.progress);
  const auto imported = library::fetch_model(model, request, progress);
  for (const auto& note : imported.notes) progress.note(note);
  std::cout << fmt::format("{}\n", imported.folder.string());
}

int fetch(const FetchOptions& options) {
  const auto names = library::ModelNames::standard(options.models);
  std::vector<const CatalogueModel*> wanted;
  for (const auto& name : options.names) {
    const auto& model = published(name);
    if (!options.force && names.has(model.name)) {
      std::cerr << fmt::format("{} is already here: {}\n", model.name,
                               names.pack(model.name).folder.string());
    } else if (model.files.empty()) {
      throw library::LibraryError(library::LibraryError::Kind::unknown,
                                  fmt::format("fetching {}: no address for its file is known; {}",
                                              model.name, library::how_to_get(model)));
    } else {
      wanted.push_back(&model);
    }
  }
  if (wanted.empty()) return kDone;
  for (const auto* model : wanted) describe(*model, options);
  if (!options.yes && !confirmed("Download?")) {
    std::cerr << "Nothing was fetched.\n";
    return kInterrupted;
  }
  for (const auto* model : wanted) fetch_one(*model, options);
  return kDone;
}

}  // namespace

void add_models_fetch(CLI::App& models, int& result) {
  auto options = std::make_shared<FetchOptions>();
  auto* command =
      models.add_subcommand("fetch", "Download published models, check and import them");
  command->add_option("names", options->names, "Names, as `models list` shows them")
      ->required()
      ->type_name("NAME…");
  add_models_folder_option(*command, *options);
  add_yes_option(*command, *options);
  command
      ->add_option("--mirror", options->mirror,
                   "A server to try first: URL/ViT-B-32.pt, URL/vqgan_imagenet_f16_16384.ckpt, …")
      ->check(CLI::Validator(check_address, ""))
      ->type_name("URL");
  command->add_flag("--keep-original", options->keep_original,
                    "Keep the downloaded file as well, in the folder `downloads` of your models");
  command->add_flag("--accept-new-digest", options->accept_new_digest,
                    "Accept a file that differs from the first download");
  command->add_flag("--force", options->force, "Fetch again what is already here, and replace it");
  add_progress_option(*command, options->progress);
  command->footer(
      "Shows each model's maker, licence, size and servers, and asks before downloading. A "
      "download that ends early continues where it ended when the same command is run again. "
      "Proxies and certificates are set as for curl: https_proxy, no_proxy, CURL_CA_BUNDLE.\n"
      "Examples:\n"
      "  latentreel models fetch ViT-B/32 imagenet_f16_16384\n"
      "  latentreel models fetch ViT-L/14 --yes --mirror https://files.example.org/clip");
  command->callback([options, &result] { result = fetch(*options); });
}

}  // namespace latentreel::cli
