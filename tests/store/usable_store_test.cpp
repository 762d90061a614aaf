#include "src/store/usable_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// With a folder of temporary files of its own.
class UsableStores : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    before_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before_.c_str(), 1);
  }
  int count() const { return static_cast<int>(std::distance(fs::directory_iterator(folder_), {})); }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  std::string before_;
  NoProgress quiet_;
};

void put(UsableStore& store) {
  store.store().put("key", "aa11", std::as_bytes(std::span("hello")));
}

TEST_F(UsableStores, OfOneRunGoWithIt) {
  {
    UsableStore store({}, Reuse::yes, quiet_);
    put(store);
    EXPECT_TRUE(store.store().has("key", "aa11"));
    EXPECT_EQ(count(), 1);
  }
  EXPECT_EQ(count(), 0);
}

TEST_F(UsableStores, OfKilledRunsAreRemovedByTheNextAndThoseOfLivingOnesStay) {
  UsableStore living({}, Reuse::yes, quiet_);
  put(living);
  const pid_t run = fork();
  if (run == 0) {
    UsableStore store({}, Reuse::yes, quiet_);
    put(store);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(run, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(count(), 2);
  {
    const UsableStore next({}, Reuse::yes, quiet_);
    EXPECT_EQ(count(), 2);  // the living one's and its own
  }
  EXPECT_EQ(count(), 1);
  EXPECT_TRUE(living.store().find("key", "aa11"));
}

TEST_F(UsableStores, LeaveStrangersAlone) {
  fs::create_directories(folder_ / "latentreel-run-of-yesterday");
  std::ofstream(folder_ / "latentreel-run-abcdef") << "a file";
  fs::create_directories(folder_ / "elsewhere");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "latentreel-run-ghijkl");
  { const UsableStore store({}, Reuse::yes, quiet_); }
  EXPECT_EQ(count(), 4);
}

}  // namespace
}  // namespace latentreel::render
