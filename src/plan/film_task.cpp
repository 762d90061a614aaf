#include "src/plan/film_task.h"

#include "ffmpeg/film_proof.h"
#include "src/files/atomic_file.h"
#include "src/files/digest.h"
#include "src/files/folders.h"
#include "src/plan/film_record.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFilmEntry = "film";

}  // namespace

void prove_film(const ffmpeg::VideoSettings& settings, const fs::path& file) {
  ffmpeg::check_settings(settings, file);  // a wrong name is known before a file is made
  files::make_folders_for(file);
  files::AtomicFile proof(file);
  ffmpeg::prove(settings, file, proof.temporary());
  proof.sync();  // some disks are full only then
}

FilmTask::FilmTask(const TaskContext& context, SegmentTasks& segments)
    : context_(context), segments_(segments) {}

bool FilmTask::done(const Task&, const fs::path& film) {
  return find(film).has_value();
}

void FilmTask::forget(const Task& task) noexcept {
  context_.store.remove(kFilmEntry, task.output);
}

void FilmTask::run(const Task& task, const fs::path& film) {
  if (find(film)) return context_.progress.report(TaskChanged{task.name(), TaskState::reused});
  make(film);
}

std::optional<ffmpeg::FilmSummary> FilmTask::find(const fs::path& film) {
  std::error_code error;
  if (!fs::is_regular_file(film, error)) return std::nullopt;
  const auto kept = context_.store.find(kFilmEntry, context_.plan.film.output);
  const auto record = kept ? parse_film_record(text_in(*kept)) : std::nullopt;
  if (!record || record->summary.bytes != fs::file_size(film, error)) return std::nullopt;
  if (context_.models.digest_of(film) != record->sha256) return std::nullopt;
  return record->summary;
}

ffmpeg::FilmSummary FilmTask::make(const fs::path& film) {
  const EffortMeter meter(effort_);
  const auto& task = context_.plan.film;
  context_.progress.report(TaskChanged{task.name(), TaskState::started});
  const auto summary = join(film);
  made_ = true;
  // Without its record the film is there all the same; only the next call joins it again.
  const auto record = film_record_text({.summary = summary, .sha256 = files::sha256_of_file(film)});
  keep_text(context_.store, context_.progress, kFilmEntry, task.output, record, IfNotKept::warn);
  context_.progress.report(TaskChanged{task.name(), TaskState::finished});
  return summary;
}

ffmpeg::FilmSummary FilmTask::join(const fs::path& film) {
  const auto settings = film_settings(context_.job);
  files::make_folders_for(film);
  files::AtomicFile file(film);
  auto extras = ffmpeg::mux_settings(settings);
  extras.name = film;
  ffmpeg::Muxer muxer(file.temporary(), segments_.format(), extras);
  for (size_t i = 0; i < context_.plan.segments.size(); ++i) {
    context_.stop.check();
    auto found = segments_.find(static_cast<int>(i));
    if (!found) throw_not_there(context_.plan.segments[i]);
    const auto first = context_.plan.ranges[i].first - context_.plan.frames.first;
    for (auto& packet : found->packets) {
      packet.pts += first;
      packet.dts += first;
      muxer.write(packet);
    }
  }
  const auto summary = muxer.complete([&] { context_.stop.check(); });
  context_.stop.check();
  file.publish();
  return summary;
}

}  // namespace latentreel::render
