#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "models/files/error.h"
#include "src/cli/exit_codes.h"
#include "src/cli/models_options.h"
#include "src/cli/signals.h"
#include "src/library/model_names.h"
#include "src/library/pack.h"

namespace latentreel::cli {
namespace {

struct VerifyOptions : ModelsOptions {
  std::vector<std::string> names;  // empty: all
};

std::vector<library::InstalledPack> chosen(const VerifyOptions& options) {
  const auto names = library::ModelNames::standard(options.models);
  if (options.names.empty()) return names.packs();
  std::vector<library::InstalledPack> packs;
  for (const auto& name : options.names) packs.push_back(names.pack(name));
  return packs;
}

// What is wrong with one pack does not keep the others from being looked at.
std::vector<std::string> problems_of(const library::InstalledPack& pack) {
  try {
    return library::verify_pack(pack, [](const std::string&) { stop_token().check(); });
  } catch (const library::LibraryError& error) {
    return {error.what()};
  } catch (const models::WeightsError& error) {
    return {error.what()};
  }
}

int verify(const VerifyOptions& options) {
  bool well = true;
  for (const auto& pack : chosen(options)) {
    const auto problems = problems_of(pack);
    if (problems.empty()) {
      std::cout << fmt::format(
          "{}: {}\n", pack.name,
          library::read_pack_record(pack.folder)
              ? "as it was imported"
              : "readable, and every number is finite (it has no digests to compare with)");
    }
    for (const auto& problem : problems) std::cout << fmt::format("{}: {}\n", pack.name, problem);
    std::cout << std::flush;
    well = well && problems.empty();
  }
  if (well) return kDone;
  std::cerr << "Do not trust a model that differs: fetch or import it again, with --force.\n";
  return kData;
}

}  // namespace

void add_models_verify(CLI::App& models, int& result) {
  auto options = std::make_shared<VerifyOptions>();
  auto* command = models.add_subcommand(
      "verify", "Read models completely and compare them with what was imported");
  command
      ->add_option("names", options->names, "The models to verify (default: all on this machine)")
      ->type_name("NAME…");
  add_models_folder_option(*command, *options);
  command->footer(
      "The exit code is 65 if any of them differs.\nExample:\n  latentreel models verify");
  command->callback([options, &result] { result = verify(*options); });
}

}  // namespace latentreel::cli
