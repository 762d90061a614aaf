#include "src/store/usable_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// With a folder of temporary files of its own.
class UsableStores : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("latentreel-usable-") + std::to_string(getpid()) +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    setenv("TMPDIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    before_.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before_.c_str(), 1);
    fs::remove_all(folder_);
  }
  int count() const { return static_cast<int>(std::distance(fs::directory_iterator(folder_), {})); }

  fs::path folder_;
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
