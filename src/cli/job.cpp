#include "src/cli/job.h"

#include <fmt/format.h>

#include "ffmpeg/song.h"
#include "src/cli/progress_choice.h"
#include "src/cli/sizes.h"
#include "src/library/model_names.h"
#include "src/music/lyrics.h"
#include "src/run/device.h"

namespace latentreel::cli {

using library::ModelKind;

namespace {

// What the person should know of the scene before it is rendered.
void tell_notes(const CommonOptions& options, const scenes::Scene& scene,
                render::Progress& progress) {
  for (const auto& note : scene.notes) progress.report(render::Warning{note});
  if (options.seed_is_drawn) {
    progress.report(render::Warning{
        fmt::format("the seed drawn is {0}; --seed {0} makes the same film again", *options.seed)});
  }
}

}  // namespace

render::RenderJob make_job(const CommonOptions& options) {
  const auto progress = make_progress(options.progress, {});
  render::RenderJob job;
  job.scene = scenes::read_scene(options.scene, overrides(options), music::read_subtitle_lines);
  if (!job.scene.music.file.empty()) {
    job.song = ffmpeg::probe_song(job.scene.music.file);
    for (const auto& warning : job.song->warnings) progress->report(render::Warning{warning});
  }
  complete_names(job.scene, job.song ? scenes::SongTags{job.song->title, job.song->artist, {}}
                                     : scenes::SongTags());

  const auto names = library::ModelNames::standard(options.models);
  job.models.vqgan_name = job.scene.models.vqgan;
  job.models.vqgan = names.find(job.scene.models.vqgan, ModelKind::vqgan);
  for (const auto& clip : job.scene.models.clip) {
    job.models.clips.push_back(
        {.name = clip.name, .file = names.find(clip.name, ModelKind::clip), .weight = clip.weight});
  }
  tell_notes(options, job.scene, *progress);
  const auto choice = render::resolve_device(options.device);
  if (!choice.warning.empty()) progress->report(render::Warning{choice.warning});
  job.machine = render::resolve_machine(choice.device, options.threads);
  job.jobs = options.jobs;
  job.sharers = options.sharers;
  job.store = store_folder(options);
  job.store_limit = *parse_bytes(options.store_limit);
  job.reuse = options.force ? render::Reuse::no : render::Reuse::yes;
  return job;
}

render::PlanRequest request_of(const CommonOptions& options, const render::RenderJob& job,
                               const std::filesystem::path& film) {
  render::PlanRequest request;
  request.scene = std::filesystem::absolute(options.scene);
  request.set = options.set;
  if (options.seed) {
    request.set.insert(request.set.begin(), "optimize.seed=" + std::to_string(*options.seed));
  }
  request.embed_scene = job.embed_scene;
  if (!options.models.empty()) request.models = std::filesystem::absolute(options.models);
  request.film = std::filesystem::absolute(film);
  request.device = job.machine.device.is_cpu() ? "cpu" : "cuda";
  request.threads = job.machine.threads;
  return request;
}

CommonOptions options_of(const render::PlanRequest& request) {
  CommonOptions options;
  options.scene = request.scene;
  options.set = request.set;
  options.models = request.models;
  options.device = request.device;
  options.threads = request.threads;
  return options;
}

}  // namespace latentreel::cli
