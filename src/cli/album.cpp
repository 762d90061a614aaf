#include "src/cli/album.h"

#include <fmt/format.h>

#include <algorithm>

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

AlbumStatus::AlbumStatus(const fs::path& album, const CommonOptions& options) {
  for (auto& record : submitted_album(album)) {
    Film film{.record = std::move(record), .plan = nullptr};
    if (film.record.code != kDone) {
      film.failed = failure_look(film.record.code, film.record.error);
    } else {
      try {
        film.plan = std::make_unique<PlanStatus>(film.record.plan, options);
      } catch (const render::Stopped&) {
        throw;
      } catch (const std::exception&) {
        const auto failure = current_failure();
        film.failed = failure_look(failure.code, failure.text);
      }
    }
    films_.push_back(std::move(film));
  }
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
