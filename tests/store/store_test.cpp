#include "src/store/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <set>
#include <thread>

#include "src/files/digest.h"
#include "src/optimize/file_digests.h"
#include "src/run/error.h"
#include "tests/run/recorded_progress.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;
using testing::RecordedProgress;

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Stores : public ::testing::Test {
 protected:
  Store open(Reuse reuse = Reuse::yes) { return Store(folder_, reuse, progress_); }
  static void put(Store& store, const std::string& kind, const std::string& name,
                  const std::string& text) {
    store.put(kind, name, bytes_of(text));
  }
  static std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
  }
  static std::string get(Store& store, const std::string& kind, const std::string& name) {
    const auto file = store.find(kind, name);
    return file ? read(*file) : "nothing";
  }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_ / "store";
  RecordedProgress progress_;
};

TEST_F(Stores, GiveBackWhatWasPut) {
  auto store = open();
  put(store, "key", "aa11", "hello");
  EXPECT_EQ(get(store, "key", "aa11"), "hello");
  EXPECT_EQ(get(store, "pace", "aa11"), "nothing");
  EXPECT_EQ(get(store, "key", "aa1"), "nothing");
  put(store, "key", "aa11", "again");
  EXPECT_EQ(get(store, "key", "aa11"), "again");
  EXPECT_EQ(Store::entries(folder_).size(), 1u);
  store.remove("key", "aa11");
  EXPECT_FALSE(store.has("key", "aa11"));
}

TEST_F(Stores, NeverGiveADamagedEntryWhicheverByteItIs) {
  const std::string text = "what was kept";
  for (size_t byte = 0; byte <= text.size(); ++byte) {
    auto store = open();
    put(store, "key", "aa11", text);
    const auto file = *store.find("key", "aa11");
    if (byte < text.size()) {
      auto changed = text;
      changed[byte] = static_cast<char>(changed[byte] ^ 1);
      std::ofstream(file, std::ios::binary) << changed;
    } else {
      fs::resize_file(file, text.size() - 1);
    }
    EXPECT_EQ(get(store, "key", "aa11"), "nothing");
    EXPECT_FALSE(fs::exists(file));
    ASSERT_EQ(progress_.warnings.size(), byte + 1);
    EXPECT_NE(progress_.warnings.back().find("does not hold what its name says; making it again"),
              std::string::npos);
  }
}

TEST_F(Stores, WithoutReuseHoldOnlyWhatThisRunPut) {
  auto before = open();
  put(before, "key", "aa11", "old");
  auto store = open(Reuse::no);
  EXPECT_FALSE(store.has("key", "aa11"));
  EXPECT_EQ(get(store, "key", "aa11"), "nothing");
  put(store, "key", "aa11", "old");  // the same bytes, but of this run
  EXPECT_EQ(get(store, "key", "aa11"), "old");
}

// What others share with this store is used, and stays as it is, whatever happens.
TEST_F(Stores, LookIntoAStoreBelowAndNeverWriteIt) {
  const auto below = temporary_ / "shared";
  {
    Store shared(below, Reuse::yes, progress_);
    put(shared, "key", "aa11", "shared");
    put(shared, "key", "bb22", "both");
  }
  const auto names = [&] {
    std::set<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(below)) {
      all.insert(entry.path().string() + "=" +
                 (entry.is_regular_file() ? read(entry.path()) : std::string()));
    }
    return all;
  };
  const auto before = names();
  Store store(folder_, Reuse::yes, progress_, below);
  EXPECT_TRUE(store.has("key", "aa11"));
  EXPECT_EQ(get(store, "key", "aa11"), "shared");
  EXPECT_FALSE(store.has("key", "cc33"));
  put(store, "key", "bb22", "mine");
  EXPECT_EQ(get(store, "key", "bb22"), "mine");
  store.remove("key", "bb22");
  EXPECT_EQ(get(store, "key", "bb22"), "both");
  store.shrink(0);
  EXPECT_EQ(names(), before);
  Store fresh(folder_, Reuse::no, progress_, below);
  EXPECT_FALSE(fresh.has("key", "aa11"));
  EXPECT_EQ(get(fresh, "key", "aa11"), "nothing");
}

// It cannot be removed there, so whoever asks whether it is there is told that it is not.
TEST_F(Stores, TakeADamagedEntryBelowForNone) {
  const auto below = temporary_ / "shared";
  {
    Store shared(below, Reuse::yes, progress_);
    put(shared, "key", "aa11", "shared");
  }
  const auto file = Store::entries(below).front().file;
  std::ofstream(file, std::ios::binary) << "shaved";
  Store store(folder_, Reuse::yes, progress_, below);
  EXPECT_FALSE(store.has("key", "aa11"));
  EXPECT_EQ(get(store, "key", "aa11"), "nothing");
  EXPECT_TRUE(fs::exists(file));
  EXPECT_EQ(progress_.warnings.size(), 1u);  // once
  put(store, "key", "aa11", "again");
  EXPECT_EQ(get(store, "key", "aa11"), "again");
}

// Who finds that an entry is of no use removes it, and makes it again.
TEST_F(Stores, HideAnEntryBelowThatIsToBeRemoved) {
  const auto below = temporary_ / "shared";
  {
    Store shared(below, Reuse::yes, progress_);
    put(shared, "key", "aa11", "of no use");
  }
  Store store(folder_, Reuse::yes, progress_, below);
  ASSERT_TRUE(store.has("key", "aa11"));
  store.remove("key", "aa11");
  EXPECT_FALSE(store.has("key", "aa11"));
  EXPECT_EQ(get(store, "key", "aa11"), "nothing");
  put(store, "key", "aa11", "of use");
  EXPECT_EQ(get(store, "key", "aa11"), "of use");
}

// Another machine may be reading it by a handle that would be stale.
TEST_F(Stores, LeaveAnEntryThatHoldsTheSameAlone) {
  auto store = open();
  put(store, "key", "aa11", "hello");
  struct stat first {
  }, second{};
  const auto file = Store::entries(folder_).front().file;
  ASSERT_EQ(::stat(file.c_str(), &first), 0);
  put(store, "key", "aa11", "hello");
  ASSERT_EQ(::stat(file.c_str(), &second), 0);
  EXPECT_EQ(first.st_ino, second.st_ino);
  std::ofstream(file, std::ios::binary) << "hallo";  // damaged: written anew
  put(store, "key", "aa11", "hello");
  EXPECT_EQ(get(store, "key", "aa11"), "hello");
}

TEST_F(Stores, ShrinkByTheLongestUnusedAndNeverByWhatThisRunUses) {
  auto before = open();
  const std::string text(100, 'x');
  for (const std::string name : {"aa1", "bb2", "cc3", "dd4"}) put(before, "key", name, text);
  const auto age = [&](const std::string& name, int hours) {
    fs::last_write_time(*before.find("key", name),
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  age("aa1", 1);
  age("bb2", 4);
  age("cc3", 3);
  age("dd4", 2);
  auto store = open();
  EXPECT_TRUE(store.find("key", "bb2"));  // renews it, and this run uses it
  EXPECT_EQ(store.shrink(250), 200u);
  EXPECT_TRUE(store.has("key", "aa1"));
  EXPECT_TRUE(store.has("key", "bb2"));
  EXPECT_FALSE(store.has("key", "cc3"));
  EXPECT_FALSE(store.has("key", "dd4"));
  EXPECT_EQ(store.shrink(0), 100u);
  EXPECT_TRUE(store.has("key", "bb2"));
}

TEST_F(Stores, CleanWhatKilledRunsLeft) {
  auto store = open();
  put(store, "key", "aa11", "whole");
  const auto orphan = folder_ / "v3" / "key" / "aa" / "aa22-00.123-4.part";
  std::ofstream(orphan) << "half";
  store.shrink(1'000'000);
  EXPECT_FALSE(fs::exists(orphan));
  EXPECT_TRUE(store.has("key", "aa11"));
}

TEST_F(Stores, NeverReadStrangersAndOlderLayouts) {
  fs::create_directories(folder_ / "keyframes");
  std::ofstream(folder_ / "keyframes" / "aa11.safetensors") << "of version 1";
  auto store = open();
  fs::create_directories(folder_ / "v3" / "key" / "aa");
  std::ofstream(folder_ / "v3" / "key" / "aa" / "aa11") << "no digest";
  std::ofstream(folder_ / "v3" / "key" / "aa" / "aa11-notadigest") << "no digest";
  EXPECT_FALSE(store.has("key", "aa11"));
  EXPECT_TRUE(Store::entries(folder_).empty());
}

// Of version 2, whose digests were of the bytes alone.
TEST_F(Stores, CleanOlderLayoutsAndNeverReadThem) {
  const std::string text(100, 'x');
  const auto older = folder_ / "v2/key/aa" / ("aa11-" + files::sha256_of(bytes_of(text)));
  fs::create_directories(older.parent_path());
  std::ofstream(older) << text;
  fs::last_write_time(older, fs::file_time_type::clock::now() - std::chrono::hours(1));
  auto store = open();
  EXPECT_FALSE(store.has("key", "aa11"));
  EXPECT_EQ(get(store, "key", "aa11"), "nothing");
  const auto entries = Store::entries(folder_);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].kind, "older");
  put(store, "key", "aa11", text);
  EXPECT_EQ(store.shrink(200), 0u);
  EXPECT_EQ(store.shrink(150), 100u);
  EXPECT_FALSE(fs::exists(older));
  EXPECT_EQ(get(store, "key", "aa11"), text);
}

// Whole, but kept under another name or as something else.
TEST_F(Stores, NeverGiveAnEntryThatWasRenamed) {
  auto store = open();
  put(store, "key", "aa11", "hello");
  const auto file = *store.find("key", "aa11");
  const auto digest = file.filename().string().substr(5);
  for (const std::string place : {"key/aa/aa22", "pace/aa/aa11"}) {
    const auto other = folder_ / "v3" / (place + "-" + digest);
    fs::create_directories(other.parent_path());
    fs::copy_file(file, other);
    const auto kind = place.substr(0, place.find('/'));
    EXPECT_EQ(get(store, kind, place.substr(place.size() - 4)), "nothing");
    EXPECT_FALSE(fs::exists(other));
  }
  EXPECT_EQ(progress_.warnings.size(), 2u);
  EXPECT_EQ(get(store, "key", "aa11"), "hello");
}

TEST_F(Stores, MayBeSharedByRunsThatPutTheSameNamesAtOnce) {
  std::vector<std::thread> runs;
  for (int run = 0; run < 8; ++run) {
    runs.emplace_back([&, run] {
      RecordedProgress progress;
      Store store(folder_, Reuse::yes, progress);
      for (int i = 0; i < 40; ++i) {
        const auto name = "aa" + std::to_string(i % 5);
        put(store, "key", name, std::string(1000, static_cast<char>('a' + i % 5)));
        const auto found = get(store, "key", name);
        // Another run may have put it anew between our look and our reading; never half of one.
        if (found != "nothing" && !found.empty()) {
          EXPECT_EQ(found, std::string(1000, static_cast<char>('a' + i % 5))) << run;
        }
      }
      EXPECT_TRUE(progress.warnings.empty());
    });
  }
  for (auto& run : runs) run.join();
  for (const auto& entry : Store::entries(folder_)) {
    EXPECT_EQ(files::sha256_of_file(entry.file, entry.kind + "/" + entry.name + "\n"),
              entry.digest);
  }
}

TEST_F(Stores, SayWhereTheyCannotBeMade) {
  std::ofstream(folder_) << "a file, no folder";
  try {
    open();
    FAIL() << "a store in a file";
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::cannot_create);
    EXPECT_NE(std::string(error.what()).find("Choose another with --store"), std::string::npos);
  }
}

TEST_F(Stores, RememberTheDigestOfALargeFileUntilItChanges) {
  fs::create_directories(folder_);
  const auto file = folder_ / "weights";
  std::ofstream(file) << std::string(2 << 20, 'x');
  const timespec old[2] = {{.tv_sec = 1'000'000, .tv_nsec = 0},
                           {.tv_sec = 1'000'000, .tv_nsec = 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, file.c_str(), old, 0), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));  // until its change has settled
  auto store = open();
  const auto digest = FileDigests(&store).of(file);
  EXPECT_EQ(digest, files::sha256_of_file(file));
  EXPECT_EQ(Store::entries(folder_).size(), 1u);
  EXPECT_EQ(FileDigests(&store).of(file), digest);
  std::ofstream(file, std::ios::app) << "y";
  EXPECT_EQ(FileDigests(&store).of(file), files::sha256_of_file(file));
}

}  // namespace
}  // namespace latentreel::render
