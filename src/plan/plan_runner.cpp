#include "src/plan/plan_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "ffmpeg/error.h"
#include "ffmpeg/video_encoder.h"
#include "ffmpeg/video_writer.h"
#include "models/files/digest.h"
#include "models/files/mapped_file.h"
#include "src/frames/frame_decoder.h"
#include "src/frames/frame_stream.h"
#include "src/frames/segment_sink.h"
#include "src/optimize/prompts.h"
#include "src/plan/film_record.h"
#include "src/run/error.h"
#include "src/run/lap_timer.h"
#include "src/run/peak_memory.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kPace = "pace";
constexpr const char* kSegment = "segment";
constexpr const char* kFilm = "film";

// "key:3" to 3; the kind is known.
int number_in(const std::string& name) {
  return std::stoi(name.substr(name.find(':') + 1));
}

bool is_of(const std::string& name, Task::Kind kind) {
  const auto start = Task{.kind = kind, .index = 0, .output = {}, .needs = {}}.name();
  return name.compare(0, start.size() - 1, start, 0, start.size() - 1) == 0;
}

[[noreturn]] void not_there(const Task& task) {
  throw RenderError(RenderError::Kind::try_again,
                    fmt::format("reading the output of {}: it is not in the store. Do that task "
                                "first, with the same --store.",
                                task.name()));
}

// Nothing for a file that holds no segment.
std::optional<ffmpeg::Segment> read_segment(const fs::path& file) {
  try {
    return ffmpeg::parse_segment(models::MappedFile::open(file)->bytes(), file.string());
  } catch (const models::WeightsError&) {
    return std::nullopt;  // another run removed it just now
  } catch (const ffmpeg::MediaError&) {
    return std::nullopt;
  }
}

// Adds what is done while it lives to a stage.
class Watch {
 public:
  explicit Watch(PlanRunner::Stage& stage) : stage_(stage) {}
  ~Watch() {
    stage_.seconds += timer_.seconds();
    stage_.peak_bytes = std::max(stage_.peak_bytes, memory_.bytes());
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  PlanRunner::Stage& stage_;
  LapTimer timer_;
  PeakMemory memory_;
};

std::string text_in(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_pace(const json& text) {
  return text.is_array() && (text.empty() || text.size() == kPaceProbes) &&
         std::all_of(text.begin(), text.end(), [](const json& n) { return n.is_number(); });
}

void put_text(Store& store, const char* kind, const std::string& name, const std::string& text) {
  store.put(kind, name, std::as_bytes(std::span(text)));
}

}  // namespace

PlanRunner::PlanRunner(const RenderJob& job, const RenderPlan& plan, ModelPack& models,
                       Store& store, Progress& progress, const StopToken& stop)
    : job_(job),
      plan_(plan),
      models_(models),
      store_(store),
      progress_(progress),
      stop_(stop),
      keyframes_(store, progress),
      maker_(job.scene, models, job.machine, &keyframes_, progress, stop),
      records_(plan.keys.size()),
      paces_(plan.paces.size()),
      made_(plan.keys.size(), false) {}

// --- Keyframes -----------------------------------------------------------------------------------

std::optional<KeyframeRecord> PlanRunner::record(int index) {
  if (!records_[index]) records_[index] = keyframes_.find(plan_.keys[index].output);
  return records_[index];
}

bool PlanRunner::has_key(int index) {
  return record(index).has_value();
}

Latent PlanRunner::latent(int index) {
  const auto found = record(index);
  if (!found) not_there(plan_.keys[index]);
  return found->latent;
}

PlanRunner::Numbers PlanRunner::with_starts(const Numbers& keys) {
  std::set<int> all;
  for (int key : keys) {
    while (all.insert(key).second && !plan_.keys[key].needs.empty() && !has_key(key)) --key;
  }
  return {all.begin(), all.end()};
}

void PlanRunner::make_key(int index, IfNotKept if_not_kept) {
  const auto& task = plan_.keys[index];
  if (has_key(index)) {
    progress_.task(task.name(), TaskState::reused);
    return;
  }
  progress_.task(task.name(), TaskState::started);
  for (const auto& sentence :
       unknown_words(job_.scene.keyframes[index], models_.clip_identities())) {
    progress_.warning(sentence);
  }
  const auto previous = task.needs.empty() ? std::nullopt : std::optional(latent(index - 1));
  records_[index] = maker_.make(index, task.output, previous);
  made_[index] = true;
  try {
    keyframes_.keep(task.output, *records_[index]);
  } catch (const RenderError& error) {
    if (if_not_kept == IfNotKept::fails) throw;
    progress_.warning(error.what());
  }
  progress_.task(task.name(), TaskState::finished);
}

void PlanRunner::make_keys(const Numbers& numbers) {
  const Watch watch(stages_.optimizing);
  for (const int index : numbers) {
    stop_.check();
    if (!has_key(index)) maker_.check(index);
  }
  for (const auto& task : plan_.keys) {
    stop_.check();
    if (std::binary_search(numbers.begin(), numbers.end(), task.index)) {
      make_key(task.index, IfNotKept::warns);
    } else if (keyframes_.has(task.output)) {  // nothing that is to be made needs it
      progress_.task(task.name(), TaskState::reused);
    }
  }
}

// --- Paces ---------------------------------------------------------------------------------------

std::optional<Pace> PlanRunner::pace(int index) {
  if (paces_[index]) return paces_[index];
  const auto file = store_.find(kPace, plan_.paces[index].output);
  if (!file) return std::nullopt;
  const auto changes = json::parse(text_in(*file), nullptr, false);
  if (!is_pace(changes)) return std::nullopt;
  return paces_[index] = Pace{.change = changes.get<std::vector<double>>()};
}

void PlanRunner::make_pace(int index, IfNotKept if_not_kept) {
  const auto& task = plan_.paces[index];
  if (pace(index)) {
    progress_.task(task.name(), TaskState::reused);
    return;
  }
  progress_.task(task.name(), TaskState::started);
  const auto path = path_for(needed_by({&task}, Task::Kind::key), {});
  const FrameDecoder decoder(models_.vqgan(frame_precision(job_.scene)), 8);
  paces_[index] = measure_pace(plan_.script, static_cast<size_t>(index), path, decoder, stop_);
  try {
    put_text(store_, kPace, task.output, json(paces_[index]->change).dump());
  } catch (const RenderError& error) {
    if (if_not_kept == IfNotKept::fails) throw;
    progress_.warning(error.what());
  }
  progress_.task(task.name(), TaskState::finished);
}

void PlanRunner::make_paces(const Numbers& numbers) {
  const Watch watch(stages_.pacing);
  for (const auto& task : plan_.paces) {
    if (std::binary_search(numbers.begin(), numbers.end(), task.index)) {
      make_pace(task.index, IfNotKept::warns);
    } else if (store_.has(kPace, task.output)) {
      progress_.task(task.name(), TaskState::reused);
    }
  }
}

LatentPath PlanRunner::path_for(const Numbers& keys, const Numbers& paces) {
  std::vector<Latent> latents(plan_.keys.size());
  for (const int key : keys) latents[key] = latent(key);
  std::vector<Pace> known(paces.empty() ? 0 : plan_.paces.size());
  for (const int index : paces) {
    const auto found = pace(index);
    if (!found) not_there(plan_.paces[index]);
    known[index] = *found;
  }
  return LatentPath(std::move(latents), std::move(known));
}

LatentPath PlanRunner::make_path(scenes::FrameRange range) {
  const auto parts = made_of(range, plan_.script);
  const Numbers keys(parts.keys.begin(), parts.keys.end());
  const Numbers paces(parts.paces.begin(), parts.paces.end());
  make_keys(with_starts(keys));
  make_paces(paces);
  return path_for(keys, paces);
}

DecodedFrames PlanRunner::decoded_frames(LatentPath path) {
  const auto depth = ffmpeg::bit_depth(video_settings(job_, models_.vqgan_config()).codec);
  return {plan_.script, std::move(path),
          FrameDecoder(models_.vqgan(frame_precision(job_.scene)), depth)};
}

// --- Segments ------------------------------------------------------------------------------------

PlanRunner::Numbers PlanRunner::needed_by(const std::vector<const Task*>& tasks,
                                          Task::Kind kind) const {
  std::set<int> numbers;
  for (const auto* task : tasks) {
    for (const auto& name : task->needs) {
      if (is_of(name, kind)) numbers.insert(number_in(name));
    }
  }
  return {numbers.begin(), numbers.end()};
}

const ffmpeg::VideoFormat& PlanRunner::format() {
  if (!format_) {
    format_ = ffmpeg::VideoEncoder(video_settings(job_, models_.vqgan_config())).format();
  }
  return *format_;
}

// Only segments of one format can be joined, and machines whose encoders differ may share a store.
std::optional<ffmpeg::Segment> PlanRunner::segment(int index) {
  const auto& task = plan_.segments[index];
  const auto file = store_.find(kSegment, task.output);
  if (!file) return std::nullopt;
  auto found = read_segment(*file);
  if (found && found->format == format() &&
      static_cast<int64_t>(found->packets.size()) == plan_.ranges[index].size()) {
    return found;
  }
  store_.remove(kSegment, task.output);
  progress_.warning(
      fmt::format("{} is not {} of this film; making it again", file->string(), task.name()));
  return std::nullopt;
}

// All in one stream, so that one segment is encoded to its end while the next is decoded.
void PlanRunner::make_segments(const Numbers& numbers) {
  if (numbers.empty()) return;
  const Watch watch(stages_.encoding);
  std::vector<const Task*> tasks;
  std::vector<SegmentSink::Part> parts;
  std::vector<scenes::FrameRange> ranges;
  int64_t there = plan_.timeline().frame_count();
  for (const int number : numbers) {
    tasks.push_back(&plan_.segments[number]);
    ranges.push_back(plan_.ranges[number]);
    there -= ranges.back().size();
    parts.push_back(
        {.task = tasks.back()->name(), .range = ranges.back(), .output = tasks.back()->output});
  }
  const auto settings = video_settings(job_, models_.vqgan_config());
  const auto source = decoded_frames(
      path_for(needed_by(tasks, Task::Kind::key), needed_by(tasks, Task::Kind::pace)));
  SegmentSink sink(
      settings, std::move(parts),
      [&](const std::string& output, const auto& bytes) { store_.put(kSegment, output, bytes); },
      progress_);
  stream_frames({.source = source,
                 .ranges = ranges,
                 .only = {0, plan_.timeline().frame_count()},
                 .group = job_.machine.frame_group,
                 .done = there,
                 .total = plan_.timeline().frame_count()},
                sink, progress_, stop_);
  sink.finish();
}

void PlanRunner::frames(scenes::FrameRange range, FrameSink& sink) {
  const auto group = job_.machine.frame_group;
  std::vector<scenes::FrameRange> ranges;
  scenes::FrameRange decoded{range.end, range.first};  // the groups that hold `range`
  for (const auto& segment : plan_.ranges) {
    if (segment.end <= range.first || segment.first >= range.end) continue;
    ranges.push_back(segment);
    const auto before = std::max<int64_t>(0, range.first - segment.first) / group * group;
    decoded.first = std::min(decoded.first, segment.first + before);
    decoded.end = std::max(decoded.end, std::min(segment.end, range.end + group - 1));
  }
  const auto source = decoded_frames(make_path(decoded));
  stream_frames({.source = source,
                 .ranges = ranges,
                 .only = range,
                 .group = group,
                 .done = 0,
                 .total = range.size()},
                sink, progress_, stop_);
}

// --- The film ------------------------------------------------------------------------------------

std::optional<ffmpeg::FilmSummary> PlanRunner::finished_film(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  const auto kept = store_.find(kFilm, plan_.film.output);
  const auto record = kept ? parse_film_record(text_in(*kept)) : std::nullopt;
  if (!record || record->summary.bytes != fs::file_size(file, error)) return std::nullopt;
  if (models_.digest_of(file) != record->sha256) return std::nullopt;
  return record->summary;
}

void PlanRunner::keep_film(const fs::path& file, const ffmpeg::FilmSummary& summary) {
  try {
    put_text(store_, kFilm, plan_.film.output,
             film_record_text({.summary = summary, .sha256 = models::sha256_of_file(file)}));
  } catch (const RenderError& error) {
    progress_.warning(error.what());  // the film is there; only the next call joins it again
  }
}

ffmpeg::FilmSummary PlanRunner::join(const fs::path& file) {
  const auto settings = video_settings(job_, models_.vqgan_config());
  ffmpeg::Muxer muxer(file, format(), ffmpeg::mux_settings(settings));
  for (size_t i = 0; i < plan_.segments.size(); ++i) {
    stop_.check();
    auto found = segment(static_cast<int>(i));
    if (!found) not_there(plan_.segments[i]);
    for (auto& packet : found->packets) {
      packet.pts += plan_.ranges[i].first;
      packet.dts += plan_.ranges[i].first;
      muxer.write(packet);
    }
  }
  const auto summary = muxer.complete([&] { stop_.check(); });
  stop_.check();
  muxer.publish();
  joined_ = true;
  return summary;
}

ffmpeg::FilmSummary PlanRunner::film(const fs::path& file) {
  if (const auto summary = finished_film(file)) {
    for (const auto* task : plan_.tasks()) progress_.task(task->name(), TaskState::reused);
    return *summary;
  }
  ffmpeg::prove(video_settings(job_, models_.vqgan_config()), file);
  Numbers missing, there;
  std::vector<const Task*> tasks;
  for (const auto& task : plan_.segments) {
    const bool found = segment(task.index).has_value();
    (found ? there : missing).push_back(task.index);
    if (!found) tasks.push_back(&task);
  }
  make_keys(with_starts(needed_by(tasks, Task::Kind::key)));
  make_paces(needed_by(tasks, Task::Kind::pace));
  for (const int index : there) progress_.task(plan_.segments[index].name(), TaskState::reused);
  make_segments(missing);
  const Watch watch(stages_.encoding);
  progress_.task(plan_.film.name(), TaskState::started);
  const auto summary = join(file);
  keep_film(file, summary);
  progress_.task(plan_.film.name(), TaskState::finished);
  store_.shrink(job_.store_limit);
  return summary;
}

// --- One task ------------------------------------------------------------------------------------

bool PlanRunner::done(const Task& task, const fs::path& file) {
  switch (task.kind) {
    case Task::Kind::key:
      return keyframes_.has(task.output);
    case Task::Kind::pace:
      return store_.has(kPace, task.output);
    case Task::Kind::segment:
      return store_.has(kSegment, task.output);
    case Task::Kind::film:
      break;
  }
  return finished_film(file).has_value();
}

void PlanRunner::forget(const Task& task) noexcept {
  switch (task.kind) {
    case Task::Kind::key:
      return keyframes_.remove(task.output);
    case Task::Kind::pace:
      return store_.remove(kPace, task.output);
    case Task::Kind::segment:
      return store_.remove(kSegment, task.output);
    case Task::Kind::film:
      break;
  }
  store_.remove(kFilm, task.output);
}

void PlanRunner::task(const Task& task, const fs::path& file) {
  switch (task.kind) {
    case Task::Kind::key:
      if (!has_key(task.index)) maker_.check(task.index);
      return make_key(task.index, IfNotKept::fails);
    case Task::Kind::pace:
      return make_pace(task.index, IfNotKept::fails);
    case Task::Kind::segment:
      if (!segment(task.index)) return make_segments({task.index});
      return progress_.task(task.name(), TaskState::reused);
    case Task::Kind::film:
      break;
  }
  if (finished_film(file)) return progress_.task(task.name(), TaskState::reused);
  progress_.task(task.name(), TaskState::started);
  keep_film(file, join(file));
  progress_.task(task.name(), TaskState::finished);
}

}  // namespace latentreel::render
