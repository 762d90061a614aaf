#include "src/cli/submitting.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>

#include "scenes/manifest.h"
#include "src/cli/batch_films.h"
#include "src/cli/batch_results.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/open_plan.h"
#include "src/cli/scaling_text.h"
#include "src/cli/scene_plan.h"
#include "src/cli/signals.h"
#include "src/cli/sizes.h"
#include "src/cluster/album.h"
#include "src/cluster/engines.h"
#include "src/cluster/error.h"
#include "src/cluster/openjd.h"
#include "src/cluster/slurm_client.h"
#include "src/files/atomic_file.h"
#include "src/files/error.h"
#include "src/files/folders.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

// A scene's TOML does not begin so.
bool is_plan(const fs::path& file) {
  std::ifstream in(file);
  char first = 0;
  return in >> first && first == '{';
}

// A plan says all that its scene was asked for.
void expect_nothing_for_a_scene(const SubmitOptions& options) {
  if (options.set.empty() && options.device == "auto" && options.threads == 0 && !options.mixed) {
    return;
  }
  throw CLI::ValidationError("--set, --device, --threads, --mixed",
                             "they belong to a scene, and what was given is a plan, which has its "
                             "own: give them to `latentreel plan`");
}

// What is there already. A machine that hands over need not be one that could do the tasks: nothing
// then, which is said, and each task finds out for itself.
std::optional<std::set<std::string>> tasks_done(const fs::path& plan,
                                                const SubmitOptions& options) {
  try {
    std::set<std::string> done;
    render::NoProgress quiet;
    OpenPlan open(plan, options, quiet);
    for (const auto* task : open.plan().tasks()) {
      if (open.done(*task)) done.insert(task->name());
    }
    return done;
  } catch (const render::RenderError& error) {
    if (error.kind() != render::RenderError::Kind::device) throw;
    std::cerr << "latentreel: what is done already is not known here: " << error.what() << '\n';
    return std::nullopt;
  }
}

// "dawn.plan.submission" beside "dawn.plan.json".
fs::path folder_beside(const fs::path& file) {
  auto folder = file;
  return folder.replace_extension(".submission");
}

cluster::Settings settings_of(const SubmitOptions& options) {
  cluster::Settings settings;
  settings.program = fs::read_symlink("/proc/self/exe");
  settings.store = fs::absolute(store_folder(options));
  if (!options.store_from.empty()) settings.store_from = fs::absolute(options.store_from);
  settings.cores = options.cores;
  settings.at_once = options.at_once;
  if (!options.memory.empty()) {
    settings.memory_bytes = static_cast<double>(*parse_bytes(options.memory));
  }
  if (options.minutes > 0) settings.minutes = options.minutes;
  settings.shares = options.shares;
  if (!options.share_time.empty()) settings.shares.seconds = *parse_duration(options.share_time);
  settings.partition = options.partition;
  settings.account = options.account;
  settings.constraint = options.constraint;
  settings.gres = options.gres;
  settings.extra = options.extra;
  settings.hosts = options.hosts;
  return settings;
}

cluster::Engine engine_in(const SubmitOptions& options) {
  return *cluster::engine_of(options.engine);
}

// How the cluster is set up; scripts alone are also written where there is none.
void ask_cluster(cluster::Settings& settings, const SubmitOptions& options) {
  if (engine_in(options) != cluster::Engine::slurm) return;
  try {
    const auto config = cluster::ask_slurm_config();
    if (config.longest_array == 0) {
      throw cluster::ClusterError(cluster::ClusterError::Kind::unavailable,
                                  "submitting to Slurm: this cluster takes no arrays of jobs "
                                  "(MaxArraySize=0). Ask who runs it, or use --engine parallel");
    }
    settings.shares.longest_array = config.longest_array;
    settings.cluster_requeues = config.requeues_75;
  } catch (const cluster::ClusterError&) {
    if (!options.dry_run) throw;
  }
}

// How many jobs of a submission are queued or running. A dry run can be made far from the cluster,
// where nobody knows.
std::size_t active_jobs(const cluster::Submission& submission, const SubmitOptions& options) {
  try {
    return cluster::active_jobs(submission, cluster::ask_slurm_jobs());
  } catch (const cluster::ClusterError&) {
    if (options.dry_run) return 0;
    throw;
  }
}

// A plan is queued once, and not replaced under the hands of those who work on it.
bool is_queued(const fs::path& plan, const SubmitOptions& options) {
  if (engine_in(options) != cluster::Engine::slurm) return false;
  const auto submission = cluster::read_submission(cluster::submission_file(plan));
  if (!submission) return false;
  const auto active = active_jobs(*submission, options);
  if (active == 0) return false;
  std::cout << fmt::format(
      "Submitted already: {} of {} jobs are queued or running. latentreel status {} shows them, "
      "latentreel cancel {} takes them back.\n",
      active, submission->jobs.size(), shell_word(plan.string()), shell_word(plan.string()));
  return true;
}

void print_shares(const cluster::ClusterPlan& left, const cluster::Shares& shares,
                  const cluster::Settings& settings) {
  const auto some = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::cout << fmt::format("  to do     {} in {}\n", some(left.tasks.size(), "task"),
                           some(shares.shares.size(), "share"));
  std::cout << scaling_text(left, settings.shares.machines, settings.shares);
  std::cout << fmt::format("  scripts   {}\n", settings.folder.string());
}

// Words that continue what somebody would type.
std::string how_to_run(cluster::Engine engine, const cluster::Settings& settings) {
  if (engine == cluster::Engine::openjd) {
    return fmt::format("openjd run {} --step film --run-dependencies",
                       shell_word((settings.folder / cluster::kTemplate).string()));
  }
  return "sh " + shell_word((settings.folder / cluster::kSubmitScript).string());
}

// Whoever reports success may have done nothing, or on machines that do not share these folders.
void expect_film(const fs::path& plan, const cluster::ClusterPlan& left,
                 const SubmitOptions& options) {
  const auto done = tasks_done(plan, options);
  if (!done || done->contains("film")) return;
  throw cluster::ClusterError(
      cluster::ClusterError::Kind::unseen,
      fmt::format(
          "doing {} by {}: all shares ended well, but the film {} is not to be seen here. On a "
          "shared file system that may take a minute: see latentreel status {}. Else look whether "
          "all machines see these folders under the same names, and submit again",
          files::quoted(plan.string()), options.engine, files::quoted(left.film.string()),
          shell_word(plan.string())));
}

int hand_over(cluster::Engine engine, const cluster::ClusterPlan& left,
              const cluster::Shares& shares, const cluster::Settings& settings,
              const fs::path& plan, const SubmitOptions& options) {
  const auto result = cluster::hand_over(engine, left, shares, settings);
  if (!result.submission) {
    if (result.code == kDone) expect_film(plan, left, options);
    return result.code;
  }
  files::write_file(cluster::submission_file(plan), submission_text(*result.submission));
  std::cout << fmt::format("  jobs      {} in {} arrays of Slurm\n", result.submission->jobs.size(),
                           arrays_of(*result.submission).size());
  std::cout << fmt::format("  next      latentreel status {0}, or cancel {0}\n",
                           shell_word(plan.string()));
  return kDone;
}

// Of a mixed plan most machines may not do everything, and only Slurm can be told which do.
void expect_told_where(bool mixed, const SubmitOptions& options) {
  const auto engine = engine_in(options);
  if (!mixed || engine == cluster::Engine::local) return;
  if (engine == cluster::Engine::slurm && !options.constraint.empty()) return;
  throw CLI::ValidationError(
      "--constraint",
      "keyframes of a mixed plan are made on the kind of machine that it was made on: --engine "
      "slurm with --constraint says which nodes are of it; other engines take plans for one kind");
}

// Hands over what is left of a plan, scripts and logs in `folder`.
int submit_plan(const fs::path& plan, const fs::path& folder, cluster::Settings settings,
                const SubmitOptions& options) {
  settings.folder = fs::absolute(folder);
  const auto engine = engine_in(options);
  const auto all = cluster::read_cluster_plan(plan);
  const auto left =
      cluster::without(all, tasks_done(plan, options).value_or(std::set<std::string>()));
  if (left.tasks.empty()) {
    std::cout << fmt::format("Nothing is left to do: {} is there.\n", all.film.string());
    return kDone;
  }
  const auto shares = cluster::make_shares(left, settings.shares);
  cluster::write_scripts(cluster::scripts_of(engine, left, shares, settings), settings);
  std::cout << fmt::format("{}\n", plan.string());
  print_shares(left, shares, settings);
  if (options.dry_run || engine == cluster::Engine::openjd) {
    std::cout << fmt::format("  next      {}\n", how_to_run(engine, settings));
    return kDone;
  }
  std::cout.flush();
  return hand_over(engine, left, shares, settings, plan, options);
}

int submit_film(const SubmitOptions& options) {
  const bool planned = is_plan(options.scene);
  if (planned) expect_nothing_for_a_scene(options);
  const auto plan = planned ? options.scene : plan_beside(options.scene);
  if (is_queued(plan, options)) return kDone;
  if (!planned) ScenePlanner(options).write(plan, options);
  expect_told_where(cluster::read_cluster_plan(plan).mixed, options);
  auto settings = settings_of(options);
  ask_cluster(settings, options);
  return submit_plan(plan, options.output.empty() ? folder_beside(plan) : options.output, settings,
                     options);
}

// An album's films, each with a plan of its own in the album's folder. What is wrong with one is
// kept for `status`, and the others go on.
class AlbumSubmission {
 public:
  AlbumSubmission(const SubmitOptions& options, std::vector<BatchFilm> films)
      : options_(options),
        films_(std::move(films)),
        folder_(
            fs::absolute(options.output.empty() ? folder_beside(options.scene) : options.output)),
        settings_(settings_of(options)),
        planner_(options) {}

  int run() {
    ask_cluster(settings_, options_);
    records_ = records_before();
    write_records();
    for (std::size_t i = 0; i < films_.size(); ++i) {
      stop_token().check();
      records_[i] = submit(films_[i], records_[i].plan);
      write_records();
    }
    return tell();
  }

 private:
  // Of all films, so that an album that is handed over in part can be looked at and taken back:
  // what was submitted before, or that nothing was.
  std::vector<cluster::AlbumFilm> records_before() const {
    const auto known = cluster::read_album(cluster::album_file(options_.scene));
    std::vector<cluster::AlbumFilm> records;
    std::set<fs::path> plans;
    for (const auto& film : films_) {
      cluster::AlbumFilm record{.scene = film.options.scene.string(),
                                .film = {},
                                .plan = plan_of(film, plans),
                                .code = kTryAgain,
                                .error = "it was not handed over yet"};
      for (const auto& before : known.value_or(std::vector<cluster::AlbumFilm>())) {
        if (before.plan == record.plan && before.scene == record.scene) record = before;
      }
      records.push_back(std::move(record));
    }
    return records;
  }

  // "01.plan.json", or "01-2.plan.json" where another film of the album has that: films may differ
  // by their folder or ending alone.
  fs::path plan_of(const BatchFilm& film, std::set<fs::path>& plans) const {
    const auto name = (film.file.empty() ? film.options.scene : film.file).stem().string();
    auto plan = folder_ / (name + ".plan.json");
    for (int i = 2; !plans.insert(plan).second; ++i) {
      plan = folder_ / fmt::format("{}-{}.plan.json", name, i);
    }
    return plan;
  }

  void write_records() const {
    if (options_.dry_run) return;
    files::write_file(cluster::album_file(options_.scene), cluster::album_text(records_));
  }

  cluster::AlbumFilm submit(const BatchFilm& film, const fs::path& plan) {
    cluster::AlbumFilm record{.scene = film.options.scene.string(), .film = {}, .plan = plan};
    try {
      if (is_queued(record.plan, options_)) return record;
      files::make_folders_for(record.plan);
      record.film = planner_.write(record.plan, film).string();
      const int code = submit_plan(record.plan, folder_beside(record.plan), settings_, options_);
      if (code != kDone) {
        record.code = code;
        record.error = fmt::format("its shares ended with exit code {}; why is said above", code);
      }
    } catch (const render::Stopped&) {
      throw;
    } catch (const std::exception&) {
      const auto failure = current_failure();
      record.code = failure.code;
      record.error = failure.text;
      std::cerr << failure.text << '\n';
    }
    return record;
  }

  // The first film that failed names the exit code, as in `batch`.
  int tell() const {
    int code = kDone;
    std::size_t failed = 0;
    for (const auto& film : records_) {
      if (film.code == kDone) continue;
      ++failed;
      if (code == kDone) code = film.code;
      std::cout << fmt::format("failed    {}: {}\n", film.scene, on_one_line(film.error));
    }
    std::cout << fmt::format("{} of {} films {}\n", records_.size() - failed, records_.size(),
                             what_was_done());
    if (!options_.dry_run) {
      std::cout << fmt::format("  next      latentreel status {0}, or cancel {0}\n",
                               shell_word(options_.scene.string()));
    }
    return code;
  }

  const char* what_was_done() const {
    const auto engine = engine_in(options_);
    if (options_.dry_run || engine == cluster::Engine::openjd) return "planned";
    return engine == cluster::Engine::slurm ? "handed over, or there already" : "done";
  }

  const SubmitOptions& options_;
  std::vector<BatchFilm> films_;
  fs::path folder_;
  cluster::Settings settings_;
  ScenePlanner planner_;
  std::vector<cluster::AlbumFilm> records_;
};

int submit_album(const SubmitOptions& options) {
  expect_told_where(options.mixed, options);
  BatchOptions batch;
  static_cast<CommonOptions&>(batch) = options;
  batch.inputs = {options.scene};
  batch.output = options.films;
  return AlbumSubmission(options, batch_films(batch)).run();
}

}  // namespace

int submit(const SubmitOptions& options) {
  if (scenes::is_manifest(options.scene)) return submit_album(options);
  if (!options.films.empty()) {
    throw CLI::ValidationError("--films", "it belongs to an album, and what was given is one film");
  }
  return submit_film(options);
}

}  // namespace latentreel::cli
