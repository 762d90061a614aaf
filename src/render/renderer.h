#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ffmpeg/muxer.h"
#include "ffmpeg/song.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/render/keyframes.h"
#include "src/render/latent_path.h"
#include "src/render/machine.h"
#include "src/render/model_pack.h"
#include "src/render/progress.h"
#include "src/render/stop.h"

// A scene becomes a film: keyframes, then the path through their latents, then frames, encoded as
// they are decoded.

namespace latentreel::render {

// What to render, with what, and what to leave out. Resolved by the program beforehand.
struct RenderJob {
  scenes::Scene scene;
  std::optional<ffmpeg::SongInfo> song;  // of scene.music.file
  ModelFiles models;
  Machine machine;
  std::filesystem::path store;  // where finished keyframes are kept; empty: nowhere
  Reuse reuse = Reuse::yes;     // of what the store has
  bool embed_scene = true;      // the scene as metadata of the film
};

// What was made, and how long each part took (seconds).
struct RenderSummary {
  ffmpeg::FilmSummary film;
  std::vector<KeyframeResult> keyframes;
  double loading = 0, optimizing = 0, pacing = 0, encoding = 0;
};

// The film's frames: the scene's own duration, or its song's.
scenes::Timeline timeline_of(const RenderJob& job);

// What the encoder is told. `file` is where the film goes; its scene text holds no folder.
ffmpeg::VideoSettings video_settings(const RenderJob& job, const models::VqganConfig& vqgan);

// The extension of films of that codec, with its dot: ".mp4".
std::string_view film_extension(scenes::Codec codec);

// Renders to `file`, which is replaced only by a finished film. The output is opened before
// anything is optimized, so a film that cannot be written is known at once. Throws RenderError,
// MediaError, WeightsError, SceneError or Stopped.
RenderSummary render_film(const RenderJob& job, const std::filesystem::path& file,
                          Progress& progress, const StopToken& stop);

// Writes the frames of `range` into `folder` as numbered PNGs, bit-equal to what the encoder would
// receive. Returns how many.
int64_t render_pictures(const RenderJob& job, const std::filesystem::path& folder,
                        scenes::FrameRange range, Progress& progress, const StopToken& stop);

}  // namespace latentreel::render
