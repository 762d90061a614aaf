#include "src/library/part_file.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "tests/library/folder.h"

namespace {

// Done once, in the moment between opening a part and locking it.
std::function<void()> before_lock;  // NOLINT: flock cannot be told otherwise

}  // namespace

// In the place of the C library's: only so can a test be sure to meet that moment.
extern "C" int flock(int descriptor, int operation) noexcept {
  if (const auto action = std::exchange(before_lock, nullptr)) action();
  return static_cast<int>(syscall(SYS_flock, descriptor, operation));
}

namespace latentreel::library {
namespace {

class Part : public testing::FolderTest {};

TEST_F(Part, IsNotTheFileThatAnotherCallFinishesMeanwhile) {
  const auto target = folder_ / "model.ckpt";
  write(folder_ / "model.ckpt.part", "the whole file");
  before_lock = [&] { std::filesystem::rename(folder_ / "model.ckpt.part", target); };
  PartFile part(target);
  EXPECT_FALSE(before_lock);  // it was done
  EXPECT_EQ(part.size(), 0);
  part.restart({});
  part.write("another", 7);
  EXPECT_EQ(read(target), "the whole file");
  EXPECT_EQ(read(part.path()), "another");
}

}  // namespace
}  // namespace latentreel::library
