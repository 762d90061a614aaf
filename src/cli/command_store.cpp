#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/sizes.h"
#include "src/files/error.h"
#include "src/run/progress.h"
#include "src/store/store.h"

namespace latentreel::cli {
namespace {

struct StoreOptions : CommonOptions {
  std::optional<std::string> clean;  // a size
};

std::string check_kept_size(const std::string& text) {
  return parse_bytes(text) ? "" : files::quoted(text) + " is not a size such as 0, 500M or 20G";
}

void print_entries(const std::filesystem::path& folder) {
  struct Sum {
    int64_t count = 0;
    double bytes = 0;
  };
  std::map<std::string, Sum> kinds;
  Sum all;
  for (const auto& entry : render::Store::entries(folder)) {
    for (auto* sum : {&kinds[entry.kind], &all}) {
      ++sum->count;
      sum->bytes += static_cast<double>(entry.bytes);
    }
  }
  std::cout << fmt::format("{}: {} in {} entries\n", folder.string(), format_bytes(all.bytes),
                           all.count);
  for (const auto& [kind, sum] : kinds) {
    std::cout << fmt::format("  {:<11} {:>6}  {}\n", kind, sum.count, format_bytes(sum.bytes));
  }
}

int work_on_store(const StoreOptions& options) {
  const auto folder = store_folder(options);
  if (options.clean) {
    render::NoProgress quiet;
    render::Store store(folder, render::Reuse::yes, quiet);
    const auto removed = store.shrink(*parse_bytes(*options.clean));
    std::cout << fmt::format("removed {}\n", format_bytes(static_cast<double>(removed)));
  }
  print_entries(folder);
  return kDone;
}

}  // namespace

void add_store(CLI::App& program, int& result) {
  auto options = std::make_shared<StoreOptions>();
  auto* command =
      program.add_subcommand("store", "Show the finished work that is kept, and clean it up");
  add_store_option(*command, *options);
  command
      ->add_option("--clean", options->clean,
                   "Remove what has gone unused the longest until at most SIZE is left; 0 removes "
                   "everything")
      ->check(CLI::Validator(check_kept_size, ""))
      ->type_name("SIZE");
  command->footer(
      "Cleaning a store is always safe: what is removed is made again when needed. What is listed "
      "as older was kept by another version and is not used by this one.\n"
      "Examples:\n"
      "  latentreel store\n"
      "  latentreel store --clean 5G\n"
      "  latentreel store --clean 0");
  command->callback([options, &result] { result = work_on_store(*options); });
}

}  // namespace latentreel::cli
