#pragma once

#include <stdexcept>
#include <string>

namespace latentreel::library {

// What goes wrong while models are found, fetched and kept. The text says what was being done, with
// which model, what went wrong and what to try; the kind says which exit code the program gives it.
class LibraryError : public std::runtime_error {
 public:
  enum class Kind {
    refused,        // not allowed for this model (64)
    invalid,        // a file, downloaded or present, is not what it should be (65)
    unknown,        // no model has that name, or nothing is at that path (66)
    unreachable,    // no server gave the file (69)
    cannot_create,  // a folder or file cannot be made (73)
    write_failed,   // writing failed, or the disk is full (74)
    busy,           // another process is working on the same file (75)
  };

  LibraryError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

}  // namespace latentreel::library
