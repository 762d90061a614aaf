#pragma once

#include <string>
#include <vector>

namespace latentreel::cluster {

// What a program left.
struct CallResult {
  int code = 0;  // exit code, or 128 + signal
  std::string out;
};

enum class Output { collected, shown };

// Runs a program found by PATH, with these arguments as they are, and waits for it. What it writes
// to standard output is collected, or goes where this program's goes; errors go there in any case.
// Throws ClusterError (unavailable) where it cannot be started.
CallResult call_program(const std::vector<std::string>& arguments,
                        Output output = Output::collected);

}  // namespace latentreel::cluster
