#include "src/cli/batch_films.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "scenes/manifest.h"
#include "src/cli/film_name.h"
#include "src/cli/job.h"
#include "src/cli/signals.h"
#include "src/run/error.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

std::vector<scenes::ManifestFilm> listed(const BatchOptions& options) {
  if (options.inputs.size() == 1 && scenes::is_manifest(options.inputs.front())) {
    return scenes::read_manifest(options.inputs.front());
  }
  std::vector<scenes::ManifestFilm> films;
  for (const auto& scene : options.inputs) {
    films.push_back({.scene = scene, .output = {}, .overrides = {}, .line = 0});
  }
  return films;
}

// Adds what a film may be called that was asked for as `name`: without an extension, any codec's
// may be put behind it. False where another film may be called so.
bool add_names(const fs::path& name, std::set<fs::path>& names) {
  if (name.has_extension()) return names.insert(name).second;
  bool all_new = true;
  for (const auto* extension : {".mp4", ".mov", ".mkv"}) {
    all_new = names.insert(name.string() + extension).second && all_new;
  }
  return all_new;
}

bool same(const render::ModelFiles& a, const render::ModelFiles& b) {
  if (a.vqgan != b.vqgan || a.clips.size() != b.clips.size()) return false;
  for (size_t i = 0; i < a.clips.size(); ++i) {
    if (a.clips[i].file != b.clips[i].file || a.clips[i].weight != b.clips[i].weight) return false;
  }
  return true;
}

}  // namespace

fs::path BatchFilm::target(const scenes::Scene& scene) const {
  const std::string added = options.preview ? "-preview" : "";
  if (file.empty()) return folder / default_film(options.scene, scene, added);
  // The manifest names the films; a preview must not take the place of one.
  auto name = film_file(file, options.scene, scene);
  name.replace_filename(name.stem().string() + added + name.extension().string());
  return name;
}

std::vector<BatchFilm> batch_films(const BatchOptions& options) {
  std::vector<BatchFilm> films;
  std::set<fs::path> names;
  for (const auto& entry : listed(options)) {
    BatchFilm film{.options = options, .file = {}, .folder = options.output};
    film.options.scene = entry.scene;
    // What the call says wins over what the manifest says.
    film.options.set.clear();
    for (const auto& [key, value] : entry.overrides) film.options.set.push_back(key + "=" + value);
    film.options.set.insert(film.options.set.end(), options.set.begin(), options.set.end());
    if (!entry.output.empty()) film.file = options.output / entry.output;
    const auto name = film.file.empty() ? options.output / entry.scene.stem() : film.file;
    if (!add_names(name, names)) {
      throw render::RenderError(
          render::RenderError::Kind::scene,
          fmt::format(
              "listing the films: two would be called {}. Give each an output in a manifest.",
              name.string()));
    }
    films.push_back(std::move(film));
  }
  return films;
}

SharedModels::SharedModels(const CommonOptions& options, render::Progress& progress)
    : store_(store_folder(options), render::Reuse::yes, progress), digests_(&store_.store()) {}

std::shared_ptr<render::ModelPack> SharedModels::of(const render::RenderJob& job) {
  for (const auto& known : known_) {
    if (same(known.files, job.models)) return known.models;
  }
  known_.push_back(
      {job.models, std::make_shared<render::ModelPack>(job.models, job.machine, &digests_)});
  return known_.back().models;
}

std::shared_ptr<render::ModelPack> SharedModels::only_of(const render::RenderJob& job) {
  std::erase_if(known_, [&](const Known& known) { return !same(known.files, job.models); });
  return of(job);
}

OpenFilm::OpenFilm(const BatchFilm& film, SharedModels& shared, render::Progress& progress)
    : OpenFilm(film, make_job(film.options), shared, progress) {}

OpenFilm::OpenFilm(const BatchFilm& film, render::RenderJob made, SharedModels& shared,
                   render::Progress& progress)
    : job(std::move(made)),
      file(film.target(job.scene)),
      session(job, shared.of(job), progress, stop_token()) {}

}  // namespace latentreel::cli
