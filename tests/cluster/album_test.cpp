#include "src/cluster/album.h"

#include <gtest/gtest.h>

#include "src/cluster/error.h"
#include "tests/temporary_folder.h"

namespace latentreel::cluster {
namespace {

TEST(Album, IsReadAsItWasWritten) {
  const TemporaryFolder folder;
  const auto file = album_file(folder / "album.toml");
  EXPECT_EQ(file, folder / "album.submission.json");
  EXPECT_FALSE(read_album(file));
  const std::vector<AlbumFilm> films = {
      {.scene = "dawn.toml", .film = "/films/dawn.mp4", .plan = "/films/dawn.plan.json"},
      {.scene = "dusk.toml", .code = 65, .error = "dusk.toml:3:1: it's\nwrong"}};
  folder.write("album.submission.json", album_text(films));
  EXPECT_EQ(read_album(file), films);
}

TEST(Album, OfSomethingElseIsRefused) {
  const TemporaryFolder folder;
  for (const std::string text : {"", "[]", "{}", R"({"format": "latentreel album 1"})",
                                 R"({"format": "latentreel album 1", "films": [{"scene": 1}]})",
                                 R"({"format": "latentreel submission 1", "films": []})"}) {
    EXPECT_THROW(read_album(folder.write("album.submission.json", text)), ClusterError) << text;
  }
}

}  // namespace
}  // namespace latentreel::cluster
