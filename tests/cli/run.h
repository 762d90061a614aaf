#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

// Runs the built program as a person would.

namespace latentreel::cli::testing {

struct Result {
  int code = -1;         // exit code, or 128 + signal
  std::string out;       // standard output
  std::string error;     // standard error
  long most_memory = 0;  // KiB resident at its peak
};

// What differs from a plain call.
struct Surroundings {
  std::map<std::string, std::string> environment = {};
  std::function<void()> before = {};  // in the new process, just before the program begins
};

// `text` with `to` in place of `from`, which it has to hold.
std::string replaced(std::string text, const std::string& from, const std::string& to);

// The program with these arguments, in `folder`, with its own store there.
class Program {
 public:
  Program(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
          const Surroundings& surroundings = {});
  ~Program();  // kills what still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool ended();  // looks, does not wait
  // Waits until its standard error holds that text; false where it ended before.
  bool says(const std::string& text);
  // Waits until it answers to that signal by itself.
  void handles(int signal);
  void send(int signal) const { kill(process_, signal); }
  Result wait();

 private:
  std::filesystem::path out_, error_;
  pid_t process_ = -1;
  bool ended_ = false;
  Result result_;
};

// The same, to its end. Where `interrupt_at` is given, it gets a SIGINT as soon as its standard
// error holds that text.
Result run(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
           const std::string& interrupt_at = {});
Result run_in(const Surroundings& surroundings, const std::vector<std::string>& arguments,
              const std::filesystem::path& folder);

// A folder for one test.
class Folder : public TemporaryFolder {
 public:
  // Files in it, and in its folders, whose name ends with ".part".
  int unfinished() const;
};

std::string read_file(const std::filesystem::path& file);

// A number that the environment may give a longer test, as LATENTREEL_KILLS=100.
int asked(const char* name, int by_default);

}  // namespace latentreel::cli::testing
