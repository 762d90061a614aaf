#include "src/cli/common_options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <random>
#include <system_error>

#include "src/cli/exit_codes.h"
#include "src/cli/frame_range.h"
#include "src/cli/sizes.h"
#include "src/files/error.h"
#include "src/files/user_folders.h"
#include "src/run/device.h"

namespace latentreel::cli {
namespace {

constexpr int kMostThreads = 1024;

std::string check_override(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return files::quoted(text) + " is not KEY=VALUE, such as optimize.iterations=50";
  }
  return {};
}

std::string check_device(const std::string& name) {
  return render::is_device_name(name) ? ""
                                      : files::quoted(name) + " is not auto, cpu, cuda or cuda:N";
}

// The seed that nobody chose, as notebooks call it.
constexpr const char* kAnySeed = "-1";

std::optional<std::uint64_t> parse_seed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, seed);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return seed;
}

std::string check_seed(const std::string& text) {
  if (text == kAnySeed || parse_seed(text)) return {};
  return files::quoted(text) + " is not a seed: 0 to 18446744073709551615, or -1 to draw one";
}

// Short enough to be typed again.
std::uint64_t drawn_seed() {
  std::random_device device;
  return std::uniform_int_distribution<std::uint32_t>()(device);
}

std::string check_size(const std::string& text) {
  return parse_bytes(text) ? "" : files::quoted(text) + " is not a size such as 500M or 20G";
}

std::string check_duration(const std::string& text) {
  return parse_duration(text)
             ? ""
             : files::quoted(text) + " is not a length of time such as 90s, 30m or 2h";
}

}  // namespace

void add_store_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--store", options.store,
                  "Where finished work is kept (default: your cache folder)")
      ->type_name("DIR");
}

void add_store_from_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--store-from", options.store_from,
                  "A store that is looked into after one's own and never written: one that others "
                  "share with you")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR");
}

void add_store_limit_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--store-limit", options.store_limit,
                  "After a film, remove what has gone unused the longest until the store is no "
                  "larger than this")
      ->check(CLI::Validator(check_size, ""))
      ->capture_default_str()
      ->type_name("SIZE");
}

void add_progress_option(CLI::App& command, std::string& progress) {
  command.add_option("--progress", progress, "How to show progress")
      ->check(CLI::IsMember({"auto", "bar", "plain", "json", "none"}))
      ->capture_default_str();
}

void add_on_term_option(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--on-term",
          [](const std::string& what) {
            set_exit_code_of_term(what == "retry" ? kTryAgain : kTerminated);
          },
          "How to end on SIGTERM: exit (code 143) or retry (code 75, so that a scheduler runs it "
          "again)")
      ->check(CLI::IsMember({"exit", "retry"}))
      ->type_name("exit|retry");
}

void add_watch_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--task-limit", options.task_limit,
                  "End with code 75 when a single task (key:3, seg:7, ...) takes longer than this; "
                  "what was done is kept")
      ->check(CLI::Validator(check_duration, ""))
      ->type_name("90s|30m|2h");
  command
      .add_option("--heartbeat", options.heartbeat,
                  "While work goes on, write the task, its progress and the time to this file "
                  "every few seconds, for a watchdog; the file is removed at the end")
      ->type_name("FILE");
}

void add_machine_options(CLI::App& command, CommonOptions& options) {
  command.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")
      ->check(CLI::Validator(check_device, ""))
      ->capture_default_str();
  command
      .add_option("--threads", options.threads,
                  "CPU threads of each job; 0: one. The last bits of a film may depend on it")
      ->check(CLI::Range(0, kMostThreads))
      ->capture_default_str();
}

void add_jobs_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--jobs", options.jobs,
                  "Keyframes, frames and chunks of cutouts made side by side; 0: as many as cores "
                  "and memory allow. The film is the same, bit for bit. On a GPU always one")
      ->check(CLI::Range(0, kMostThreads))
      ->capture_default_str();
}

void add_scene_options(CLI::App& command, CommonOptions& options) {
  add_machine_options(command, options);
  add_jobs_option(command, options);
  command
      .add_option_function<std::string>(
          "--seed",
          [&options](const std::string& text) {
            options.seed_is_drawn = text == kAnySeed;
            options.seed = options.seed_is_drawn ? drawn_seed() : parse_seed(text);
          },
          "Seed for every keyframe, instead of the scene's; -1 draws one, and says which")
      ->check(CLI::Validator(check_seed, ""))
      ->type_name("N");
  add_store_option(command, options);
  add_store_from_option(command, options);
  add_store_limit_option(command, options);
  add_on_term_option(command);
  command.add_option("--models", options.models, "A folder of models to search first")
      ->type_name("DIR");
  command.add_flag("--force", options.force, "Reuse nothing: make everything again");
  add_progress_option(command, options.progress);
  add_set_option(command, options);
}

void add_set_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--set", options.set,
                  "Set any key of the scene: --set optimize.iterations=50 (may be repeated)")
      ->check(CLI::Validator(check_override, ""))
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_range_option(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--range", options.range,
                  "From FIRST up to, but not including, END (default: all): frame numbers or "
                  "times such as \"bar 9\", and either side may be left out")
      ->check(CLI::Validator(check_frame_range, ""))
      ->type_name("FIRST:END");
}

void add_mixed_option(CLI::App& command, CommonOptions& options) {
  command.add_flag(
      "--mixed", options.mixed,
      "Let other kinds of machines than this one make frames. The film's bits then "
      "depend on which machine made which frames; keyframes, pacing and chains are made "
      "on this kind alone, and stay the same");
}

void add_preview_option(CLI::App& command, CommonOptions& options) {
  command.add_flag("--preview", options.preview,
                   "A small film in a tenth of the time, to see whether it sits on its song: "
                   "frames say bar:beat (or the time) and their prompt, and flash on beats");
}

void add_common_options(CLI::App& command, CommonOptions& options) {
  command.add_option("scene", options.scene, "Scene file (TOML)")->required()->type_name("SCENE");
  add_scene_options(command, options);
}

std::vector<scenes::Override> overrides(const CommonOptions& options) {
  std::vector<scenes::Override> list;
  if (options.seed) list.push_back({"optimize.seed", std::to_string(*options.seed)});
  for (const auto& text : options.set) {
    const auto equals = text.find('=');
    list.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return list;
}

render::TaskWatch::Settings watch_settings(const CommonOptions& options) {
  return {.limit = parse_duration(options.task_limit), .heartbeat = options.heartbeat};
}

std::filesystem::path store_folder(const CommonOptions& options) {
  if (!options.store.empty()) return options.store;
  const auto cache = files::user_cache_folder();
  return cache.empty() ? files::private_temporary_folder() : cache;
}

}  // namespace latentreel::cli
