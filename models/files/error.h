#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace latentreel::models {

// The one exception type of this room. The text says what was being done, with which file and
// tensor, what went wrong and what to try; `kind` says what sort of mistake it is, and the program
// chooses its exit code by it.
class WeightsError : public std::runtime_error {
 public:
  enum class Kind {
    missing,       // a file is not there, or cannot be opened or read (exit 66)
    invalid,       // a file's or a prompt's content is wrong (exit 65)
    uncreatable,   // an output cannot be created (exit 73)
    write_failed,  // an output was begun and could not be finished: disk full, I/O error (exit 74)
  };

  // The parts of a message; those left empty are left out.
  struct Parts {
    std::string doing;    // "reading weights from /models/clip.safetensors"
    std::string tensor;   // its name as the file spells it; quoted here
    std::string problem;  // without a full stop
    std::string advice;   // whole sentences
  };

  WeightsError(Kind kind, const Parts& parts);

  Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

// `text` between quotation marks, fit for a terminal: control characters, quotes and bytes that are
// not UTF-8 escaped, and cut with "…" after about `longest` bytes. For whatever a file or a person
// wrote.
std::string shown(std::string_view text, std::size_t longest = 120);

}  // namespace latentreel::models
