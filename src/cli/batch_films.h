#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/common_options.h"
#include "src/plan/renderer.h"

namespace latentreel::cli {

// What a batch is asked to render.
struct BatchOptions : CommonOptions {
  std::vector<std::filesystem::path> inputs;  // scenes, or one manifest
  std::filesystem::path output;               // the folder of the films; empty: this one
  std::filesystem::path results;              // empty: none
  std::string devices = "auto";               // "cuda:0,cuda:1"
  bool dry_run = false;
  bool worker = false;  // does tasks that it reads from standard input
};

// One film of a batch, before its scene is read.
struct BatchFilm {
  CommonOptions options;       // with its scene and settings
  std::filesystem::path file;  // empty: in `folder`, named after the scene
  std::filesystem::path folder;
  // Where it goes; a preview has "-preview" behind its name.
  std::filesystem::path target(const scenes::Scene& scene) const;
};

// The films in the order given. Throws SceneError for a manifest that is wrong, RenderError (scene)
// where two films would get the same name.
std::vector<BatchFilm> batch_films(const BatchOptions& options);

// The networks of several jobs, each made once.
class SharedModels {
 public:
  // Digests of their files are kept in the store that `options` names. `progress` must outlive
  // this.
  SharedModels(const CommonOptions& options, render::Progress& progress);
  std::shared_ptr<render::ModelPack> of(const render::RenderJob& job);
  // The same, and those of all other jobs are given back unless somebody uses them: for whoever
  // measures the memory that one job takes.
  std::shared_ptr<render::ModelPack> only_of(const render::RenderJob& job);

 private:
  struct Known {
    render::ModelFiles files;
    std::shared_ptr<render::ModelPack> models;
  };
  render::UsableStore store_;
  render::FileDigests digests_;
  std::vector<Known> known_;
};

// A film of a batch, opened.
struct OpenFilm {
  OpenFilm(const BatchFilm& film, SharedModels& shared, render::Progress& progress);
  // The same for a job that was made already.
  OpenFilm(const BatchFilm& film, render::RenderJob made, SharedModels& shared,
           render::Progress& progress);

  render::RenderJob job;
  std::filesystem::path file;
  render::RenderSession session;
};

}  // namespace latentreel::cli
