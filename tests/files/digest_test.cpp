#include "src/files/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "src/files/error.h"
#include "tests/temporary_folder.h"

namespace latentreel::files {
namespace {

using ::testing::HasSubstr;

std::string digest_of(const std::string& text, std::string_view label = {}) {
  return sha256_of(std::as_bytes(std::span(text)), label);
}

TEST(Digest, IsSha256) {
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const TemporaryFolder folder;
  EXPECT_EQ(digest_of("abc"), abc);
  folder.write("abc", "abc");
  EXPECT_EQ(sha256_of_file(folder / "abc"), abc);
  folder.write("empty", "");
  EXPECT_EQ(sha256_of_file(folder / "empty"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, OfAFileIsThatOfItsBytesHoweverManyThereAre) {
  const TemporaryFolder folder;
  const std::string large(5'000'000, 'a');
  folder.write("large", large);
  EXPECT_EQ(sha256_of_file(folder / "large"), digest_of(large));
}

TEST(Digest, BeginsWithItsLabel) {
  const TemporaryFolder folder;
  folder.write("c", "c");
  EXPECT_EQ(digest_of("c", "ab"), digest_of("abc"));
  EXPECT_EQ(sha256_of_file(folder / "c", "ab"), digest_of("abc"));
}

TEST(Digest, SaysWhichFileCannotBeRead) {
  const TemporaryFolder folder;
  try {
    sha256_of_file(folder / "none");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.kind(), FileError::Kind::cannot_read);
    EXPECT_EQ(error.system_error(), ENOENT);
    EXPECT_THAT(error.what(), HasSubstr("reading \"" + (folder / "none").string() + "\""));
  }
}

}  // namespace
}  // namespace latentreel::files
