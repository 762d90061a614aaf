#pragma once

#include <filesystem>
#include <string>
#include <vector>

// Runs the built program as a person would.

namespace latentreel::cli::testing {

struct Result {
  int code = -1;      // exit code, or 128 + signal
  std::string out;    // standard output
  std::string error;  // standard error
};

// The program with these arguments, in `folder`, with its own store there. Where `interrupt_at` is
// given, it gets a SIGINT as soon as its standard error holds that text.
Result run(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
           const std::string& interrupt_at = {});

// A fresh folder for one test, removed with it.
class Folder {
 public:
  Folder();
  ~Folder();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::filesystem::path write(const std::string& name, const std::string& text) const;
  // Files in it whose name ends with ".part".
  int unfinished() const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file);

}  // namespace latentreel::cli::testing
