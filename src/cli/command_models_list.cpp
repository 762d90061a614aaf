#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/cli/exit_codes.h"
#include "src/cli/models_options.h"
#include "src/cli/sizes.h"
#include "src/library/catalogue.h"
#include "src/library/model_names.h"
#include "src/library/pack.h"

namespace latentreel::cli {
namespace {

using nlohmann::json;

struct ListOptions : ModelsOptions {
  bool json = false;
};

struct Row {
  std::string name;
  std::vector<std::string> kinds;
  std::string state;    // "fetched", "imported", "bundled", "to fetch", "by hand"
  std::uint64_t bytes;  // 0: not known
  std::string about;
  std::string folder;  // empty: not here
};

Row row_of(const library::InstalledPack& pack) {
  const auto* named = library::find_in_catalogue(pack.name);
  const auto* published = library::published_as(pack);
  Row row{.name = named != nullptr ? named->name : pack.name,
          .kinds = {},
          .state = pack.bundled           ? "bundled"
                   : published != nullptr ? "fetched"
                                          : "imported",
          .bytes = library::size_of(pack),
          .about = published != nullptr ? published->about : library::about_pack(pack),
          .folder = pack.folder.string()};
  for (const auto kind : pack.kinds) row.kinds.emplace_back(library::words(kind));
  return row;
}

Row row_of(const library::CatalogueModel& model) {
  return {.name = model.name,
          .kinds = {library::words(model.kind)},
          .state = model.files.empty() ? "by hand" : "to fetch",
          .bytes = model.about_bytes,
          .about = model.about,
          .folder = {}};
}

// What is here, then what of the catalogue is not.
std::vector<Row> rows(const ListOptions& options) {
  std::vector<Row> rows;
  for (const auto& pack : library::ModelNames::standard(options.models).packs()) {
    rows.push_back(row_of(pack));
  }
  const auto here = rows.size();
  for (const auto& model : library::catalogue()) {
    bool found = false;
    for (std::size_t i = 0; i < here; ++i) found = found || rows[i].name == model.name;
    if (!found) rows.push_back(row_of(model));
  }
  return rows;
}

std::string size_text(const Row& row) {
  if (row.bytes == 0) return "?";
  return (row.folder.empty() ? "~" : "") + format_bytes(static_cast<double>(row.bytes));
}

void print_json(const std::vector<Row>& rows) {
  auto list = json::array();
  for (const auto& row : rows) {
    list.push_back({{"name", row.name},
                    {"kinds", row.kinds},
                    {"state", row.state},
                    {"bytes", row.bytes},
                    {"about", row.about},
                    {"folder", row.folder}});
  }
  std::cout << list.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

int list_models(const ListOptions& options) {
  const auto all = rows(options);
  if (options.json) {
    print_json(all);
    return kDone;
  }
  for (const auto& row : all) {
    std::cout << fmt::format("{:<19} {:<11} {:<9} {:>9}  {}\n", row.name,
                             fmt::format("{}", fmt::join(row.kinds, ", ")), row.state,
                             size_text(row), row.about);
  }
  std::cout
      << "Fetch one: latentreel models fetch NAME. More about one: latentreel models info NAME\n";
  return kDone;
}

}  // namespace

void add_models_list(CLI::App& models, int& result) {
  auto options = std::make_shared<ListOptions>();
  auto* command = models.add_subcommand(
      "list", "List the models on this machine and those that can be fetched");
  add_models_folder_option(*command, *options);
  command->add_flag("--json", options->json, "Print JSON, for other programs");
  command->footer("Example:\n  latentreel models list");
  command->callback([options, &result] { result = list_models(*options); });
}

}  // namespace latentreel::cli
