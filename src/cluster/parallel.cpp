#include "src/cluster/parallel.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/cluster/share_script.h"
#include "src/cluster/shell_text.h"

namespace latentreel::cluster {
namespace {

// A GPU has one share at a time; cores are divided among the shares that use several.
std::string side_by_side(const ClusterPlan& plan, const Settings& settings) {
  if (settings.at_once > 0) return fmt::format("{}", settings.at_once);
  if (plan.on_gpu()) return "1";
  return fmt::format("{}%", std::max(100 / cores_of(plan, settings), 1));
}

std::string options_of_parallel(const ClusterPlan& plan, const Settings& settings) {
  auto options = fmt::format("--jobs {} --resume-failed --retries 3 --halt soon,fail=1",
                             side_by_side(plan, settings));
  if (settings.hosts.empty()) return options;
  std::string hosts;
  for (const auto& host : settings.hosts) hosts += (hosts.empty() ? "" : ",") + host;
  return options + fmt::format(" --workdir . --sshlogin {}", shell_quoted(hosts));
}

std::string stage_calls(const Shares& shares) {
  std::string text;
  std::size_t number = 0;
  for (const auto& stage : stages_of(shares)) {
    text += fmt::format("stage {}-{}", number++, name_of(stage.kind));
    for (const auto share : stage.shares) text += fmt::format(" {}", share);
    text += "\n";
  }
  return text;
}

std::string beginning_of_submit(const char* what, const Settings& settings) {
  return fmt::format(
      "#!/bin/sh\n"
      "# {} Written by latentreel submit.\n"
      "set -eu\n"
      "cd -- {}\n"
      "mkdir -p logs\n"
      "\n",
      what, shell_quoted(settings.folder.string()));
}

}  // namespace

std::vector<Script> parallel_scripts(const ClusterPlan& plan, const Shares& shares,
                                     const Settings& settings) {
  if (shares.shares.empty()) return {};
  // No path is in the command that parallel composes, as it replaces more than {}.
  auto text =
      beginning_of_submit("Does a plan's shares by GNU parallel, stage by stage.", settings) +
      "stage() { # NAME SHARE...\n"
      "  name=$1\n"
      "  shift\n"
      "  printf '%s\\n' \"$@\" | parallel --joblog \"logs/$name.joblog\" \\\n"
      "    " +
      options_of_parallel(plan, settings) +
      " \\\n"
      "    sh ./" +
      kShareScript +
      " '{}'\n"
      "}\n"
      "\n" +
      stage_calls(shares);
  return {{kShareScript, share_script(plan, shares, settings)}, {kSubmitScript, text}};
}

std::vector<Script> local_scripts(const ClusterPlan& plan, const Shares& shares,
                                  const Settings& settings) {
  if (shares.shares.empty()) return {};
  auto text = beginning_of_submit("Does a plan's shares one after another.", settings);
  text += fmt::format(
      "share=0\n"
      "tries=0\n"
      "while [ \"$share\" -lt {} ]; do\n"
      "  code=0\n"
      "  sh ./{} \"$share\" || code=$?\n"
      "  if [ \"$code\" -eq 0 ]; then\n"
      "    share=$((share + 1))\n"
      "    tries=0\n"
      "  elif [ \"$code\" -eq 75 ] && [ \"$tries\" -lt 3 ]; then\n"
      "    tries=$((tries + 1)) # 75: worth trying again\n"
      "  else\n"
      "    echo \"latentreel: share $share ended with exit code $code\" >&2\n"
      "    exit \"$code\"\n"
      "  fi\n"
      "done\n",
      shares.shares.size(), kShareScript);
  return {{kShareScript, share_script(plan, shares, settings)}, {kSubmitScript, text}};
}

}  // namespace latentreel::cluster
