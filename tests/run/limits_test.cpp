#include "src/run/limits.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "src/run/error.h"
#include "tests/temporary_folder.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// A root folder with the files of the kernel that count.
class AvailableMemory : public ::testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root_.path() / file).parent_path());
    root_.write(file, text);
  }
  std::optional<std::uint64_t> available() const { return available_memory(root_.path()); }

  TemporaryFolder root_;
};

constexpr const char* kMeminfo =
    "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:    2000000 kB\n"
    "HugePages_Total:       0\n";

TEST_F(AvailableMemory, IsNotKnownWithoutTheKernelsFiles) {
  EXPECT_EQ(available(), std::nullopt);
}

TEST_F(AvailableMemory, IsWhatTheKernelCallsSo) {
  write("proc/meminfo", kMeminfo);
  EXPECT_EQ(available(), 2'000'000u * 1024u);
}

TEST_F(AvailableMemory, IsLessWithAnAddressSpaceOfALimit) {
  write("proc/meminfo", kMeminfo);
  write("proc/self/statm", "1000 500 100 1 0 300 0\n");
  write("proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units\n"
        "Max address space         unlimited            unlimited            bytes\n");
  EXPECT_EQ(available(), 2'000'000u * 1024u);
  write("proc/self/limits",
        "Max address space         800000000            unlimited            bytes\n");
  EXPECT_EQ(available(), 800'000'000u - 1000u * static_cast<unsigned>(::sysconf(_SC_PAGESIZE)));
}

TEST_F(AvailableMemory, OfTooFewAddressesIsRefusedBeforeTheWork) {
  EXPECT_NO_THROW(check_address_space(root_.path()));
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto leave = [&](std::uint64_t left) {
    write("proc/self/statm", "1000 500 100 1 0 300 0\n");
    write("proc/self/limits", "Max address space         " + std::to_string(left + 1000 * page) +
                                  "            unlimited            bytes\n");
  };
  leave(400'000'000);
  EXPECT_NO_THROW(check_address_space(root_.path()));
  leave(399'999'999);
  try {
    check_address_space(root_.path());
    FAIL() << "LibTorch's libraries would end the process";
  } catch (const RenderError& error) {
    EXPECT_EQ(error.kind(), RenderError::Kind::device);
    EXPECT_NE(std::string(error.what()).find("ulimit -v"), std::string::npos);
  }
}

TEST_F(AvailableMemory, IsLessInAGroupWithALimit) {
  write("proc/meminfo", kMeminfo);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/memory.current", "77\n");
  EXPECT_EQ(available(), 2'000'000u * 1024u);
  // A group above it, and pages of files that can be given back.
  write("sys/fs/cgroup/a/memory.max", "1000000\n");
  write("sys/fs/cgroup/a/memory.current", "700000\n");
  write("sys/fs/cgroup/a/memory.stat", "anon 600000\ninactive_file 100000\n");
  EXPECT_EQ(available(), 400'000u);
}

TEST_F(AvailableMemory, IsLessInAGroupOfTheFirstVersion) {
  write("proc/meminfo", kMeminfo);
  write("proc/self/cgroup", "12:cpu:/x\n9:memory:/a\n");
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1000000\n");
  write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "2000000\n");
  EXPECT_EQ(available(), 0u);
}

TEST_F(AvailableMemory, ComesWithAQuotaOfCores) {
  EXPECT_EQ(cpu_quota(root_.path()), std::nullopt);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root_.path()), std::nullopt);
  write("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
  EXPECT_EQ(cpu_quota(root_.path()), 2.5);
  write("proc/self/cgroup", "4:cpu,cpuacct:/x\n");
  write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us", "150000\n");
  write("sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root_.path()), 1.5);
}

TEST(AvailableMemoryHere, IsKnown) {
  EXPECT_GT(available_memory().value_or(0), 0u);
}

}  // namespace
}  // namespace latentreel::render
