#include "src/cli/album.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <utility>

#include "src/cli/batch_results.h"
#include "src/cli/exit_codes.h"
#include "src/cluster/error.h"
#include "src/files/error.h"
#include "src/run/stop.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;

Look failure_look(int code, const std::string& error) {
  return {.state = Look::State::failed, .text = {}, .line = on_one_line(error), .code = code};
}

std::string indented(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (result.empty() || result.back() == '\n') result += "  ";
    result += c;
  }
  return result;
}

// The epoch where there is no such file.
fs::file_time_type written_at(const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  return error ? fs::file_time_type() : time;
}

// Nobody tries again by itself what could not be planned.
std::string advice_on(const cluster::AlbumFilm& record, fs::file_time_type written) {
  if (record.code == kTryAgain) return {};  // it was not its turn
  const auto time = std::chrono::system_clock::to_time_t(std::chrono::file_clock::to_sys(written));
  std::ostringstream text;
  text << std::put_time(std::localtime(&time),
                        " (as of %Y-%m-%d %H:%M; when it is mended, submit ");
  return text.str() + "the album again)";
}

// What is known of the film's state in a word.
const char* word_of(Look::State state) {
  switch (state) {
    case Look::State::done:
      return "done";
    case Look::State::failed:
      return "failed";
    case Look::State::going_on:
      break;
  }
  return "going on";
}

}  // namespace

std::vector<cluster::AlbumFilm> submitted_album(const fs::path& album) {
  const auto file = cluster::album_file(album);
  auto films = cluster::read_album(file);
  if (films) return std::move(*films);
  throw cluster::ClusterError(
      cluster::ClusterError::Kind::missing,
      fmt::format("looking for what was submitted of the album {}: there is no {}. Submit it "
                  "first: latentreel submit ALBUM",
                  files::quoted(album.string()), files::quoted(file.string())));
}

AlbumStatus::AlbumStatus(const fs::path& album, const CommonOptions& options)
    : album_(album), options_(options) {
  read();
}

void AlbumStatus::read() {
  read_ = written_at(cluster::album_file(album_));
  auto before = std::exchange(films_, {});
  for (auto& record : submitted_album(album_)) {
    const auto known = std::find_if(before.begin(), before.end(), [&](const Film& film) {
      return film.record == record && film.plan && film.written == written_at(record.plan);
    });
    films_.push_back(known == before.end() ? open(std::move(record)) : std::move(*known));
  }
}

AlbumStatus::Film AlbumStatus::open(cluster::AlbumFilm record) const {
  Film film{.record = std::move(record)};
  // Planned, and done but for what may have come to pass since: its files tell.
  const bool may_be_there = film.record.code == kTryAgain && !film.record.film.empty();
  if (film.record.code != kDone && !may_be_there) {
    film.failed = failure_look(film.record.code, film.record.error + advice_on(film.record, read_));
    return film;
  }
  film.written = written_at(film.record.plan);
  try {
    film.plan = std::make_unique<PlanStatus>(film.record.plan, options_);
  } catch (const render::Stopped&) {
    throw;
  } catch (const std::exception&) {
    const auto failure = current_failure();
    film.failed = failure_look(failure.code, failure.text);
  }
  return film;
}

Look AlbumStatus::look_at(Film& film, SlurmAnswer& slurm) {
  if (!film.plan) return film.failed;
  try {
    return film.plan->look(slurm);
  } catch (const cluster::ClusterError& error) {  // what was submitted of it cannot be read
    return failure_look(current_failure().code, error.what());
  }
}

Look AlbumStatus::look() {
  const auto written = written_at(cluster::album_file(album_));
  if (written != Time() && written != read_) read();
  SlurmAnswer slurm;
  Look album{.state = Look::State::done, .text = {}, .line = {}, .code = kDone};
  std::size_t done = 0, failed = 0;
  for (auto& film : films_) {
    const auto look = look_at(film, slurm);
    done += look.state == Look::State::done ? 1 : 0;
    failed += look.state == Look::State::failed ? 1 : 0;
    if (album.code == kDone) album.code = look.code;
    album.text += fmt::format("{:<8}  {}: {}\n", word_of(look.state), film.record.scene, look.line);
    if (look.state == Look::State::failed) album.text += indented(look.text);
  }
  album.line = fmt::format("{} of {} films done, {} failed", done, films_.size(), failed);
  album.text += album.line + "\n";
  if (done + failed < films_.size()) {
    album.state = Look::State::going_on;
    album.code = kTryAgain;
  } else if (failed > 0) {
    album.state = Look::State::failed;
  }
  return album;
}

}  // namespace latentreel::cli
