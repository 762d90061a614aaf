#pragma once

#include <stdexcept>
#include <string>

namespace latentreel::cluster {

// A plan cannot be handed to a scheduler. The text says what was being done, with which thing, what
// went wrong and what to try; the kind says which exit code the program gives it.
class ClusterError : public std::runtime_error {
 public:
  enum class Kind {
    plan,         // the file is no plan, or no record, of this version (65)
    missing,      // a file is not there (66)
    unavailable,  // the scheduler is not there, or refuses (69)
    unseen,       // what was done is not to be seen here, perhaps not yet (75)
  };

  ClusterError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace latentreel::cluster
