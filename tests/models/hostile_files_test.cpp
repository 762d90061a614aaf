#include "tests/models/hostile_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "models/files/error.h"
#include "models/files/torch_file.h"
#include "models/files/weights_file.h"
#include "tests/models/torch_file_writer.h"
#include "tests/temporary_folder.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HostileFiles : public ::testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& bytes) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // The file that code in a hostile file would make.
  fs::path proof() const { return folder_ / "proof"; }

  TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
};

// Opens a file as the program does and uses all its tensors: what that complains about.
std::string complaint_about(const fs::path& path) {
  try {
    const auto file = WeightsFile::open(path);
    file.take([](std::string_view) { return true; }).check_finite();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid) << path;
    return error.what();
  }
  return "none";
}

TEST_F(HostileFiles, AreRefusedByFileAndPlaceAndReason) {
  const auto files = hostile_files(proof().string());
  EXPECT_GT(files.size(), 120u);
  for (const auto& file : files) {
    SCOPED_TRACE(file.name);
    const auto path = write(file.name, file.bytes);
    const auto text = complaint_about(path);
    EXPECT_THAT(text, HasSubstr(path.string()));
    EXPECT_THAT(text, HasSubstr(file.where));
    EXPECT_THAT(text, HasSubstr(file.reason));
    EXPECT_LT(text.size(), 1000u);
    EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) { return c == '\x1b'; }));
    EXPECT_FALSE(fs::exists(proof())) << "it was run";
    fs::remove(path);
  }
}

// A storage may hold whatever bytes it likes: they are numbers.
TEST_F(HostileFiles, MayHoldPicklesAsNumbers) {
  const auto inner = PickleWriter()
                         .global("posix", "system")
                         .text("touch " + proof().string())
                         .raw("\x85R")
                         .finish();
  const auto count = static_cast<std::int64_t>(inner.size());
  const auto pickle =
      PickleWriter().dict().text("a").tensor("ByteStorage", "0", {count}).set_item().finish();
  const auto path = write("nested.ckpt", checkpoint_of(pickle, {{"0", inner}}));
  EXPECT_EQ(complaint_about(path), "none");
  EXPECT_FALSE(fs::exists(proof()));
}

// All of a file's tensors, their check sums too; WeightsError or nothing.
bool is_read(const std::string& bytes) {
  try {
    const TorchFile file({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()},
                         "x.ckpt");
    for (const auto& name : file.names()) file.check(file.tensor(name).storage);
    return true;
  } catch (const WeightsError& error) {
    EXPECT_THAT(error.what(), HasSubstr("x.ckpt"));
    return false;
  }
}

TEST_F(HostileFiles, AreRefusedAtEveryTruncation) {
  for (const auto& file : good_files()) {
    ASSERT_TRUE(is_read(file.bytes)) << file.name;
    for (std::size_t size = 0; size < file.bytes.size(); ++size) {
      EXPECT_FALSE(is_read(file.bytes.substr(0, size))) << file.name << " cut to " << size;
      // Opened from disk a stump may look like another container; it is no model all the same.
      if (size % 16 == 0) {
        EXPECT_NE(complaint_about(write(file.name, file.bytes.substr(0, size))), "none") << size;
      }
    }
  }
}

// Whatever one changes, it is read or refused; nothing else can happen (a crash would end this).
TEST_F(HostileFiles, AreReadOrRefusedWhateverByteIsChanged) {
  for (const auto& file : good_files()) {
    std::size_t refused = 0;
    for (std::size_t at = 0; at < file.bytes.size(); ++at) {
      auto changed = file.bytes;
      for (int change = 1; change < 256; ++change) {
        changed[at] = static_cast<char>(file.bytes[at] ^ change);
        refused += is_read(changed) ? 0 : 1;
      }
    }
    EXPECT_GT(refused, file.bytes.size()) << file.name;
  }
}

// ---- Seen from outside --------------------------------------------------------------------------

bool can_trace() {
  return std::system("strace -f -o /dev/null true >/dev/null 2>&1") == 0;
}

// The test above once more, in a process of its own whose system calls are written down.
TEST_F(HostileFiles, StartNoProgramAndOpenNoConnection) {
  if (!can_trace()) GTEST_SKIP() << "strace is not there, or may not trace.";
  const auto trace = folder_ / "trace";
  const auto output = folder_ / "output";
  const auto command = "strace -f -qq -e trace=execve,execveat,socket,connect,fork,vfork -o '" +
                       trace.string() + "' '" + fs::read_symlink("/proc/self/exe").string() +
                       "' --gtest_filter=HostileFiles.AreRefusedByFileAndPlaceAndReason:"
                       "HostileFiles.MayHoldPicklesAsNumbers >'" +
                       output.string() + "' 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);
  ASSERT_THAT(temporary_.read("output"), HasSubstr("[  PASSED  ] 2 tests."));

  std::ifstream in(trace);
  std::vector<std::string> calls;
  for (std::string line; std::getline(in, line);) {
    if (line.find('(') != line.npos) calls.push_back(line);  // not signals and exits
  }
  ASSERT_FALSE(calls.empty());
  EXPECT_THAT(calls.front(), HasSubstr("execve(")) << "its own start, so it was watched";
  calls.erase(calls.begin());
  EXPECT_THAT(calls, IsEmpty());
}

}  // namespace
}  // namespace latentreel::models
