#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/cluster/settings.h"
#include "src/cluster/submission.h"

namespace latentreel::cluster {

// Who does a plan.
enum class Engine {
  slurm,
  parallel,  // GNU parallel, here or by ssh
  openjd,    // a template for whoever reads it
  local,     // this machine, one share after another
};
std::optional<Engine> engine_of(const std::string& name);
inline const std::vector<std::string> kEngines = {"slurm", "parallel", "openjd", "local"};

std::vector<Script> scripts_of(Engine engine, const ClusterPlan& plan, const Shares& shares,
                               const Settings& settings);

// Writes them into the settings' folder. Logs by which GNU parallel would go on are removed: what
// the shares are to do is not done, or no longer there, whatever a log says. Throws FileError.
void write_scripts(const std::vector<Script>& scripts, const Settings& settings);

// Runs submit.sh. Of Slurm comes what it has taken; the others return when all is done. Throws
// ClusterError (unavailable) where Slurm takes nothing.
struct HandedOver {
  int code = 0;  // an exit code; of GNU parallel, that of the first share that failed
  std::optional<Submission> submission = {};
};
HandedOver hand_over(Engine engine, const ClusterPlan& plan, const Shares& shares,
                     const Settings& settings);

}  // namespace latentreel::cluster
