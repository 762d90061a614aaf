#include "src/files/folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/files/error.h"
#include "tests/temporary_folder.h"

namespace latentreel::files {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Folders, ThatAreMissingAreMade) {
  const TemporaryFolder temporary;
  const auto file = temporary / "new/folder/film.mp4";
  EXPECT_THAT(missing_folders(file), ElementsAre(temporary / "new/folder", temporary / "new"));
  make_folders_for(file);
  EXPECT_TRUE(fs::is_directory(temporary / "new/folder"));
  EXPECT_THAT(missing_folders(file), IsEmpty());
  make_folders_for(file);
  EXPECT_THAT(missing_folders("film.mp4"), IsEmpty());
  make_folders_for("film.mp4");
}

TEST(Folders, ThatCannotBeMadeAreNamed) {
  const TemporaryFolder temporary;
  temporary.write("file", "in the way");
  try {
    make_folders_for(temporary / "file/folder/film.mp4");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.kind(), FileError::Kind::cannot_create);
    EXPECT_THAT(error.what(), AllOf(HasSubstr((temporary / "file/folder").string()),
                                    HasSubstr("Not a directory")));
  }
}

}  // namespace
}  // namespace latentreel::files
