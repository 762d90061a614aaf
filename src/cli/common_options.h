#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "scenes/scene_reader.h"
#include "src/run/task_watch.h"

namespace CLI {
class App;
}

namespace latentreel::cli {

// The options of every command that works on a scene.
struct CommonOptions {
  std::filesystem::path scene;
  std::string device = "auto";
  std::optional<std::uint64_t> seed;
  bool seed_is_drawn = false;        // by this call, as --seed -1 asks
  int threads = 0;                   // of each piece of work; 0: one
  int jobs = 0;                      // pieces of work side by side; 0: as many as fit
  int sharers = 1;                   // processes that share this machine, this one included
  std::filesystem::path store;       // empty: the user's cache folder
  std::filesystem::path store_from;  // looked into after the store; empty: none
  std::filesystem::path models;      // looked in before the standard folders
  bool force = false;                // reuse nothing from the store
  std::string store_limit = "20G";
  std::string progress = "auto";
  std::vector<std::string> set;     // KEY=VALUE
  std::string task_limit;           // parse_duration; empty: none
  std::filesystem::path heartbeat;  // empty: none
  std::string range;                // frame_range.h; empty: all frames
  bool mixed = false;               // several kinds of machines (render_job.h)
  bool preview = false;             // the scene made small (scenes/preview.h)
};

// Adds the scene argument and all common flags to `command`; `options` must outlive the parse.
void add_common_options(CLI::App& command, CommonOptions& options);

// Some of them, for commands that take something other than a scene.
void add_store_option(CLI::App& command, CommonOptions& options);
void add_store_from_option(CLI::App& command, CommonOptions& options);
void add_store_limit_option(CLI::App& command, CommonOptions& options);
void add_progress_option(CLI::App& command, std::string& progress);
void add_on_term_option(CLI::App& command);
void add_watch_options(CLI::App& command, CommonOptions& options);  // --task-limit, --heartbeat
void add_machine_options(CLI::App& command, CommonOptions& options);
void add_jobs_option(CLI::App& command, CommonOptions& options);
void add_set_option(CLI::App& command, CommonOptions& options);
void add_range_option(CLI::App& command, CommonOptions& options);
void add_mixed_option(CLI::App& command, CommonOptions& options);
void add_preview_option(CLI::App& command, CommonOptions& options);
void add_scene_options(CLI::App& command, CommonOptions& options);  // all but the scene itself

// --seed and --set as the scene reader takes them.
std::vector<scenes::Override> overrides(const CommonOptions& options);

// --task-limit and --heartbeat.
render::TaskWatch::Settings watch_settings(const CommonOptions& options);

// --store, else this user's cache folder, else a private one where temporary files go. Throws
// FileError.
std::filesystem::path store_folder(const CommonOptions& options);

}  // namespace latentreel::cli
