#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/cli/common_options.h"
#include "src/cluster/shares.h"

namespace latentreel::cli {

// What is to be handed to a scheduler, and how. CommonOptions::scene is a plan, a scene or an
// album.
struct SubmitOptions : CommonOptions {
  std::string engine = "slurm";
  bool dry_run = false;
  // For scripts and logs, of an album also plans; empty: beside the plan or album.
  std::filesystem::path output;
  std::filesystem::path films;  // of an album: where films go; empty: the working directory
  std::string memory;           // empty: by the plan's costs
  int minutes = 0;              // 0: by the plan's costs
  int cores = 0;
  int at_once = 0;
  cluster::ShareSettings shares = {};
  std::string share_time;  // empty: the default of ShareSettings
  std::string partition, account, constraint, gres;
  std::vector<std::string> extra, hosts;
};

// Plans what is not planned, and hands it over. Returns an exit code: of an album that of the first
// film that failed, where the others are handed over all the same. Throws as its parts do, and
// CLI::ValidationError for options that do not go with what is given.
int submit(const SubmitOptions& options);

}  // namespace latentreel::cli
