// Runs that share a store and a film (F27), entries that belong to another film (F39), full disks
// (F20, F21).

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "tests/cli/small_film.h"

namespace latentreel::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Program;
using testing::read_file;
using testing::run;
using testing::SmallFilm;
using testing::undisturbed;

// --- Several at once

void expect_all_end_well(std::vector<std::unique_ptr<Program>>& programs) {
  for (auto& program : programs) {
    const auto result = program->wait();
    EXPECT_EQ(result.code, 0) << result.error;
    EXPECT_THAT(result.error, Not(HasSubstr("warning")));
  }
}

TEST(AtOnce, TwoRunsMayMakeTheSameFilm) {
  const Folder folder;
  const SmallFilm film(folder);
  for (int round = 0; round < 3; ++round) {
    film.restart();
    std::vector<std::unique_ptr<Program>> programs;
    for (int i = 0; i < 2; ++i) {
      programs.push_back(std::make_unique<Program>(film.call(), folder.path()));
    }
    expect_all_end_well(programs);
    EXPECT_TRUE(film.bytes() == undisturbed().film);
    EXPECT_THAT(film.names(), ElementsAre("film.mp4"));
  }
}

TEST(AtOnce, EightRunsMayShareAStore) {
  const Folder folder;
  const SmallFilm film(folder);
  std::vector<std::unique_ptr<Program>> programs;
  for (int i = 0; i < 8; ++i) {
    auto call = film.call();
    call[3] = (film.work() / (std::to_string(i) + ".mp4")).string();
    programs.push_back(std::make_unique<Program>(call, folder.path()));
  }
  expect_all_end_well(programs);
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(read_file(film.work() / (std::to_string(i) + ".mp4")) == undisturbed().film) << i;
  }
  EXPECT_EQ(folder.unfinished(), 0);
}

// --- Entries of another film

std::vector<fs::path> entries(const SmallFilm& film, const std::string& kind) {
  std::vector<fs::path> files;
  for (const auto& file : fs::recursive_directory_iterator(film.store() / "v3" / kind)) {
    if (file.is_regular_file()) files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string sha256(const std::string& bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

// Puts `bytes` in the place of an entry, under a name that says that they belong there.
void replace(const fs::path& entry, const std::string& bytes) {
  const auto name = entry.filename().string().substr(0, 64);
  const auto kind = entry.parent_path().parent_path().filename().string();
  fs::remove(entry);
  std::ofstream(entry.parent_path() / (name + "-" + sha256(kind + "/" + name + "\n" + bytes)),
                std::ios::binary)
      << bytes;
}

class Foreign : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(run(film_.call(), folder_.path()).code, 0); }

  // Every single entry of `kind`, then all of them, with `bytes` in them.
  void expect_made_again(const std::string& kind, const std::string& bytes) {
    const auto count = entries(film_, kind).size();
    for (size_t which = 0; which <= count; ++which) {
      const auto all = entries(film_, kind);
      ASSERT_EQ(all.size(), count);
      for (size_t i = 0; i < count; ++i) {
        if (which == count || i == which) replace(all[i], bytes);
      }
      fs::remove(film_.file());
      const auto result = run(film_.call(), folder_.path());
      EXPECT_EQ(result.code, 0) << kind << which << result.error;
      EXPECT_TRUE(film_.bytes() == undisturbed().film) << kind << which;
    }
  }

  std::string entry_of_another(const std::string& kind, const std::string& from,
                               const std::string& to) {
    std::string scene = SmallFilm::kScene;
    scene.replace(scene.find(from), from.size(), to);
    const SmallFilm other(folder_, "other", scene);
    EXPECT_EQ(run(other.call(), folder_.path()).code, 0);
    return read_file(entries(other, kind).front());
  }

  const Folder folder_;
  const SmallFilm film_{folder_};
};

TEST_F(Foreign, SegmentsOfAnotherSizeAreMadeAgain) {
  expect_made_again("segment", entry_of_another("segment", "32x32", "48x32"));
}

TEST_F(Foreign, SegmentsOfAnotherLengthAreMadeAgain) {
  expect_made_again("segment", entry_of_another("segment", "at = 3", "at = 0.75"));
}

// Alike in everything but what they show: only their digests tell.
TEST_F(Foreign, SegmentsOfAnotherFilmThatLooksAlikeAreMadeAgain) {
  std::string scene = SmallFilm::kScene;
  const std::string heart = "a red heart";
  scene.replace(scene.find(heart), heart.size(), "a green cactus");
  const SmallFilm other(folder_, "other", scene);
  ASSERT_EQ(run(other.call(), folder_.path()).code, 0);
  for (const auto& theirs : entries(other, "segment")) {  // one of them is as long as ours
    const auto ours = entries(film_, "segment").front();
    const auto name = ours.filename().string().substr(0, 64);
    fs::remove(ours);
    fs::copy_file(theirs, ours.parent_path() / (name + theirs.filename().string().substr(64)));
    fs::remove(film_.file());
    const auto result = run(film_.call(), folder_.path());
    EXPECT_EQ(result.code, 0) << result.error;
    EXPECT_THAT(result.error, HasSubstr("does not hold what its name says"));
    EXPECT_TRUE(film_.bytes() == undisturbed().film);
  }
}

TEST_F(Foreign, ThingsThatAreNoSegmentsAreMadeAgain) {
  expect_made_again("segment", "");
  const auto whole = read_file(entries(film_, "segment").front());
  expect_made_again("segment", whole.substr(0, whole.size() * 6 / 10));
}

TEST_F(Foreign, ThingsThatAreNoPacesAreMadeAgain) {
  for (const auto* text : {"", "{}", "[0, 1]", "[\"a\"]"}) {
    fs::remove_all(film_.store() / "v3/segment");
    expect_made_again("pace", text);
  }
}

TEST_F(Foreign, ThingsThatAreNoKeyframesAreMadeAgain) {
  for (const auto& text : {std::string(), read_file(entries(film_, "pace").front())}) {
    fs::remove_all(film_.store() / "v3/segment");
    expect_made_again("key", text);
  }
}

TEST_F(Foreign, FilmRecordsThatSayTooLittleAreNone) {
  for (const auto* text : {"", "[]", "{\"bytes\": 1}", "{\"bytes\": \"many\"}", "3"}) {
    replace(entries(film_, "film").front(), text);
    const auto result = run(film_.call(), folder_.path());
    EXPECT_EQ(result.code, 0) << text << result.error;
    EXPECT_TRUE(film_.bytes() == undisturbed().film);
  }
}

// --- Full disks

// A disk of its own that holds little.
class SmallDisk {
 public:
  SmallDisk(const fs::path& place, const std::string& size) : place_(place) {
    fs::create_directories(place);
    mounted_ = mount("tmpfs", place.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(place_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

  // Leaves `free` bytes of it.
  void fill(std::uintmax_t free) const {
    const auto available = fs::space(place_).available;
    if (available <= free) return;
    std::ofstream out(place_ / "ballast", std::ios::binary);
    out << std::string(available - free, 'x') << std::flush;
  }
  void clear() const { fs::remove(place_ / "ballast"); }

 private:
  fs::path place_;
  bool mounted_ = false;
};

constexpr std::uintmax_t kPage = 4096;  // by which such a disk counts

TEST(FullDisk, WhereTheFilmGoesIsSaidAndTheSameCallFinishes) {
  const Folder folder;
  const SmallFilm film(folder);
  const SmallDisk disk(film.work() / "disk", "1m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting is not permitted: " << std::strerror(errno);
  auto call = film.call();
  call[3] = (film.work() / "disk/film.mp4").string();
  std::ofstream(call[3], std::ios::binary) << SmallFilm::kOlder;
  for (const std::uintmax_t free : {0, 1}) {
    disk.fill(free * kPage);
    const auto full = run(call, folder.path());
    EXPECT_EQ(full.code, 74) << full.error;
    EXPECT_THAT(full.error, AllOf(HasSubstr(call[3]), HasSubstr("No space left on device"),
                                  HasSubstr("free some space")));
    EXPECT_EQ(read_file(call[3]), SmallFilm::kOlder);
    EXPECT_EQ(folder.unfinished(), 0);
    disk.clear();
  }
  EXPECT_EQ(run(call, folder.path()).code, 0);
  EXPECT_TRUE(read_file(call[3]) == undisturbed().film);
}

TEST(FullDisk, WhereTheStoreIsIsSaidAndTheSameCallFinishes) {
  const Folder folder;
  const SmallFilm film(folder);
  const SmallDisk disk(film.store(), "1m");
  if (!disk.mounted()) GTEST_SKIP() << "mounting is not permitted: " << std::strerror(errno);
  int failed = 0;
  for (const std::uintmax_t pages : {0, 1, 3, 5, 8, 11}) {
    fs::remove_all(film.store() / "v3");
    std::ofstream(film.file(), std::ios::binary) << SmallFilm::kOlder;
    disk.fill(pages * kPage);
    const auto full = run(film.call(), folder.path());
    if (full.code == 0) {  // what did not fit was not needed, or a folder of this run's own did
      EXPECT_TRUE(film.bytes() == undisturbed().film) << pages;
    } else {
      ++failed;
      EXPECT_EQ(full.code, 74) << full.error;
      EXPECT_THAT(full.error,
                  AllOf(HasSubstr(film.store().string()), HasSubstr("No space left on device"),
                        HasSubstr("Free some space")));
      EXPECT_EQ(film.bytes(), SmallFilm::kOlder);
    }
    EXPECT_EQ(folder.unfinished(), 0);
    disk.clear();
    const auto rest = run(film.call(), folder.path());
    EXPECT_EQ(rest.code, 0) << rest.error;
    EXPECT_TRUE(film.bytes() == undisturbed().film);
  }
  EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace latentreel::cli
