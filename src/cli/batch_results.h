#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "src/cli/exit_codes.h"

namespace latentreel::cli {

// What became of one film.
struct FilmResult {
  std::string scene, film;
  std::string state = "not started";  // "done", "reused", "failed", "stopped", "planned"
  int64_t frames = 0;
  double seconds = 0;  // of work
  std::string error;
  int code = kDone;
};

// A line for each film, on standard output.
void print_table(const std::vector<FilmResult>& results);

// JSON, a list of objects with these fields; the file appears whole or not at all. Throws
// FileError.
void write_results(const std::filesystem::path& file, const std::vector<FilmResult>& results);

// The text with its line breaks replaced by tabs.
std::string on_one_line(std::string text);

}  // namespace latentreel::cli
