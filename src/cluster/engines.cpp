#include "src/cluster/engines.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "src/cluster/error.h"
#include "src/cluster/openjd.h"
#include "src/cluster/parallel.h"
#include "src/cluster/program_call.h"
#include "src/cluster/share_script.h"
#include "src/cluster/slurm.h"
#include "src/files/atomic_file.h"
#include "src/files/folders.h"

namespace latentreel::cluster {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> joblogs(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder / "logs", none)) {
    if (entry.path().extension() == ".joblog") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The exit code of the first share that failed and was not done since, from a joblog: columns by
// tabs, the first is the share's place, the seventh the exit code, the eighth the signal.
int failed_code(const fs::path& joblog) {
  std::istringstream lines(content_of(joblog));
  std::string line;
  std::getline(lines, line);  // the columns' names
  std::map<int, int> code_of;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    int place = 0, code = 0, signal = 0;
    fields >> place;
    std::string field;
    for (int i = 0; i < 6; ++i) std::getline(fields, field, '\t');
    fields >> code >> signal;
    code_of[place] = code == 0 && signal != 0 ? 128 + signal : code;
  }
  for (const auto& [place, code] : code_of) {
    if (code != 0) return code;
  }
  return 0;
}

}  // namespace

std::optional<Engine> engine_of(const std::string& name) {
  const auto found = std::find(kEngines.begin(), kEngines.end(), name);
  if (found == kEngines.end()) return std::nullopt;
  return static_cast<Engine>(found - kEngines.begin());
}

std::vector<Script> scripts_of(Engine engine, const ClusterPlan& plan, const Shares& shares,
                               const Settings& settings) {
  switch (engine) {
    case Engine::slurm:
      return slurm_scripts(plan, shares, settings);
    case Engine::parallel:
      return parallel_scripts(plan, shares, settings);
    case Engine::openjd:
      return openjd_scripts(plan, shares, settings);
    case Engine::local:
      break;
  }
  return local_scripts(plan, shares, settings);
}

void write_scripts(const std::vector<Script>& scripts, const Settings& settings) {
  std::error_code ignored;  // scripts that cannot be written say it
  for (const auto& log : joblogs(settings.folder)) fs::remove(log, ignored);
  for (const auto& script : scripts) {
    const auto file = settings.folder / script.name;
    files::make_folders_for(file);
    files::write_file(file, script.text);
  }
}

HandedOver hand_over(Engine engine, const ClusterPlan& plan, const Shares& shares,
                     const Settings& settings) {
  const std::vector<std::string> call = {"sh", (settings.folder / kSubmitScript).string()};
  if (engine == Engine::slurm) {
    const auto result = call_program(call);
    if (result.code != 0) {
      throw ClusterError(ClusterError::Kind::unavailable,
                         "submitting to Slurm: it refused, and why is said above. Nothing is "
                         "queued; try other options, such as --partition or --memory");
    }
    return {.submission = slurm_submission(result.out, plan, shares, settings)};
  }
  HandedOver result = {.code = call_program(call, Output::shown).code};
  if (engine == Engine::parallel && result.code != 0) {
    for (const auto& log : joblogs(settings.folder)) {
      if (const int code = failed_code(log); code != 0) result.code = code;
    }
  }
  return result;
}

}  // namespace latentreel::cluster
