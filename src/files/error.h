#pragma once

#include <stdexcept>
#include <string>

#include "ffmpeg/error.h"

namespace latentreel::files {

// A name in messages, in quotes and without control characters: a file's, or whatever else a person
// typed. What stands in a file is longer and need be no text: for that there is models::shown.
using ffmpeg::quoted;

// A file cannot be read or written. The text says what was being done, with which file, what went
// wrong and what to try; the kind says which exit code the program gives it.
class FileError : public std::runtime_error {
 public:
  enum class Kind {
    cannot_read,    // it is not there, or cannot be opened or read (66)
    cannot_create,  // it cannot be begun: folder, permission, name (73)
    write_failed,   // it was begun and could not be finished: disk full (74)
  };

  // `system_error` is the errno behind the failure, 0 where there is none.
  FileError(Kind kind, const std::string& message, int system_error = 0)
      : std::runtime_error(message), kind_(kind), system_error_(system_error) {}

  Kind kind() const { return kind_; }
  int system_error() const { return system_error_; }

 private:
  Kind kind_;
  int system_error_;
};

}  // namespace latentreel::files
