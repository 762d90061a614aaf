#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenes/scene_error.h"

// Collects what is wrong while a scene is read, so that reading goes on and one run reports every
// mistake. Internal to the room.

namespace latentreel::scenes {

struct Override;

// Where a value or key stands: in the text, or in an override (then line and column are 0).
struct Position {
  int line = 0;
  int column = 0;
  int override_index = -1;
};

class Mistakes {
 public:
  // `file`, `text` and `overrides` must outlive the collector.
  Mistakes(std::filesystem::path file, std::string_view text, std::span<const Override> overrides);

  void add(Position where, std::string message, std::string hint = {});
  // A file named at `where` is not there.
  void add_missing_file(Position where, std::string message, std::string hint = {});
  // What is allowed and probably not meant; reading goes on and the scene is good.
  void note(Position where, std::string message, std::string hint = {});
  // A mistake in another file, which brings its own position.
  void add(Diagnostic diagnostic);

  // The place of the byte `offset` of a string value that stands at `where`; the string's own place
  // where that cannot be told, as of one in several lines or with escapes.
  Position inside(Position where, std::string_view value, std::size_t offset) const;

  bool empty() const { return diagnostics_.empty(); }
  std::size_t size() const { return diagnostics_.size(); }
  // In the order of the file, each on one line.
  std::vector<std::string> notes() const;
  // Throws all mistakes, in the order of the file, as one SceneError; does nothing when there are
  // none.
  void throw_if_any();

 private:
  Diagnostic at(Position where, std::string message, std::string hint) const;

  std::filesystem::path file_;
  std::string_view text_;
  std::span<const Override> overrides_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<Diagnostic> notes_;
  std::size_t suppressed_ = 0;
};

// ASCII letters in lower case, anything else as it is.
char lower(char c);

// Whether two keys are the same but for case and the choice of '_' or '-'.
bool same_key(std::string_view a, std::string_view b);

// `text` without the characters of `blanks` at both ends.
std::string_view trimmed(std::string_view text, std::string_view blanks);

// The line `number` (from 1) of `text`, without line end and byte order mark; empty beyond the end.
std::string_view line_of(std::string_view text, int number);

// The one of `known` that `word` was probably meant to be; empty if none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known);

// `did you mean "fps"?` for that word, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

// "a, b and c".
std::string listed(std::span<const std::string_view> words);

}  // namespace latentreel::scenes
