#include "models/files/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/error.h"
#include "models/files/mapped_file.h"
#include "tests/models/bytes.h"
#include "tests/models/torch_file_writer.h"

namespace latentreel::models {
namespace {

using namespace std::string_literals;
using ::testing::AllOf;
using testing::bytes_of;
using ::testing::HasSubstr;

std::string archive_complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    const std::string text = error.what();
    EXPECT_THAT(text, HasSubstr("x.ckpt"));
    return text;
  }
  return "none";
}

std::string archive_complaint_about(const std::string& file) {
  return archive_complaint([&file] { ZipArchive(bytes_of(file), "x.ckpt"); });
}

// What using the member "r/b" complains about.
std::string complaint_about_member(const std::string& file) {
  const ZipArchive archive(bytes_of(file), "x.ckpt");
  return archive_complaint([&] { archive.check(*archive.find("r/b")); });
}

ZipWriter two_members(const ZipOddity& odd = {}) {
  ZipWriter zip;
  zip.add("r/b", "bytes of b", odd).add("r/a", "and of a");
  return zip;
}

void expect_two_members(const std::string& file) {
  const ZipArchive archive(bytes_of(file), "x.ckpt");
  ASSERT_EQ(archive.members().size(), 2u);
  EXPECT_EQ(archive.first(), "r/b") << "by place, not by name";
  const auto* b = archive.find("r/b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->size, 10u);
  EXPECT_EQ(text_of(archive.bytes_of(*b)), "bytes of b");
  archive.check(*b);
  archive.check(*archive.find("r/a"));
  EXPECT_EQ(archive.find("r/c"), nullptr);
}

// Replaces `count` bytes, `back` from the end.
std::string with_end(std::string file, std::size_t back, const std::string& bytes) {
  return file.replace(file.size() - back, bytes.size(), bytes);
}

TEST(ZipArchive, ReadsWhatPyTorchWrites) {
  // Zero sizes in local headers, padding "FB", descriptors behind the data, zip64 ends.
  expect_two_members(two_members().finish());
  const auto file = two_members().finish();
  const ZipArchive archive(bytes_of(file), "x.ckpt");
  const auto place = archive.bytes_of(*archive.find("r/a")).data() - bytes_of(file).data();
  EXPECT_EQ(place % 64, 0);
}

TEST(ZipArchive, ReadsOtherForms) {
  expect_two_members(two_members().finish(ZipWriter::End::plain));
  expect_two_members(two_members({.zip64 = true}).finish());
  expect_two_members(two_members().finish(ZipWriter::End::zip64, "a comment"));
  expect_two_members(two_members().finish(ZipWriter::End::plain, std::string(65535, 'c')));
  // A comment that holds the mark of an end.
  expect_two_members(two_members().finish(ZipWriter::End::plain, "PK\5\6" + std::string(30, '\0')));
}

TEST(ZipArchive, LeavesCompressedMembersAlone) {
  const auto file = two_members({.method = 8, .size = std::uint64_t{1} << 31}).finish();
  const ZipArchive archive(bytes_of(file), "x.ckpt");
  const auto* b = archive.find("r/b");
  EXPECT_FALSE(b->stored);
  EXPECT_EQ(b->size, std::uint64_t{1} << 31);
  EXPECT_EQ(b->packed, 10u);
  EXPECT_THAT(complaint_about_member(file), AllOf(HasSubstr("\"r/b\""), HasSubstr("compressed")));
}

TEST(ZipArchive, RefusesWhatIsNoArchive) {
  EXPECT_THAT(archive_complaint_about("PK\3\4"), HasSubstr("ends at once"));
  EXPECT_THAT(archive_complaint_about("PK\3\4" + std::string(100, 'x')),
              HasSubstr("without its end"));
  EXPECT_THAT(archive_complaint_about(ZipWriter().finish()), HasSubstr("an empty zip archive"));
  const auto file = two_members().finish(ZipWriter::End::plain);
  EXPECT_THAT(archive_complaint_about(file + "x"), HasSubstr("without its end"));
}

TEST(ZipArchive, RefusesEveryTruncation) {
  for (const auto end : {ZipWriter::End::plain, ZipWriter::End::zip64}) {
    const auto file = two_members().finish(end);
    for (std::size_t size = 0; size < file.size(); ++size) {
      EXPECT_NE(archive_complaint_about(file.substr(0, size)), "none") << size;
    }
  }
}

TEST(ZipArchive, RefusesEndsThatLie) {
  const auto plain = two_members().finish(ZipWriter::End::plain);
  EXPECT_THAT(archive_complaint_about(with_end(plain, 18, "\1")), HasSubstr("one part"));
  EXPECT_THAT(archive_complaint_about(with_end(plain, 16, "\1")), HasSubstr("one part"));
  EXPECT_THAT(archive_complaint_about(with_end(plain, 12, "\xff\xff")), HasSubstr("does not fit"));
  EXPECT_THAT(archive_complaint_about(with_end(plain, 10, "\xff\xff\xff\x7f")),
              HasSubstr("does not fit"));
  EXPECT_THAT(archive_complaint_about(with_end(plain, 6, "\xff\xff\xff\x7f")),
              HasSubstr("does not fit"));
  EXPECT_THAT(archive_complaint_about(with_end(plain, 6, "\1")), HasSubstr("damaged"));
  EXPECT_THAT(archive_complaint_about(with_end(plain, 12, "\3")), AllOf(HasSubstr("directory")));

  const auto zip64 = two_members().finish();
  constexpr std::size_t kLocator = 22 + 20;
  constexpr std::size_t kEnd = kLocator + 56;
  EXPECT_THAT(archive_complaint_about(with_end(zip64, kLocator - 8, "\1")),
              HasSubstr("not where it says"));
  EXPECT_THAT(archive_complaint_about(with_end(zip64, kLocator - 8, std::string(8, '\xff'))),
              HasSubstr("not where it says"));
  EXPECT_THAT(archive_complaint_about(with_end(zip64, kEnd - 16, "\1")), HasSubstr("one part"));
  EXPECT_THAT(archive_complaint_about(with_end(zip64, kEnd - 32, std::string(8, '\xff'))),
              HasSubstr("does not fit"));
  EXPECT_THAT(archive_complaint_about(with_end(zip64, kEnd - 48, std::string(8, '\xff'))),
              HasSubstr("does not fit"));
}

TEST(ZipArchive, RefusesMembersThatLie) {
  EXPECT_THAT(archive_complaint_about(two_members({.packed = 9}).finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("stored in 9 bytes and said to have 10")));
  EXPECT_THAT(archive_complaint_about(two_members({.size = 1 << 30, .packed = 1 << 30}).finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("it would have 1073741824 bytes")));
  constexpr auto kHuge = ~std::uint64_t{0};
  EXPECT_THAT(archive_complaint_about(
                  two_members({.size = kHuge, .packed = kHuge, .zip64 = true}).finish()),
              HasSubstr("it would have 18446744073709551615 bytes"));
  EXPECT_THAT(archive_complaint_about(two_members({.flags = 1}).finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("encrypted")));
  EXPECT_THAT(complaint_about_member(two_members({.local_name = "r/c"}).finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("lies \"r/c\"")));
  EXPECT_THAT(complaint_about_member(two_members({.local_method = 8}).finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("compressed by its own header")));
  auto file = two_members().finish();
  file[0] = 'Q';
  EXPECT_THAT(complaint_about_member(file), HasSubstr("no such member"));
  file = two_members().finish();
  file[29] = '\x7f';  // the local extra field's length
  EXPECT_THAT(complaint_about_member(file), HasSubstr("no such member"));
}

TEST(ZipArchive, RefusesAnIncompleteZip64Field) {
  auto file = two_members({.zip64 = true}).finish();
  const auto field = file.find("\1\0\x18\0"s);
  ASSERT_NE(field, file.npos);
  file[field + 2] = 16;
  EXPECT_THAT(archive_complaint_about(file), AllOf(HasSubstr("\"r/b\""), HasSubstr("incomplete")));
}

TEST(ZipArchive, RefusesWrongCheckSums) {
  EXPECT_THAT(complaint_about_member(two_members({.crc = 0x12345678}).finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("should be 12345678")));
  auto file = two_members().finish();
  file[file.find("bytes of b")] ^= 1;
  EXPECT_THAT(complaint_about_member(file), HasSubstr("not those that were written"));
}

TEST(ZipArchive, RefusesNamesThatLeadOut) {
  for (const auto& name :
       {"../b"s, ".."s, "r/../../b"s, "r/.."s, "/etc/passwd"s, "r\\..\\b"s, "r/b\0c"s, ""s}) {
    ZipWriter zip;
    zip.add("r/a", "a").add(name, "b");
    EXPECT_THAT(archive_complaint_about(zip.finish()), HasSubstr("leads out of its archive"))
        << name;
  }
  ZipWriter zip;
  zip.add("r/..a", "a").add("r/b..", "b").add("r/.data/x", "c");
  EXPECT_EQ(archive_complaint_about(zip.finish()), "none");
}

TEST(ZipArchive, RefusesMembersInOnePlace) {
  ZipWriter twice;
  twice.add("r/a", "a").add("r/a", "b");
  EXPECT_THAT(archive_complaint_about(twice.finish()),
              AllOf(HasSubstr("\"r/a\""), HasSubstr("two members of that name")));

  ZipWriter same;
  same.add("r/a", "abc").add("r/b", "abc", {.header = 0});
  EXPECT_THAT(archive_complaint_about(same.finish()),
              AllOf(HasSubstr("\"r/b\""), HasSubstr("lies where another member")));

  // One member inside another; the way of zip bombs, compressed or not.
  for (const std::uint16_t method : {0, 8}) {
    ZipWriter inside;
    inside.add("r/a", std::string(200, 'a'), {.method = method});
    inside.add("r/b", "b", {.method = method, .header = 100});
    EXPECT_THAT(archive_complaint_about(inside.finish()),
                AllOf(HasSubstr("\"r/a\""), HasSubstr("overlaps another member")));
  }

  ZipWriter beyond;
  beyond.add("r/a", "a").add("r/b", "b", {.header = 100'000});
  EXPECT_THAT(archive_complaint_about(beyond.finish()), HasSubstr("overlaps"));
  ZipWriter into_directory;
  into_directory.add("r/a", "a").add("r/b", "b", {.header = into_directory.size() - 20});
  EXPECT_THAT(archive_complaint_about(into_directory.finish()), HasSubstr("overlaps"));
}

TEST(ZipArchive, BoundsItsMembers) {
  // A directory of a hundred thousand and one entries.
  ZipWriter zip;
  for (int i = 0; i <= 100'000; ++i) zip.add(std::to_string(i), "", {.header = 0});
  EXPECT_THAT(archive_complaint_about(zip.finish()),
              HasSubstr("100001 members; 100000 are read at most"));
}

}  // namespace
}  // namespace latentreel::models
