#pragma once

#include <functional>
#include <string>

// How the program ends: codes of sysexits.h for schedulers, 130 and 143 (128 + signal) for a shell.

namespace latentreel::cli {

enum ExitCode : int {
  kDone = 0,
  kUsage = 64,        // wrong arguments
  kData = 65,         // wrong scene, song or model file
  kMissing = 66,      // something named is not there
  kUnavailable = 69,  // device or server not there, or out of memory
  kInternal = 70,
  kCannotCreate = 73,
  kWriteFailed = 74,  // a write failed or the disk is full
  kTryAgain = 75,     // stopped, out of its time, or too early: worth running again
  kInterrupted = 130,
  kTerminated = 143,
};

// The exit code of a run that SIGTERM stopped: 143, or 75 for schedulers that run it again then
// (--on-term retry).
void set_exit_code_of_term(int code);
int exit_code_of_term();

// An exception as a message for a person and an exit code for a shell.
struct Failure {
  int code = kInternal;
  std::string text;  // for standard error, without a final line end
};

// Of the exception that is being handled.
Failure current_failure();

// Runs `body` and turns every exception into a message on standard error and an exit code; so it
// does with a standard output that takes no more, unless its reader has just left.
int guarded(const std::function<int()>& body);

}  // namespace latentreel::cli
