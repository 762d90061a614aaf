#include "src/cli/job.h"

#include <fmt/format.h>

#include <algorithm>

#include "ffmpeg/song.h"
#include "ffmpeg/video_clip.h"
#include "scenes/preview.h"
#include "scenes/scene_text.h"
#include "src/cli/frame_range.h"
#include "src/cli/progress_choice.h"
#include "src/cli/sizes.h"
#include "src/files/error.h"
#include "src/library/model_names.h"
#include "src/music/lyrics.h"
#include "src/run/device.h"
#include "src/run/error.h"
#include "src/run/limits.h"

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

// The film carries the whole scene: that is what somebody who likes the preview wants back.
void make_preview(render::RenderJob& job) {
  auto preview = scenes::preview_of(job.scene);
  preview.notes.insert(preview.notes.begin(),
                       "this is a preview: " + scenes::preview_text(job.scene, preview));
  job.scene_text = scenes::scene_text(job.scene);
  job.scene = std::move(preview);
}

// A film of footage lasts as long as the clip does, where nothing else says how long.
void complete_duration(render::RenderJob& job, render::Progress& progress) {
  auto& scene = job.scene;
  ffmpeg::VideoClip clip(scene.source.video);
  const auto [num, den] = clip.length().seconds;
  for (const auto& warning : clip.warnings()) progress.report(render::Warning{warning});
  const auto left = scenes::RationalTime(num, den) - scene.source.from;
  if (left <= scenes::RationalTime()) {
    throw render::RenderError(
        render::RenderError::Kind::scene,
        fmt::format(
            "reading {}: it lasts {:.2f} s, and from in [source] is {}. Set an earlier time.",
            files::quoted(scene.source.video.filename().string()), clip.length().seconds.value(),
            scenes::format_seconds(scene.source.from)));
  }
  if (scene.video.duration || job.song) return;
  const auto& last = scene.keyframes.back();
  scene.video.duration =
      std::max(left, last.at + last.hold + scenes::time_of_frame(1, scene.video.fps));
}

void read_song(render::RenderJob& job, render::Progress& progress) {
  job.song = ffmpeg::probe_song(job.scene.music.file);
  for (const auto& warning : job.song->warnings) progress.report(render::Warning{warning});
  const auto& to = job.scene.music.to;
  const double seconds = job.song->seconds().value();
  if (to && to->to_seconds() > seconds + 0.001) {
    progress.report(render::Warning{fmt::format(
        "the song ends at {:.2f} s, before the end of its part at {:.2f} s ([music] to)", seconds,
        to->to_seconds())});
  }
}

// No error: models may be found elsewhere.
void tell_missing_folder(const std::filesystem::path& folder, render::Progress& progress) {
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return;
  progress.report(render::Warning{
      fmt::format("there is no folder {} (--models); models are looked for in the usual ones",
                  files::quoted(folder.string()))});
}

}  // namespace

render::RenderJob make_job(const CommonOptions& options) {
  const auto progress = make_progress(options.progress, {});
  render::RenderJob job;
  job.scene = scenes::read_scene(options.scene, overrides(options), music::read_subtitle_lines);
  if (!job.scene.music.file.empty()) read_song(job, *progress);
  if (job.scene.source.on()) complete_duration(job, *progress);
  complete_names(job.scene, job.song ? scenes::SongTags{job.song->title, job.song->artist, {}}
                                     : scenes::SongTags());
  if (options.preview) make_preview(job);  // of a scene that has all its names

  tell_missing_folder(options.models, *progress);
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
  render::check_address_space();
  job.machine = render::resolve_machine(choice.device, options.threads);
  job.mixed = options.mixed;
  job.jobs = options.jobs;
  job.sharers = options.sharers;
  job.store = store_folder(options);
  job.store_below = options.store_from;
  job.store_limit = *parse_bytes(options.store_limit);
  job.reuse = options.force ? render::Reuse::no : render::Reuse::yes;
  return job;
}

render::RenderJob make_film_job(const CommonOptions& options) {
  auto job = make_job(options);
  const auto progress = make_progress(options.progress, {});
  if (!options.range.empty()) job.range = frames_asked(options.range, job, *progress);
  if (render::is_past_song(job)) {
    progress->report(render::Warning{"the song is over before these frames: they have no sound"});
  }
  return job;
}

scenes::FrameRange frames_asked(const std::string& range, const render::RenderJob& job,
                                render::Progress& progress) {
  const auto total = render::timeline_of(job).frame_count();
  if (range.empty()) return {0, total};
  return frames_in_film(parse_frame_range(range, job.scene, total), job, progress);
}

scenes::FrameRange frames_in_film(scenes::FrameRange range, const render::RenderJob& job,
                                  render::Progress& progress) {
  const auto timeline = render::timeline_of(job);
  const auto total = timeline.frame_count();
  const scenes::FrameRange inside{std::clamp<int64_t>(range.first, 0, total),
                                  std::clamp<int64_t>(range.end, 0, total)};
  if (inside.first >= inside.end) render::throw_no_frames(range, timeline);
  if (inside != range) {
    const auto there = range.first < 0 ? std::string("the film begins at frame 0")
                                       : fmt::format("the film ends at frame {}", total - 1);
    progress.report(render::Warning{
        fmt::format("{}: writing frames {} to {}", there, inside.first, inside.end - 1)});
  }
  return inside;
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
  request.preview = options.preview;
  request.range = options.range;
  if (!options.models.empty()) request.models = std::filesystem::absolute(options.models);
  request.film = std::filesystem::absolute(film);
  request.device = job.machine.device.is_cpu() ? "cpu" : "cuda";
  request.threads = job.machine.threads;
  request.mixed = options.mixed;
  return request;
}

CommonOptions options_of(const render::PlanRequest& request) {
  CommonOptions options;
  options.scene = request.scene;
  options.set = request.set;
  options.preview = request.preview;
  options.range = request.range;
  options.models = request.models;
  options.device = request.device;
  options.threads = request.threads;
  options.mixed = request.mixed;
  return options;
}

}  // namespace latentreel::cli
