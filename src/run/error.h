#pragma once

#include <stdexcept>
#include <string>

namespace latentreel::render {

// What goes wrong while a plan is run. The text says what was being done, with which thing, what
// went wrong and what to try; the kind says which exit code the program gives it.
class RenderError : public std::runtime_error {
 public:
  enum class Kind {
    scene,          // the scene asks for what its models or files cannot do (65)
    missing,        // a plan or a task that is named is not there (66)
    device,         // the device is not there or its memory does not suffice (69)
    diverged,       // the optimization gave no usable picture (70)
    cannot_create,  // an output cannot be started (73)
    write_failed,   // an output could not be finished (74)
    try_again,      // something is not there yet, or was just removed (75)
  };

  RenderError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace latentreel::render
