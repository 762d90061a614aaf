// The one exception of this room. A message says what was being done, with which thing, what went
// wrong and what to try; the kind says which exit code the program gives it.
#pragma once

#include <stdexcept>
#include <string>

namespace latentreel::ffmpeg {

class MediaError : public std::runtime_error {
 public:
  enum class Kind {
    missing,        // a named song, picture or film is not there or cannot be opened (66)
    invalid,        // it is there, but damaged or of no use for its purpose (65)
    cannot_create,  // an output file cannot be started: folder, permission, name (73)
    write_failed,   // an output file was started and could not be finished: disk full (74)
    usage,          // the request itself does not fit: codec and file name, odd sizes (64)
    internal        // our own mistake, or libav's (70)
  };

  // `system_error` is the errno behind the failure, 0 where there is none.
  MediaError(Kind kind, const std::string& message, int system_error = 0)
      : std::runtime_error(message), kind_(kind), system_error_(system_error) {}

  Kind kind() const { return kind_; }
  int system_error() const { return system_error_; }

 private:
  Kind kind_;
  int system_error_;
};

// The file as it is named in messages: in quotes, without control characters.
std::string quoted(const std::string& name);

}  // namespace latentreel::ffmpeg
