#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/plan_status.h"
#include "src/cluster/album.h"

namespace latentreel::cli {

// What was submitted of an album. Throws ClusterError: missing where nothing was.
std::vector<cluster::AlbumFilm> submitted_album(const std::filesystem::path& album);

// How far an album's films are. Plans that can be opened stay open, until one is written anew: when
// the album is submitted again, its record is read again.
class AlbumStatus {
 public:
  AlbumStatus(const std::filesystem::path& album, const CommonOptions& options);

  // Done where every film is; failed where nothing goes on and a film is not done: then with the
  // code of the first of them. A film that could not be planned is told as when that was tried,
  // with the time.
  Look look();

 private:
  using Time = std::filesystem::file_time_type;
  struct Film {
    cluster::AlbumFilm record;
    Time written = {};                           // the plan
    std::unique_ptr<PlanStatus> plan = nullptr;  // null where it could not be opened
    Look failed = {};                            // why, then
  };
  void read();
  Film open(cluster::AlbumFilm record) const;
  static Look look_at(Film& film, SlurmAnswer& slurm);

  std::filesystem::path album_;
  CommonOptions options_;
  Time read_ = {};  // when the record was written that was read
  std::vector<Film> films_;
};

}  // namespace latentreel::cli
