#include "src/files/user_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "src/files/error.h"
#include "tests/temporary_folder.h"
#include "tests/variable.h"

namespace latentreel::files {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TEST(UserFolders, AreThoseOfTheVariables) {
  const Variable home("HOME", "/home/somebody");
  const Variable data("XDG_DATA_HOME", "/data"), cache("XDG_CACHE_HOME", "/cache");
  EXPECT_EQ(user_data_folder(), "/data/latentreel");
  EXPECT_EQ(user_cache_folder(), "/cache/latentreel");
}

TEST(UserFolders, AreBelowHomeWhereNoAbsoluteOnesAreGiven) {
  const Variable home("HOME", "/home/somebody");
  const Variable data("XDG_DATA_HOME", "data"), cache("XDG_CACHE_HOME", "");
  EXPECT_EQ(user_data_folder(), "/home/somebody/.local/share/latentreel");
  EXPECT_EQ(user_cache_folder(), "/home/somebody/.cache/latentreel");
}

TEST(UserFolders, AreBelowTheAccountsHomeWhereHomeSaysNothing) {
  const auto* account = ::getpwuid(::geteuid());
  if (account == nullptr || !fs::is_directory(account->pw_dir)) GTEST_SKIP() << "no home";
  const Variable data("XDG_DATA_HOME", "data"), cache("XDG_CACHE_HOME", "cache");
  for (const std::string value : {"", "somebody"}) {
    const Variable home("HOME", value);
    EXPECT_EQ(user_data_folder(), fs::path(account->pw_dir) / ".local/share/latentreel");
    EXPECT_EQ(user_cache_folder(), fs::path(account->pw_dir) / ".cache/latentreel");
  }
}

TEST(TemporaryFolderOfAUser, IsForNobodyElse) {
  const TemporaryFolder temporary;
  const Variable place("TMPDIR", temporary.path().string());
  const auto folder = private_temporary_folder();
  EXPECT_EQ(folder, temporary.path() / ("latentreel-" + std::to_string(::geteuid())));
  struct stat status {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_EQ(private_temporary_folder(), folder);  // the next call finds its work again
}

std::string why_refused() {
  try {
    private_temporary_folder();
  } catch (const FileError& error) {
    EXPECT_EQ(error.kind(), FileError::Kind::cannot_create);
    return error.what();
  }
  return {};
}

TEST(TemporaryFolderOfAUser, IsRefusedWhereAnotherCouldHavePutFilesInIt) {
  const TemporaryFolder temporary;
  const Variable place("TMPDIR", temporary.path().string());
  const auto folder = temporary.path() / ("latentreel-" + std::to_string(::geteuid()));
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms(0777));
  EXPECT_THAT(why_refused(), AllOf(HasSubstr(folder.string()), HasSubstr("other users may enter"),
                                   HasSubstr("--store")));
  fs::remove(folder);
  fs::create_directory(temporary.path() / "elsewhere");
  fs::create_directory_symlink(temporary.path() / "elsewhere", folder);
  EXPECT_THAT(why_refused(), HasSubstr("it is no folder"));
  fs::remove(folder);
  if (::geteuid() == 0) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms(0700));
    ASSERT_EQ(::chown(folder.c_str(), 12345, 12345), 0);
    EXPECT_THAT(why_refused(), HasSubstr("it is another user's"));
  }
  const Variable nowhere("TMPDIR", (temporary.path() / "none").string());
  EXPECT_THAT(why_refused(), HasSubstr("set HOME"));
}

}  // namespace
}  // namespace latentreel::files
