#include "src/train/world/sheet.h"

#include <gtest/gtest.h>

#include <fstream>

#include "src/train/world/captions.h"
#include "src/train/world/error.h"
#include "tests/temporary_folder.h"

namespace latentreel::world {
namespace {

class Sheet : public testing::Test {
 protected:
  TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(Sheet, IsAPngWithItsCaptionsBesideIt) {
  const std::vector<SheetEntry> entries = picture_entries(7, 2);
  write_sheet(folder_ / "sheet.png", entries, 16, 3);
  // The header of a PNG holds width and height, big-endian, from byte 16 on: 3 columns, 3 rows.
  const std::string png = contents(folder_ / "sheet.png");
  ASSERT_GT(png.size(), 24u);
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(static_cast<unsigned char>(png[19]), 3 * 20 + 4);
  EXPECT_EQ(static_cast<unsigned char>(png[23]), 3 * 20 + 4);
  const std::string text = contents(folder_ / "sheet.txt");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 7);
  EXPECT_TRUE(text.starts_with("1.1 " + entries[0].caption + "\n"));
  EXPECT_NE(text.find("\n3.1 " + entries[6].caption + "\n"), std::string::npos);
}

TEST_F(Sheet, IsTheSameBytesForTheSameSeed) {
  write_sheet(folder_ / "one.png", picture_entries(12, 5), 32, 4);
  write_sheet(folder_ / "two.png", picture_entries(12, 5), 32, 4);
  write_sheet(folder_ / "other.png", picture_entries(12, 6), 32, 4);
  EXPECT_EQ(contents(folder_ / "one.png"), contents(folder_ / "two.png"));
  EXPECT_NE(contents(folder_ / "one.png"), contents(folder_ / "other.png"));
}

TEST_F(Sheet, ThatCannotBeWrittenSaysSo) {
  try {
    write_sheet(folder_ / "missing" / "sheet.png", ground_entries(), 8, 9);
    FAIL() << "no error";
  } catch (const WorldError& error) {
    EXPECT_NE(std::string(error.what()).find("missing/sheet.png"), std::string::npos);
  }
}

TEST(SheetEntries, AreComplete) {
  EXPECT_EQ(thing_entries().size(), static_cast<std::size_t>(kThings));
  EXPECT_EQ(ground_entries().size(), static_cast<std::size_t>(kGrounds));
  EXPECT_EQ(colour_entries().size(), static_cast<std::size_t>((kThings - 1) * kColours));
}

}  // namespace
}  // namespace latentreel::world
