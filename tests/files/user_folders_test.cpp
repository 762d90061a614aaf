#include "src/files/user_folders.h"

#include <gtest/gtest.h>

#include "tests/variable.h"

namespace latentreel::files {
namespace {

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

TEST(UserFolders, AreEmptyWhereHomeIsRelativeToo) {
  const Variable home("HOME", "somebody");
  const Variable data("XDG_DATA_HOME", "data"), cache("XDG_CACHE_HOME", "cache");
  EXPECT_TRUE(user_data_folder().empty());
  EXPECT_TRUE(user_cache_folder().empty());
}

}  // namespace
}  // namespace latentreel::files
