#include "src/cluster/album.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "src/cluster/error.h"
#include "src/files/error.h"

namespace latentreel::cluster {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kAlbumFormat = "latentreel album 1";

[[noreturn]] void refuse_album(const fs::path& file, const char* problem) {
  throw ClusterError(ClusterError::Kind::plan,
                     fmt::format("reading what was submitted of an album, {}: {}. Submit the album "
                                 "again, which writes it anew",
                                 files::quoted(file.string()), problem));
}

}  // namespace

fs::path album_file(const fs::path& album) {
  auto file = album;
  return file.replace_extension(".submission.json");
}

std::string album_text(const std::vector<AlbumFilm>& films) {
  ordered_json text = {{"format", kAlbumFormat}, {"films", ordered_json::array()}};
  for (const auto& film : films) {
    text["films"].push_back({{"scene", film.scene},
                             {"film", film.film},
                             {"plan", film.plan.string()},
                             {"code", film.code},
                             {"error", film.error}});
  }
  return text.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::optional<std::vector<AlbumFilm>> read_album(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  const auto text = ordered_json::parse(in, nullptr, false);
  if (!text.is_object() || text.value("format", std::string()) != kAlbumFormat) {
    refuse_album(file, "it is no record of this version of latentreel");
  }
  try {
    std::vector<AlbumFilm> films;
    for (const auto& entry : text.at("films")) {
      films.push_back({.scene = entry.at("scene").get<std::string>(),
                       .film = entry.at("film").get<std::string>(),
                       .plan = entry.at("plan").get<std::string>(),
                       .code = entry.at("code").get<int>(),
                       .error = entry.at("error").get<std::string>()});
    }
    return films;
  } catch (const ordered_json::exception&) {
    refuse_album(file, "something is missing in it");
  }
}

}  // namespace latentreel::cluster
