#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "scenes/options_page.h"
#include "scenes/schema.h"
#include "src/cli/commands.h"
#include "src/cli/exit_codes.h"

namespace latentreel::cli {

void add_schema(CLI::App& program, int& result) {
  auto* command = program.add_subcommand(
      "schema",
      "Print the scene format as JSON Schema, for editors that complete and check scenes");
  command->footer(
      "Example:\n  latentreel schema > scene.schema.json\n  latentreel schema --markdown > "
      "OPTIONS.md\n\n"
      "An editor with Taplo (\"Even Better TOML\" in VS Code) uses it for a scene whose first line "
      "is\n  #:schema ./scene.schema.json\n`latentreel new` writes such a line.");
  auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown,
                    "Print a page for people to read instead, in Markdown");
  command->callback([markdown, &result] {
    std::cout << (*markdown ? scenes::options_page() : scenes::scene_schema());
    result = kDone;
  });
}

}  // namespace latentreel::cli
