#include "src/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stdexcept>

#include "ffmpeg/video_encoder.h"
#include "scenes/option_values.h"
#include "src/files/digest.h"
#include "src/footage/optical_flow.h"
#include "src/frames/caption.h"
#include "src/frames/decoded_frames.h"
#include "src/optimize/chain_maker.h"
#include "src/optimize/cutouts.h"
#include "src/plan/keyframe_hash.h"
#include "src/plan/prompt_lengths.h"

namespace latentreel::render {
namespace {

using nlohmann::json;

// Raised by hand whenever the same song is put into a film otherwise than before.
constexpr int kSongVersion = 4;
// The same for chapters and subtitles.
constexpr int kTracksVersion = 1;
// Raised by hand whenever the same caption is drawn on a frame otherwise than before.
constexpr int kCaptionVersion = 1;
// Raised by hand whenever the same frame grows otherwise out of the one before it.
constexpr int kChainVersion = 1;

std::string hash(const json& content) {
  return files::sha256_of_text(content.dump());
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

// All but the song itself.
json describe(const ffmpeg::SongPart& part) {
  json text = {{"version", kSongVersion},
               {"from", {part.from.num, part.from.den}},
               {"codec", static_cast<int>(part.codec)},
               {"channels", static_cast<int>(part.channels)}};
  if (part.to) text["to"] = {part.to->num, part.to->den};
  // Films that begin with their part's first sample are told as they always were.
  if (part.skip.num != 0) text["skip"] = {part.skip.num, part.skip.den};
  if (part.gain) text["gain"] = *part.gain;  // none is "auto"
  return text;
}

json describe(const ffmpeg::FilmTracks& tracks) {
  json text = {{"version", kTracksVersion}, {"language", tracks.language}};
  for (const auto& [start, end, title] : tracks.chapters) {
    text["chapters"].push_back({start.num, start.den, end.num, end.den, title});
  }
  for (const auto& [start, end, line] : tracks.captions) {
    text["captions"].push_back({start.num, start.den, end.num, end.den, line});
  }
  return text;
}

// By keyframe: a hash of what it asks of the frames that follow its prompts.
using PromptHashes = std::map<int, std::string>;

// A frame's fields with what its numbers name: the outputs of tasks in place of keyframes,
// intervals and parts of chains, so that the same picture has the same description in every film.
class Description {
 public:
  Description(const RenderPlan& plan, bool paced, const PromptHashes& asked)
      : plan_(plan), paced_(paced), asked_(asked) {}

  template <class Value>
  void operator()(std::string_view, const Value& value) {
    values_.push_back(value);
  }
  void operator()(std::string_view, scenes::KeyframeRef keyframe) {
    values_.push_back(keyframe.index < 0 ? "" : plan_.keys[keyframe.index].output);
  }
  void operator()(std::string_view, scenes::IntervalRef interval) {
    values_.push_back(paced_ ? plan_.paces[interval.index].output : "");
  }
  void operator()(std::string_view, scenes::ChainRef part) {
    values_.push_back(plan_.chains[part.index].output);
  }
  void operator()(std::string_view, scenes::PromptsRef keyframe) {
    values_.push_back(asked_.at(keyframe.index));
  }
  json take() && { return std::move(values_); }

 private:
  const RenderPlan& plan_;
  bool paced_;
  const PromptHashes& asked_;
  json values_ = json::array();
};

// Collects what a frame is made of.
struct Collect {
  MadeOf& parts;
  bool paced;

  template <class Value>
  void operator()(std::string_view, const Value&) const {}
  void operator()(std::string_view, scenes::KeyframeRef keyframe) const {
    if (keyframe.index >= 0) parts.keys.insert(keyframe.index);
  }
  void operator()(std::string_view, scenes::IntervalRef interval) const {
    if (paced) parts.paces.insert(interval.index);
  }
  void operator()(std::string_view, scenes::ChainRef part) const {
    parts.chains.insert(part.index);
  }
};

void collect(const scenes::FrameSpec& frame, MadeOf& parts) {
  visit_fields(frame, Collect{parts, frame.paced});
}

// A keyframe's picture with weights of another time would be wrong in silence.
void check_weights(const RenderJob& job, const scenes::Signals& signals) {
  if (!scenes::has_changing_weights(job.scene)) return;
  auto settled = job.scene;
  scenes::settle_weights(settled, timeline_of(job), signals);
  for (size_t i = 0; i < settled.keyframes.size(); ++i) {
    if (scenes::weights_of(settled.keyframes[i]) == scenes::weights_of(job.scene.keyframes[i])) {
      continue;
    }
    throw std::logic_error("a plan of a scene whose weights were not settled");
  }
}

// Makes the tasks of one job, each from the outputs of those before it.
class Planner {
 public:
  Planner(const RenderJob& job, ModelPack& models, const scenes::Signals& signals)
      : job_(job),
        models_(models),
        video_(film_settings(job)),
        plan_{.script = {timeline_of(job), job.scene, signals},
              .grid = grid_of(job.scene.video, models.vqgan_config()),
              .keys = {},
              .paces = {},
              .chains = {},
              .segments = {},
              .film = {},
              .ranges = {},
              .frames = {}} {}

  RenderPlan make() {
    plan_.frames = frames_of(job_, plan_.timeline());
    add_keys();
    if (job_.scene.interpolate.pacing == scenes::Pacing::even) add_paces();
    for (size_t i = 0; i < plan_.script.chains().parts().size(); ++i) add_chain(i);
    add_ranges();
    for (size_t i = 0; i < plan_.ranges.size(); ++i) add_segment(i);
    add_film();
    return std::move(plan_);
  }

 private:
  void add_keys() {
    for (size_t i = 0; i < job_.scene.keyframes.size(); ++i) {
      const auto& keyframe = job_.scene.keyframes[i];
      Task task{.id = {TaskId::Kind::key, static_cast<int>(i)}};
      task.output = keyframe_hash(keyframe, models_, plan_.grid, named_machine(job_), kCutoutChunk,
                                  i > 0 ? plan_.keys.back().output : "", cut_to());
      if (keyframe.optimize.start == scenes::StartKind::previous) {
        task.needs.push_back(plan_.keys.back().id);
      }
      plan_.keys.push_back(std::move(task));
    }
  }

  // What is shown of the grid's picture, where it is not all of it.
  std::optional<PictureSize> cut_to() {
    const auto shown = shown_size(job_.scene.video);
    if (shown == decoded_size(plan_.grid, models_.vqgan_config())) return std::nullopt;
    return shown;
  }

  // What every decoded picture depends on besides its latent.
  json decoder() {
    const auto& machine = named_machine(job_);
    const auto dtype = machine.dtype(frame_precision(job_.scene));
    json content = {
        {"numerics", kNumericsVersion},  {"vqgan", models_.vqgan_digest()},
        {"machine", machine.kind},       {"threads", machine.threads},
        {"dtype", c10::toString(dtype)}, {"grid", {plan_.grid.height, plan_.grid.width}},
        {"group", machine.frame_group}};
    if (const auto shown = cut_to()) content["shown"] = {shown->height, shown->width};
    return content;
  }

  // A frame's value with what it names; frames that stand are those of their keyframe alone.
  json describe(const scenes::FrameSpec& frame) const {
    Description description(plan_, frame.paced, asked_);
    visit_fields(frame, description);
    return std::move(description).take();
  }

  void add_paces() {
    for (size_t i = 0; i < plan_.timeline().intervals().size(); ++i) {
      Task task{.id = {TaskId::Kind::pace, static_cast<int>(i)}};
      // All probes lie along the interval that this one lies on.
      const auto probe = plan_.script.between(i, 0.5);
      task.output =
          hash({{"along", describe(probe)}, {"decoder", decoder()}, {"probes", kPaceProbes}});
      MadeOf parts;
      collect(probe, parts);
      for (const int key : parts.keys) task.needs.push_back(plan_.keys[key].id);
      plan_.paces.push_back(std::move(task));
    }
  }

  // How one frame comes from the one before it, with what its numbers name.
  json describe(const scenes::ChainStep& step) {
    for (const int keyframe : {step.from, step.to}) remember_prompts_of(keyframe);
    Description description(plan_, false, asked_);
    visit_fields(step, description);
    return std::move(description).take();
  }

  void remember_prompts_of(int keyframe) {
    auto& hash = asked_[keyframe];
    if (!hash.empty()) return;
    auto asked = job_.scene.keyframes[static_cast<size_t>(keyframe)];
    asked.optimize = for_chains(asked.optimize, job_.scene);
    if (scenes::has_changing_weights(asked)) forget_weights(asked);  // steps tell them
    hash =
        keyframe_hash(asked, models_, plan_.grid, named_machine(job_), kChainChunk, "", cut_to());
  }

  static void forget_weights(scenes::Keyframe& keyframe) {
    auto& options = keyframe.optimize;
    for (auto* prompts : {&keyframe.prompts, &options.exclude}) {
      for (auto& prompt : *prompts) prompt.weight = 0;
    }
    options.include_weight = options.exclude_weight = options.extra_weight = 0;
  }

  void add_clip(json& content) {
    const auto& source = job_.scene.source;
    content["clip"] = {models_.digest_of(source.video), kClipVersion, ffmpeg::encoder_version(),
                       footage::flow_version()};
    for (const auto& [key, text] : scenes::option_values(source)) {
      content["source"][std::string(key)] = text;
    }
  }

  void add_chain(size_t index) {
    const auto& part = plan_.script.chains().parts()[index];
    json content = {{"decoder", decoder()},
                    {"version", kChainVersion},
                    {"chunk", kChainChunk},
                    {"steps", json::array()}};
    for (const auto& [key, text] : scenes::option_values(job_.scene.feedback)) {
      content["feedback"][std::string(key)] = text;
    }
    if (job_.scene.source.on()) add_clip(content);
    for (auto frame = part.range.first; frame < part.range.end; ++frame) {
      content["steps"].push_back(describe(plan_.script.step(frame)));
    }
    Task task{.id = {TaskId::Kind::chain, static_cast<int>(index)}};
    // Footage begins with nothing but the clip.
    if (!part.begins || !job_.scene.source.on()) {
      const auto& before = part.begins ? plan_.keys[part.keyframe] : plan_.chains.back();
      content["before"] = before.output;
      task.needs.push_back(before.id);
    }
    task.output = hash(content);
    plan_.chains.push_back(std::move(task));
  }

  // Where the whole film is cut, so that segments within the range are the whole film's own.
  void add_ranges() {
    const auto& timeline = plan_.timeline();
    for (const auto& segment :
         scenes::segments(timeline.frame_count(), timeline.fps(), scenes::kGroupsPerSegment)) {
      const scenes::FrameRange inside{std::max(segment.first, plan_.frames.first),
                                      std::min(segment.end, plan_.frames.end)};
      if (inside.first < inside.end) plan_.ranges.push_back(inside);
    }
  }

  // With other fonts the same words are other pixels.
  std::string looks_of(const std::set<std::string>& captions) const {
    std::string digests;
    for (const auto& prompt : captions) {
      const auto looks = looks_of_caption(job_.scene.video.width, job_.scene.video.height, prompt);
      digests += files::sha256_of(std::as_bytes(std::span(looks)));
    }
    return files::sha256_of_text(digests);
  }

  void add_segment(size_t index) {
    const auto range = plan_.ranges[index];
    json content = {
        {"frames", json::array()}, {"decoder", decoder()}, {"video", render::describe(video_)}};
    if (job_.mixed) content["mixed"] = true;
    MadeOf parts;
    std::set<std::string> captions;
    for (auto frame = range.first; frame < range.end; ++frame) {
      const auto spec = plan_.script.at(frame);
      content["frames"].push_back(describe(spec));
      collect(spec, parts);
      if (!spec.caption.is_none()) captions.insert(spec.caption.prompt);
    }
    if (!captions.empty()) content["captions"] = {kCaptionVersion, looks_of(captions)};
    Task task{.id = {TaskId::Kind::segment, static_cast<int>(index)}};
    for (const int key : parts.keys) task.needs.push_back(plan_.keys[key].id);
    for (const int interval : parts.paces) task.needs.push_back(plan_.paces[interval].id);
    for (const int part : parts.chains) task.needs.push_back(plan_.chains[part].id);
    task.output = hash(content);
    plan_.segments.push_back(std::move(task));
  }

  void add_film() {
    json content = {{"title", video_.title}, {"scene", video_.scene_text}};
    // Films without are what they were before there were any.
    if (!video_.artist.empty()) content["artist"] = video_.artist;
    if (video_.tracks != ffmpeg::FilmTracks()) content["tracks"] = render::describe(video_.tracks);
    for (const auto& segment : plan_.segments) content["segments"].push_back(segment.output);
    if (video_.song) {
      content["song"] = render::describe(*video_.song);
      content["song"]["digest"] = models_.digest_of(video_.song->file);
    }
    plan_.film.output = hash(content);
    for (const auto& segment : plan_.segments) plan_.film.needs.push_back(segment.id);
  }

  const RenderJob& job_;
  ModelPack& models_;
  ffmpeg::VideoSettings video_;
  RenderPlan plan_;
  PromptHashes asked_;
};

}  // namespace

std::string TaskId::name() const {
  switch (kind) {
    case Kind::key:
      return fmt::format("key:{}", index);
    case Kind::pace:
      return fmt::format("pace:{}", index);
    case Kind::chain:
      return fmt::format("chain:{}", index);
    case Kind::segment:
      return fmt::format("seg:{}", index);
    case Kind::film:
      break;
  }
  return "film";
}

std::vector<int> needed_by(const std::vector<const Task*>& tasks, TaskId::Kind kind) {
  std::set<int> indices;
  for (const auto* task : tasks) {
    for (const auto& need : task->needs) {
      if (need.kind == kind) indices.insert(need.index);
    }
  }
  return {indices.begin(), indices.end()};
}

std::vector<std::vector<int>> runs_of(const RenderPlan& plan, const std::vector<int>& keyframes) {
  std::vector<std::vector<int>> chains;
  for (const int index : keyframes) {
    const bool follows = !plan.keys[static_cast<size_t>(index)].needs.empty() && !chains.empty() &&
                         chains.back().back() == index - 1;
    if (!follows) chains.emplace_back();
    chains.back().push_back(index);
  }
  return chains;
}

std::vector<const Task*> RenderPlan::tasks() const {
  // Backwards, whatever needs a task has been seen before it.
  std::vector<const Task*> all = {&film};
  std::set<std::string> needed;
  const auto add_needs = [&](const Task& task) {
    for (const auto& need : task.needs) needed.insert(need.name());
  };
  add_needs(film);
  for (const auto* list : {&segments, &chains, &paces, &keys}) {
    for (auto task = list->rbegin(); task != list->rend(); ++task) {
      if (needed.count(task->name()) == 0) continue;
      all.push_back(&*task);
      add_needs(*task);
    }
  }
  std::reverse(all.begin(), all.end());
  return all;
}

bool makes_picture(const RenderPlan& plan, std::size_t keyframe) {
  const auto tasks = plan.tasks();
  return std::any_of(tasks.begin(), tasks.end(), [&](const Task* task) {
    return task->id == TaskId{TaskId::Kind::key, static_cast<int>(keyframe)};
  });
}

MadeOf made_of(scenes::FrameRange range, const scenes::FrameScript& script) {
  MadeOf parts;
  for (auto frame = range.first; frame < range.end; ++frame) collect(script.at(frame), parts);
  return parts;
}

scenes::Precision frame_precision(const scenes::Scene& scene) {
  return scene.keyframes.front().optimize.precision;
}

RenderPlan make_plan(const RenderJob& job, ModelPack& models, const scenes::Signals& signals) {
  check_weights(job, signals);
  check_prompt_lengths(job.scene, models);
  return Planner(job, models, signals).make();
}

}  // namespace latentreel::render
