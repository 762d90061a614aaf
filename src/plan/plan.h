#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "scenes/frame_script.h"
#include "src/frames/grid.h"
#include "src/plan/render_job.h"

namespace latentreel::render {

// Which task of a plan.
struct TaskId {
  enum class Kind {
    key,    // optimize one keyframe; after the one before only where it starts from it
    pace,   // measure the visible change along one interval, for even pacing
    chain,  // make one part of a chain of frames that grow out of one another, after the one before
    segment,  // decode and encode one run of frames
    film,     // join the segments, add the song, verify, publish
  };
  Kind kind = Kind::film;
  int index = 0;  // among its kind

  std::string name() const;  // "key:3", "pace:0", "chain:2", "seg:7", "film"
  friend bool operator==(const TaskId&, const TaskId&) = default;
};

// One unit of a render. Its output's name is a hash of everything that affects it: where that
// output is present and whole, the task is done.
struct Task {
  TaskId id{};
  std::string output{};         // 64 hexadecimal digits
  std::vector<TaskId> needs{};  // the tasks whose outputs it reads

  std::string name() const { return id.name(); }
};

// The indices of all tasks of a kind that these tasks need, each once, in order.
std::vector<int> needed_by(const std::vector<const Task*>& tasks, TaskId::Kind kind);

// Everything a render has to do. Pure: made from the scene, the digests of every file it names and
// the machine; nothing of the store, the clock or other scenes is in it. Made twice, it is equal.
struct RenderPlan {
  scenes::FrameScript script;
  Grid grid;
  std::vector<Task> keys;    // by keyframe
  std::vector<Task> paces;   // by interval; none where the pacing follows the clock
  std::vector<Task> chains;  // by part, of the whole film; none where no frame grows out of another
  std::vector<Task> segments;  // by range
  Task film;
  std::vector<scenes::FrameRange> ranges;  // of the segments, together the film
  scenes::FrameRange frames;  // of the film: all of the timeline's, unless the job has a range

  const scenes::Timeline& timeline() const { return script.timeline(); }
  // All tasks that the film needs, each after what it needs itself.
  std::vector<const Task*> tasks() const;
};

// These keyframes of a plan, by index and in order, in runs each of which starts from the one
// before.
std::vector<std::vector<int>> runs_of(const RenderPlan& plan, const std::vector<int>& keyframes);

// Whether the film needs a picture that is made for this keyframe alone.
bool makes_picture(const RenderPlan& plan, std::size_t keyframe);

// What the frames of a range are made of: keyframes, intervals whose pace was measured, and parts
// of chains.
struct MadeOf {
  std::set<int> keys;
  std::set<int> paces;
  std::set<int> chains;
};
MadeOf made_of(scenes::FrameRange range, const scenes::FrameScript& script);

// `signals`: those that the scene's curves read (song_signals.h). Throws RenderError (scene),
// SceneError, MediaError, WeightsError or FileError for what cannot be rendered. Weights of the
// scene that change must be settled (prompt_weights.h).
RenderPlan make_plan(const RenderJob& job, ModelPack& models, const scenes::Signals& signals = {});

// The precision frames are decoded in: the first keyframe's, so a keyframe is what it scored as.
scenes::Precision frame_precision(const scenes::Scene& scene);

}  // namespace latentreel::render
