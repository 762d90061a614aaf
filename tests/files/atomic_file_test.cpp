#include "src/files/atomic_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace latentreel::files {
namespace {

namespace fs = std::filesystem;
using Kind = FileError::Kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AtomicFiles : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) const { temporary_.write(name, text); }
  std::string contents(const std::string& name) const { return temporary_.read(name); }
  std::vector<std::string> names() const { return temporary_.names(); }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

Kind kind_of(const fs::path& target) {
  try {
    AtomicFile file(target);
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), HasSubstr("creating"));
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown for " << target;
  return Kind::write_failed;
}

TEST_F(AtomicFiles, HaveTheirNameOnlyWhenPublished) {
  put("a", "old");
  {
    AtomicFile file(folder_ / "a");
    file.write("new");
    EXPECT_EQ(contents("a"), "old");
    file.publish();
    EXPECT_EQ(contents("a"), "new");
    EXPECT_THAT(names(), ElementsAre("a"));
  }
  { AtomicFile(folder_ / "a").write("never published"); }
  EXPECT_EQ(contents("a"), "new");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(AtomicFiles, AreWrittenByOthersUnderTheirTemporaryName) {
  write_file_by(folder_ / "a", [](const fs::path& file) { std::ofstream(file) << "written"; });
  EXPECT_EQ(contents("a"), "written");
  EXPECT_THROW(write_file_by(folder_ / "a",
                             [](const fs::path& file) {
                               std::ofstream(file) << "half";
                               throw std::runtime_error("ended");
                             }),
               std::runtime_error);
  EXPECT_EQ(contents("a"), "written");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(AtomicFiles, ThatCannotBeBegunAreKnownAtOnce) {
  put("a file", "");
  fs::create_directories(folder_ / "a folder");
  fs::create_symlink("/dev/full", folder_ / "device");
  EXPECT_EQ(kind_of(folder_ / "none/a"), Kind::cannot_create);
  EXPECT_EQ(kind_of(folder_ / "a file/a"), Kind::cannot_create);
  EXPECT_EQ(kind_of(folder_ / "a folder"), Kind::cannot_create);
  EXPECT_EQ(kind_of(folder_ / "a folder/"), Kind::cannot_create);
  EXPECT_EQ(kind_of(folder_ / "device"), Kind::cannot_create);
  EXPECT_EQ(kind_of(folder_ / std::string(256, 'n')), Kind::cannot_create);
  EXPECT_EQ(kind_of("/proc/a"), Kind::cannot_create);
  EXPECT_THAT(names(), ElementsAre("a file", "a folder", "device"));
}

TEST_F(AtomicFiles, WithoutPermission) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ::chmod(folder_.c_str(), 0500);
  EXPECT_EQ(kind_of(folder_ / "a"), Kind::cannot_create);
  ::chmod(folder_.c_str(), 0700);
}

TEST_F(AtomicFiles, TakeLongAndOddNames) {
  for (const std::string& name : {std::string(255, 'n'), std::string("a|b:c %03d 'q' – ü"),
                                  std::string("-o"), std::string("a\nb")}) {
    write_file(folder_ / name, "text");
    EXPECT_EQ(contents(name), "text");
    fs::remove(folder_ / name);
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(AtomicFiles, FollowALinkAndKeepIt) {
  fs::create_directories(folder_ / "disk");
  put("disk/real", "old");
  fs::create_symlink("disk/real", folder_ / "a");
  write_file(folder_ / "a", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "a"));
  EXPECT_EQ(contents("disk/real"), "new");
}

TEST_F(AtomicFiles, RemoveWhatADeadOwnerLeftAndNothingElse) {
  for (const char* name : {"a.123-0.part", "a.keep.part", "a2.123-0.part", "a.part", "a"}) {
    put(name, "x");
  }
  put("a.77-1.part", "living");
  const int living = ::open((folder_ / "a.77-1.part").c_str(), O_RDWR);
  ASSERT_EQ(::flock(living, LOCK_EX | LOCK_NB), 0);
  { const AtomicFile file(folder_ / "a"); }
  EXPECT_THAT(names(), ElementsAre("a", "a.77-1.part", "a.keep.part", "a.part", "a2.123-0.part"));
  AtomicFile::remove_orphans(folder_);
  EXPECT_THAT(names(), ElementsAre("a", "a.77-1.part", "a.keep.part", "a.part"));
  ::close(living);
}

// A lock that is held there need not be seen here.
TEST_F(AtomicFiles, RemoveWhatAnotherMachineLeftOnlyWhenItIsOld) {
  put("a.far-away-0123abcd.123-0.part", "x");
  put("a.far-away-0123abcd.124-0.part", "x");
  const auto old =
      fs::last_write_time(folder_ / "a.far-away-0123abcd.123-0.part") - std::chrono::hours(25);
  fs::last_write_time(folder_ / "a.far-away-0123abcd.124-0.part", old);
  { const AtomicFile file(folder_ / "a"); }
  EXPECT_THAT(names(), ElementsAre("a.far-away-0123abcd.123-0.part"));
  AtomicFile::remove_orphans(folder_);
  EXPECT_THAT(names(), ElementsAre("a.far-away-0123abcd.123-0.part"));
}

TEST_F(AtomicFiles, SayInTheirTemporaryNameWhichMachineWritesThem) {
  std::array<char, 256> host{};
  ASSERT_EQ(::gethostname(host.data(), host.size() - 1), 0);
  const AtomicFile file(folder_ / "a");
  const auto name = file.temporary().filename().string();
  EXPECT_THAT(name, ::testing::StartsWith(std::string("a.") + host[0]));
  EXPECT_THAT(name, HasSubstr("." + std::to_string(::getpid()) + "-"));
}

TEST_F(AtomicFiles, AreTheOldOneWhereTheDiskIsFull) {
  put("a", "old");
  rlimit before = {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {100, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  try {
    write_file(folder_ / "a", std::string(101, 'x'));
    ADD_FAILURE() << "nothing was thrown";
  } catch (const FileError& error) {
    EXPECT_EQ(error.kind(), Kind::write_failed);
    EXPECT_EQ(error.system_error(), EFBIG);
    EXPECT_THAT(error.what(), HasSubstr("free some space"));
  }
  EXPECT_NO_THROW(write_file(folder_ / "b", std::string(100, 'x')));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(contents("a"), "old");
  EXPECT_THAT(names(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace latentreel::files
