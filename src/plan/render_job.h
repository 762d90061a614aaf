#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ffmpeg/song.h"
#include "ffmpeg/video_settings.h"
#include "scenes/film_tracks.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/optimize/model_pack.h"
#include "src/run/machine.h"
#include "src/store/store.h"

namespace latentreel::render {

// What to render, with what, and what to leave out. Resolved by the program beforehand.
struct RenderJob {
  scenes::Scene scene;
  std::optional<ffmpeg::SongInfo> song;  // of scene.music.file
  ModelFiles models;
  Machine machine;
  int jobs = 0;                 // pieces of work done side by side; 0: as many as fit (job_count.h)
  int sharers = 1;              // processes that share cores and memory, this one included
  std::filesystem::path store;  // where finished work is kept; empty: only for this run
  std::filesystem::path store_below = {};      // looked into after it, never written; empty: none
  Reuse reuse = Reuse::yes;                    // whether to use what the store has
  std::uint64_t store_limit = 20'000'000'000;  // bytes that the store may keep after a film
  bool embed_scene = true;                     // the scene as metadata of the film
  std::string scene_text = {};  // that metadata; empty: this scene's, as of all but previews
  // Frames may be made on other kinds of machines than keyframes, whose bits then depend on which:
  // segments have names of their own.
  bool mixed = false;
  // Of a mixed plan that was made on another kind of machine: that one. It is in the names of all
  // results; what only it may make is not made here (expect_made_here).
  std::optional<Machine> planned_on = {};
  // The film is made of these frames alone; unset: of all.
  std::optional<scenes::FrameRange> range = {};
};

// The machine that names of results tell of.
const Machine& named_machine(const RenderJob& job);

// The scene's frames: its own duration, or its song's.
scenes::Timeline timeline_of(const RenderJob& job);

// What of the song's sections and lyrics is in the film.
scenes::FilmTracks tracks_of(const RenderJob& job);

// Those that the film is made of. Throws RenderError (scene) where the job's range holds none, or
// others than the scene has.
scenes::FrameRange frames_of(const RenderJob& job, const scenes::Timeline& timeline);
// Throws RenderError (scene), which says what frames the film has instead of these.
[[noreturn]] void throw_no_frames(scenes::FrameRange range, const scenes::Timeline& timeline);

// Whether the song is over before the first of the job's frames, which then have no sound.
bool is_past_song(const RenderJob& job);

// The encoder's settings; the scene text in them names no folder. The song's moment is that of the
// first frame; where the song has ended before it, there is none.
ffmpeg::VideoSettings video_settings(const RenderJob& job);
// The film's: those of the encoder, and the tracks.
ffmpeg::VideoSettings film_settings(const RenderJob& job);

// The extension of films of that codec, with its dot: ".mp4".
std::string_view film_extension(scenes::Codec codec);

}  // namespace latentreel::render
