#include "src/cluster/share_script.h"

#include <fmt/format.h>

#include "src/cluster/shell_text.h"

namespace latentreel::cluster {
namespace {

std::string beginning(const Settings& settings, const ClusterPlan& plan) {
  return fmt::format(
      "#!/bin/sh\n"
      "# Does one share of a plan, called by its number. Written by latentreel submit.\n"
      "program={}\n"
      "plan={}\n"
      "store={}\n"
      "{}"
      "share=$(($1 + ${{SLURM_ARRAY_TASK_ID:-0}}))\n"
      "restarts=${{SLURM_RESTART_COUNT:-0}}\n"
      "if [ \"$restarts\" -gt {} ]; then\n"
      "  echo \"latentreel: share $share was begun $restarts times and is given up\" >&2\n"
      "  exit 70\n"
      "fi\n",
      shell_quoted(settings.program.string()), shell_quoted(plan.file.string()),
      shell_quoted(settings.store.string()),
      settings.store_from.empty()
          ? std::string()
          : fmt::format("store_from={}\n", shell_quoted(settings.store_from.string())),
      kMostRestarts);
}

std::string choice(const ClusterPlan& plan, const Shares& shares) {
  std::string text = "case $share in\n";
  for (std::size_t i = 0; i < shares.shares.size(); ++i) {
    text += fmt::format("  {}) set -- {} ;;\n", i, names_with_needs(shares.shares[i], plan));
  }
  return text +
         "  *)\n"
         "    echo \"latentreel: there is no share $share\" >&2\n"
         "    exit 64\n"
         "    ;;\n"
         "esac\n";
}

std::string call(const ClusterPlan& plan, const Settings& settings) {
  return fmt::format(
      "\"$program\" task \"$plan\" \"$@\" --store \"$store\"{} --jobs {} --on-term retry",
      settings.store_from.empty() ? "" : " --store-from \"$store_from\"", jobs_of(plan, settings));
}

}  // namespace

std::string share_script(const ClusterPlan& plan, const Shares& shares, const Settings& settings) {
  return beginning(settings, plan) + choice(plan, shares) + "exec " + call(plan, settings) + "\n";
}

std::string requeueing_share_script(const ClusterPlan& plan, const Shares& shares,
                                    const Settings& settings) {
  // `wait` ends when a signal comes, before the program does: it is waited for again. 127: it had
  // ended already.
  return beginning(settings, plan) + choice(plan, shares) + call(plan, settings) +
         " &\n"
         "child=$!\n"
         "stopped=\n"
         "trap 'stopped=yes; kill -TERM \"$child\"' TERM\n"
         "wait \"$child\"\n"
         "code=$?\n"
         "while [ -n \"$stopped\" ]; do\n"
         "  stopped=\n"
         "  wait \"$child\"\n"
         "  again=$?\n"
         "  if [ \"$again\" -ne 127 ]; then code=$again; fi\n"
         "done\n"
         "# 75: to be tried again. The cluster does not do that by itself (RequeueExit=75).\n"
         "if [ \"$code\" -eq 75 ] && scontrol requeue \"$SLURM_JOB_ID\"; then\n"
         "  sleep 300 # until Slurm ends this run of the job\n"
         "fi\n"
         "exit \"$code\"\n";
}

}  // namespace latentreel::cluster
