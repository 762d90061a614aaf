#include "src/render/plan.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <span>

#include "ffmpeg/video_encoder.h"
#include "models/files/digest.h"
#include "src/render/cutouts.h"
#include "src/render/frame_decoder.h"
#include "src/render/keyframe_hash.h"

namespace latentreel::render {
namespace {

using nlohmann::json;

// A segment is one closed group of pictures: about two seconds, the most that a kill can cost.
constexpr int kGroupsPerSegment = 1;

std::string hash(const json& content) {
  const auto text = content.dump();
  return models::sha256_of(std::as_bytes(std::span(text)));
}

json describe(const ffmpeg::VideoSettings& video) {
  return {{"size", {video.width, video.height}},
          {"output", {video.output_width, video.output_height}},
          {"fps", {video.fps.num, video.fps.den}},
          {"codec", ffmpeg::codec_name(video.codec)},
          {"quality", video.quality.value_or(-1)},
          {"threads", video.threads},
          {"gop", video.gop},
          {"library", ffmpeg::encoder_version()}};
}

// The keyframes that an interval's latents are made of.
std::set<int> keys_of(const scenes::Interval& interval, const scenes::Timeline& timeline,
                      scenes::PathKind path) {
  std::set<int> keys = {interval.from, interval.to};
  if (path != scenes::PathKind::spline) return keys;
  for (const auto& other : timeline.intervals()) {  // a tangent looks at both neighbours
    if (other.to == interval.from) keys.insert(other.from);
    if (other.from == interval.to) keys.insert(other.to);
  }
  return keys;
}

// Makes the tasks of one job, each from the outputs of those before it.
class Planner {
 public:
  Planner(const RenderJob& job, ModelPack& models)
      : job_(job),
        models_(models),
        video_(video_settings(job, models.vqgan_config())),
        plan_{.timeline = timeline_of(job),
              .grid = grid_of(job.scene.video, models.vqgan_config()),
              .keys = {},
              .paces = {},
              .segments = {},
              .film = {},
              .ranges = {}} {}

  RenderPlan make() {
    add_keys();
    if (job_.scene.interpolate.pacing == scenes::Pacing::even) add_paces();
    plan_.ranges =
        scenes::segments(plan_.timeline.frame_count(), plan_.timeline.fps(), kGroupsPerSegment);
    for (size_t i = 0; i < plan_.ranges.size(); ++i) add_segment(i);
    add_film();
    return std::move(plan_);
  }

 private:
  void add_keys() {
    for (size_t i = 0; i < job_.scene.keyframes.size(); ++i) {
      const auto& keyframe = job_.scene.keyframes[i];
      Task task{.kind = Task::Kind::key, .index = static_cast<int>(i), .output = {}, .needs = {}};
      task.output = keyframe_hash(keyframe, models_, plan_.grid, job_.machine, kCutoutChunk,
                                  i > 0 ? plan_.keys.back().output : "");
      if (keyframe.optimize.start == scenes::StartKind::previous) {
        task.needs.push_back(plan_.keys.back().name());
      }
      plan_.keys.push_back(std::move(task));
    }
  }

  // What every decoded picture depends on besides its latent.
  json decoder() {
    const auto dtype = job_.machine.dtype(frame_precision(job_.scene));
    return {{"numerics", kNumericsVersion},     {"vqgan", models_.vqgan_digest()},
            {"machine", job_.machine.kind},     {"threads", job_.machine.threads},
            {"dtype", static_cast<int>(dtype)}, {"grid", {plan_.grid.height, plan_.grid.width}},
            {"group", job_.machine.frame_group}};
  }

  json path_of(const scenes::Interval& interval) const {
    json path = {static_cast<int>(job_.scene.interpolate.path), plan_.keys[interval.from].output,
                 plan_.keys[interval.to].output};
    if (job_.scene.interpolate.path != scenes::PathKind::spline) return path;
    for (const auto& other : plan_.timeline.intervals()) {
      if (other.to != interval.from && other.from != interval.to && !(other == interval)) continue;
      path.push_back(
          {plan_.keys[other.from].output, plan_.keys[other.to].output, other.last - other.first});
    }
    return path;
  }

  void add_paces() {
    for (size_t i = 0; i < plan_.timeline.intervals().size(); ++i) {
      const auto& interval = plan_.timeline.intervals()[i];
      Task task{.kind = Task::Kind::pace, .index = static_cast<int>(i), .output = {}, .needs = {}};
      task.output =
          hash({{"path", path_of(interval)}, {"decoder", decoder()}, {"probes", kPaceProbes}});
      for (const int key : keys_of(interval, plan_.timeline, job_.scene.interpolate.path)) {
        task.needs.push_back(plan_.keys[key].name());
      }
      plan_.paces.push_back(std::move(task));
    }
  }

  // What each frame of a range shows: a keyframe, or how far it is along which interval, counted
  // from `first`: an inserted keyframe shifts the numbers of all later ones.
  json frames_of(scenes::FrameRange range, int first) const {
    json frames = json::array();
    for (auto frame = range.first; frame < range.end; ++frame) {
      const auto position = plan_.timeline.at(frame);
      const auto interval = plan_.timeline.interval_at(frame);
      if (interval && position.amount > 0) {
        frames.push_back({static_cast<int>(*interval) - first, position.amount});
      } else {
        frames.push_back(plan_.keys[position.from].output);
      }
    }
    return frames;
  }

  void add_segment(size_t index) {
    const auto range = plan_.ranges[index];
    const auto shown = shown_in(range, plan_.timeline, job_.scene.interpolate.path);
    const int first = shown.intervals.empty() ? 0 : *shown.intervals.begin();
    json content = {{"frames", frames_of(range, first)},
                    {"easing", static_cast<int>(job_.scene.interpolate.easing)},
                    {"decoder", decoder()},
                    {"video", describe(video_)}};
    Task task{
        .kind = Task::Kind::segment, .index = static_cast<int>(index), .output = {}, .needs = {}};
    for (const int key : shown.keys) task.needs.push_back(plan_.keys[key].name());
    for (const int interval : shown.intervals) {
      content["paths"].push_back(path_of(plan_.timeline.intervals()[interval]));
      if (plan_.paces.empty()) continue;
      content["paces"].push_back(plan_.paces[interval].output);
      task.needs.push_back(plan_.paces[interval].name());
    }
    task.output = hash(content);
    plan_.segments.push_back(std::move(task));
  }

  void add_film() {
    json content = {{"title", video_.title}, {"scene", video_.scene_text}};
    for (const auto& segment : plan_.segments) content["segments"].push_back(segment.output);
    if (video_.song) {
      content["song"] = {models_.digest_of(video_.song->file), video_.song->from.num,
                         video_.song->from.den};
      if (video_.song->to) {
        content["song"].push_back(video_.song->to->num);
        content["song"].push_back(video_.song->to->den);
      }
    }
    plan_.film.output = hash(content);
    for (const auto& segment : plan_.segments) plan_.film.needs.push_back(segment.name());
  }

  const RenderJob& job_;
  ModelPack& models_;
  ffmpeg::VideoSettings video_;
  RenderPlan plan_;
};

}  // namespace

std::string Task::name() const {
  switch (kind) {
    case Kind::key:
      return fmt::format("key:{}", index);
    case Kind::pace:
      return fmt::format("pace:{}", index);
    case Kind::segment:
      return fmt::format("seg:{}", index);
    case Kind::film:
      break;
  }
  return "film";
}

std::vector<const Task*> RenderPlan::tasks() const {
  std::vector<const Task*> all;
  for (const auto* list : {&keys, &paces, &segments}) {
    for (const auto& task : *list) all.push_back(&task);
  }
  all.push_back(&film);
  return all;
}

Shown shown_in(scenes::FrameRange range, const scenes::Timeline& timeline, scenes::PathKind path) {
  Shown shown;
  for (auto frame = range.first; frame < range.end; ++frame) {
    const auto position = timeline.at(frame);
    const auto interval = timeline.interval_at(frame);
    if (interval && position.amount > 0) {
      shown.intervals.insert(static_cast<int>(*interval));
    } else {
      shown.keys.insert(position.from);
    }
  }
  for (const int interval : shown.intervals) {
    shown.keys.merge(keys_of(timeline.intervals()[interval], timeline, path));
  }
  return shown;
}

scenes::Precision frame_precision(const scenes::Scene& scene) {
  return scene.keyframes.front().optimize.precision;
}

RenderPlan make_plan(const RenderJob& job, ModelPack& models) {
  return Planner(job, models).make();
}

}  // namespace latentreel::render
