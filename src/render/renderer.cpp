#include "src/render/renderer.h"

#include <fmt/format.h>

#include "scenes/scene_text.h"
#include "src/render/error.h"
#include "src/render/frame_decoder.h"
#include "src/render/frame_sink.h"
#include "src/render/frame_stream.h"
#include "src/render/lap_timer.h"

namespace latentreel::render {
namespace {

// Encoder threads are a constant: x264's bits depend on them.
constexpr int kEncoderThreads = 2;

ffmpeg::VideoCodec codec_of(scenes::Codec codec) {
  switch (codec) {
    case scenes::Codec::h264:
      return ffmpeg::VideoCodec::h264;
    case scenes::Codec::hevc:
      return ffmpeg::VideoCodec::hevc;
    case scenes::Codec::av1:
      return ffmpeg::VideoCodec::av1;
    case scenes::Codec::prores:
      return ffmpeg::VideoCodec::prores;
    case scenes::Codec::ffv1:
      break;
  }
  return ffmpeg::VideoCodec::ffv1;
}

ffmpeg::Ratio ratio(scenes::RationalTime time) {
  return {time.numerator(), time.denominator()};
}

// What the frames need: the latents, joined, and their decoder.
struct Reel {
  std::vector<KeyframeResult> keyframes;
  std::optional<LatentPath> path;
  std::optional<FrameDecoder> decoder;
};

// A size between two grids becomes the smaller one, and that is said.
void note_rounded_size(const scenes::VideoOptions& video, const models::VqganConfig& vqgan,
                       Progress& progress) {
  const auto grid = grid_of(video, vqgan);
  const auto width = grid.width * vqgan.factor(), height = grid.height * vqgan.factor();
  if (width == video.width && height == video.height) return;
  progress.warning(fmt::format("[video] size {}x{} becomes {}x{}: the VQGAN works in steps of {}",
                               video.width, video.height, width, height, vqgan.factor()));
}

void measure_paces(Reel& reel, Progress& progress, const StopToken& stop) {
  std::vector<Pace> paces;
  for (size_t i = 0; i < reel.path->timeline().intervals().size(); ++i) {
    const auto task = fmt::format("pace:{}", i);
    progress.task(task, TaskState::started);
    paces.push_back(measure_pace(*reel.path, i, *reel.decoder, stop));
    progress.task(task, TaskState::finished);
  }
  reel.path->set_paces(std::move(paces));
}

Reel make_reel(const RenderJob& job, const scenes::Timeline& timeline, ModelPack& models,
               Progress& progress, const StopToken& stop, RenderSummary& summary) {
  LapTimer timer;
  note_rounded_size(job.scene.video, models.vqgan_config(), progress);
  std::optional<KeyframeStore> store;
  if (!job.store.empty()) store.emplace(job.store, job.reuse, progress);
  Reel reel;
  reel.keyframes =
      KeyframeMaker(job.scene, models, job.machine, store ? &*store : nullptr, progress, stop)
          .make_all();
  summary.optimizing = timer.lap();

  std::vector<Latent> latents;
  for (const auto& keyframe : reel.keyframes) latents.push_back(keyframe.latent);
  reel.path.emplace(timeline, job.scene.interpolate, std::move(latents));
  // Frames are decoded in the precision of the first keyframe, so a keyframe is what it scored as.
  reel.decoder.emplace(models.vqgan(job.scene.keyframes.front().optimize.precision),
                       ffmpeg::bit_depth(codec_of(job.scene.video.codec)));
  if (job.scene.interpolate.pacing == scenes::Pacing::even) {
    measure_paces(reel, progress, stop);
  }
  summary.pacing = timer.lap();
  return reel;
}

}  // namespace

scenes::Timeline timeline_of(const RenderJob& job) {
  std::optional<scenes::RationalTime> song;
  if (job.song) {
    const auto seconds = job.song->seconds();
    song = scenes::RationalTime(seconds.num, seconds.den);
  }
  return scenes::Timeline(job.scene, song);
}

ffmpeg::VideoSettings video_settings(const RenderJob& job, const models::VqganConfig& vqgan) {
  const auto& video = job.scene.video;
  const auto grid = grid_of(video, vqgan);
  ffmpeg::VideoSettings settings;
  settings.width = static_cast<int>(grid.width * vqgan.factor());
  settings.height = static_cast<int>(grid.height * vqgan.factor());
  settings.output_width = video.output_width;
  settings.output_height = video.output_height;
  settings.fps = {video.fps.numerator, video.fps.denominator};
  settings.codec = codec_of(video.codec);
  settings.quality = video.quality;
  settings.threads = kEncoderThreads;
  settings.gop = static_cast<int>(scenes::gop_frames(video.fps));
  settings.title = job.scene.title;
  if (job.embed_scene) settings.scene_text = scenes::scene_text(job.scene);
  if (!job.scene.music.file.empty()) {
    settings.song = ffmpeg::SongPart{
        .file = job.scene.music.file, .from = ratio(job.scene.music.from), .to = {}};
    if (job.scene.music.to) settings.song->to = ratio(*job.scene.music.to);
  }
  return settings;
}

std::string_view film_extension(scenes::Codec codec) {
  return ffmpeg::file_extension(codec_of(codec));
}

RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop) {
  LapTimer timer;
  RenderSummary summary;
  const auto timeline = timeline_of(job);
  ModelPack models(job.models, job.machine);
  FilmSink sink(file, video_settings(job, models.vqgan_config()));
  summary.loading = timer.lap();

  auto reel = make_reel(job, timeline, models, progress, stop, summary);
  timer.restart();
  progress.task("film", TaskState::started);
  stream_frames(*reel.path, *reel.decoder, {0, timeline.frame_count()}, sink, progress, stop);
  sink.finish();
  progress.task("film", TaskState::finished);
  summary.encoding = timer.lap();
  summary.film = *sink.summary();
  summary.keyframes = std::move(reel.keyframes);
  return summary;
}

int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop) {
  const auto timeline = timeline_of(job);
  ModelPack models(job.models, job.machine);
  RenderSummary summary;
  auto reel = make_reel(job, timeline, models, progress, stop, summary);
  PictureSink sink(folder);
  stream_frames(*reel.path, *reel.decoder, range, sink, progress, stop);
  sink.finish();
  return range.size();
}

}  // namespace latentreel::render
