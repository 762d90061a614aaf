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

// How far an album's films are. Plans that can be opened stay open.
class AlbumStatus {
 public:
  AlbumStatus(const std::filesystem::path& album, const CommonOptions& options);

  // Done where every film is; failed where nothing goes on and a film is not done: then with the
  // code of the first of them.
  Look look();

 private:
  struct Film {
    cluster::AlbumFilm record;
    std::unique_ptr<PlanStatus> plan;  // null where it could not be opened
    Look failed = {};                  // why, then
  };
  static Look look_at(Film& film, SlurmAnswer& slurm);

  std::vector<Film> films_;
};

}  // namespace latentreel::cli
