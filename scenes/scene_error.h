#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// What is wrong with a scene, reported so that the user can fix it: position, line, caret, hint.
// SceneError is this room's only exception type (besides std::overflow_error of exact time).

namespace latentreel::scenes {

// One mistake. Printed as
//   film.toml:12:1: unknown key "promt" in [[keyframe]]
//     promt = "a red apple"
//     ^ did you mean "prompt"?
// or, when it came with an override, as one line that begins with `--set KEY=VALUE: `.
struct Diagnostic {
  std::string file{};           // as given by the caller; empty: none to name
  int line = 0;                 // from 1; 0: the mistake belongs to no line
  int column = 0;               // from 1, in code points; 0: no caret
  std::string message{};        // one sentence without full stop
  std::string source_line{};    // as in the file, without line end
  std::string hint{};           // what to try; may be empty
  std::string override_text{};  // "--set KEY=VALUE" when the value came from there
  bool missing_file = false;    // the value is fine but names a file that is not there

  // The text for a terminal, without final line end. Control characters are shown escaped and long
  // lines cut around the caret.
  std::string text() const;
};

class SceneError : public std::runtime_error {
 public:
  enum class Kind {
    invalid,     // mistakes in the scene: exit 65
    missing,     // the scene is not there, or all its mistakes are missing files: exit 66
    unreadable,  // there, but it cannot be read (a folder, no permission): exit 66
  };

  // `diagnostics`: at least one; what() is their texts, one after the other.
  SceneError(Kind kind, std::vector<Diagnostic> diagnostics);
  // A mistake that belongs to no line of a file.
  explicit SceneError(std::string message, std::string hint = {});

  Kind kind() const { return kind_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  Kind kind_;
  std::vector<Diagnostic> diagnostics_;
};

// `text` with control characters as \n, \t or \u001B and at most `limit` code points: safe to
// print.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace latentreel::scenes
