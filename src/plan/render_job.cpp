#include "src/plan/render_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenes/scene_text.h"
#include "src/run/error.h"

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

ffmpeg::SongCodec song_codec_of(scenes::SongCodec codec) {
  switch (codec) {
    case scenes::SongCodec::automatic:
      return ffmpeg::SongCodec::automatic;
    case scenes::SongCodec::copy:
      return ffmpeg::SongCodec::copy;
    case scenes::SongCodec::alac:
      return ffmpeg::SongCodec::alac;
    case scenes::SongCodec::aac:
      break;
  }
  return ffmpeg::SongCodec::aac;
}

ffmpeg::Ratio ratio(scenes::RationalTime time) {
  return {time.numerator(), time.denominator()};
}

ffmpeg::SongPart song_part(const scenes::MusicOptions& music) {
  ffmpeg::SongPart part{.file = music.file,
                        .from = ratio(music.from),
                        .codec = song_codec_of(music.codec),
                        .gain = music.gain};
  if (music.to) part.to = ratio(*music.to);
  if (music.channels == scenes::SongChannels::stereo) {
    part.channels = ffmpeg::SongChannels::stereo;
  }
  return part;
}

std::optional<scenes::RationalTime> song_duration(const RenderJob& job) {
  if (!job.song) return std::nullopt;
  const auto seconds = job.song->seconds();
  return scenes::RationalTime(seconds.num, seconds.den);
}

ffmpeg::FilmTracks film_tracks(const scenes::FilmTracks& tracks, scenes::FrameRate fps) {
  ffmpeg::FilmTracks film{.language = tracks.language};
  for (const auto& chapter : tracks.chapters) {
    film.chapters.push_back({ratio(time_of_frame(chapter.frames.first, fps)),
                             ratio(time_of_frame(chapter.frames.end, fps)), chapter.title});
  }
  for (const auto& line : tracks.lines) {
    film.captions.push_back({ratio(line.start), ratio(line.end), line.text});
  }
  return film;
}

// Whether less than a sample of the song is left at that time of it.
bool has_ended(const ffmpeg::SongInfo& song, const scenes::MusicOptions& music,
               scenes::RationalTime time) {
  const scenes::RationalTime sample(1, song.sample_rate);
  const auto length = scenes::RationalTime(song.samples, song.sample_rate);
  return time + sample > std::min(length, music.to.value_or(length));
}

// The song from the film's first frame on; none where the song is over by then.
std::optional<ffmpeg::SongPart> song_of(const RenderJob& job) {
  const auto& music = job.scene.music;
  if (music.file.empty()) return std::nullopt;
  auto part = song_part(music);
  if (!job.range || job.range->first == 0) return part;
  if (is_past_song(job)) return std::nullopt;
  part.skip = ratio(scenes::time_of_frame(job.range->first, job.scene.video.fps));
  return part;
}

}  // namespace

const Machine& named_machine(const RenderJob& job) {
  return job.planned_on ? *job.planned_on : job.machine;
}

scenes::Timeline timeline_of(const RenderJob& job) {
  return scenes::Timeline(job.scene, song_duration(job));
}

bool is_past_song(const RenderJob& job) {
  if (!job.song || !job.range || job.range->first == 0) return false;
  const auto& music = job.scene.music;
  const auto skip = scenes::time_of_frame(job.range->first, job.scene.video.fps);
  return has_ended(*job.song, music, music.from + skip);
}

scenes::FilmTracks tracks_of(const RenderJob& job) {
  const auto timeline = timeline_of(job);
  auto tracks = scenes::film_tracks(job.scene, timeline, song_duration(job));
  if (!job.range) return tracks;
  return scenes::cut_to(frames_of(job, timeline), timeline.fps(), std::move(tracks));
}

scenes::FrameRange frames_of(const RenderJob& job, const scenes::Timeline& timeline) {
  const scenes::FrameRange whole{0, timeline.frame_count()};
  const auto range = job.range.value_or(whole);
  if (range.first >= whole.first && range.first < range.end && range.end <= whole.end) return range;
  throw_no_frames(range, timeline);
}

void throw_no_frames(scenes::FrameRange range, const scenes::Timeline& timeline) {
  throw RenderError(RenderError::Kind::scene,
                    fmt::format("choosing frames {} to {}: the film has frames 0 to {} ({}).",
                                range.first, range.end - 1, timeline.frame_count() - 1,
                                scenes::format_seconds(timeline.duration())));
}

ffmpeg::VideoSettings video_settings(const RenderJob& job) {
  const auto& video = job.scene.video;
  ffmpeg::VideoSettings settings;
  settings.width = video.width;
  settings.height = video.height;
  settings.output_width = video.output_width;
  settings.output_height = video.output_height;
  settings.fps = {video.fps.numerator, video.fps.denominator};
  settings.codec = codec_of(video.codec);
  settings.quality = video.quality;
  settings.threads = kEncoderThreads;
  settings.gop = static_cast<int>(scenes::gop_frames(video.fps));
  settings.title = job.scene.title;
  settings.artist = job.scene.artist;
  if (job.embed_scene) {
    settings.scene_text = job.scene_text.empty() ? scenes::scene_text(job.scene) : job.scene_text;
  }
  settings.song = song_of(job);
  return settings;
}

ffmpeg::VideoSettings film_settings(const RenderJob& job) {
  auto settings = video_settings(job);
  settings.tracks = film_tracks(tracks_of(job), job.scene.video.fps);
  return settings;
}

std::string_view film_extension(scenes::Codec codec) {
  return ffmpeg::file_extension(codec_of(codec));
}

}  // namespace latentreel::render
