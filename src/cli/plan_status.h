#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "src/cli/open_plan.h"
#include "src/cluster/slurm_client.h"

namespace latentreel::cli {

// What Slurm says of this user's jobs, asked once for all plans that somebody looks at.
class SlurmAnswer {
 public:
  // Asks at the first call. Nothing where Slurm does not answer.
  const cluster::JobStates* states();
  const std::string& why_not() const { return why_not_; }

 private:
  bool asked_ = false;
  std::optional<cluster::JobStates> states_;
  std::string why_not_;
};

// How far something is at one moment.
struct Look {
  enum class State {
    going_on,  // by Slurm, or by whoever does its tasks
    done,
    failed,  // Slurm has nothing more to do for it, and it is not done
  };
  State state = State::going_on;
  std::string text = {};  // lines with line ends
  std::string line = {};  // the same in short, without a line's end
  int code = 0;           // an exit code: 75 while it goes on, of what failed its own
};

// How far a plan is, by its files, and by Slurm where it was submitted there.
class PlanStatus {
 public:
  // Of the options it takes the store. Throws as OpenPlan.
  PlanStatus(const std::filesystem::path& plan, const CommonOptions& options);

  Look look(SlurmAnswer& slurm);

 private:
  struct Count {
    std::size_t done = 0, all = 0;
    std::string missing = {};  // names, each behind a space
  };
  Count count(OpenPlan::Kind kind);
  void add_files(Look& look);
  void add_slurm(Look& look, SlurmAnswer& slurm);

  std::filesystem::path file_;
  render::NoProgress quiet_;
  OpenPlan open_;
};

}  // namespace latentreel::cli
