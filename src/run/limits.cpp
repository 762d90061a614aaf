#include "src/run/limits.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "src/files/sizes.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// Renders with the bundled pair, tried with limits from 600 MB to 3 GB: where up to 300 MB were
// left oneDNN ended some of them by a signal, and x264 and the reading back of the film failed for
// reasons that they could not name. With 340 MB all ended well.
constexpr std::uint64_t kLeastAddresses = 400'000'000;

template <class Number>
void take_less(std::optional<Number>& least, std::optional<Number> other) {
  if (other) least = std::min(least.value_or(*other), *other);
}

// "MemAvailable:   12345 kB" of /proc/meminfo.
std::optional<std::uint64_t> available_to_all(const fs::path& root) {
  std::ifstream in(root / "proc/meminfo");
  std::string name, unit;
  std::uint64_t kilobytes = 0;
  while (in >> name >> kilobytes && std::getline(in, unit)) {
    if (name == "MemAvailable:") return kilobytes * 1024;
  }
  return std::nullopt;
}

// What "ulimit -v" leaves; nothing where that is not limited.
std::optional<std::uint64_t> left_of_addresses(const fs::path& root) {
  const std::string name = "Max address space";
  std::ifstream limits(root / "proc/self/limits");
  for (std::string line; std::getline(limits, line);) {
    if (line.compare(0, name.size(), name) != 0) continue;
    std::uint64_t most = 0, pages = 0;
    if (!(std::istringstream(line.substr(name.size())) >> most)) return std::nullopt;
    if (!(std::ifstream(root / "proc/self/statm") >> pages)) return std::nullopt;
    const auto used = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return most - std::min(most, used);
  }
  return std::nullopt;
}

// Nothing for "max", the word for no limit, and where there is no such file.
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::uint64_t number = 0;
  if (std::ifstream(file) >> number) return number;
  return std::nullopt;
}

// Of pages that hold files the kernel gives back what is needed: only the others count.
std::uint64_t file_pages(const fs::path& statistics) {
  std::ifstream in(statistics);
  std::string name;
  std::uint64_t bytes = 0;
  while (in >> name >> bytes) {
    if (name == "inactive_file" || name == "total_inactive_file") return bytes;
  }
  return 0;
}

std::optional<std::uint64_t> left_in(const fs::path& group, const char* limit, const char* used) {
  const auto most = number_in(group / limit), now = number_in(group / used);
  if (!most || !now) return std::nullopt;
  const auto held = *now - std::min(*now, file_pages(group / "memory.stat"));
  return *most - std::min(*most, held);
}

// Calls visit(folder, version) for this process's group of that controller and those above it, as
// /proc/self/cgroup names them: "0::/a/b" in version 2, "9:memory:/a/b" in version 1.
template <class Visit>
void for_each_group(const fs::path& root, const std::string& controller, const Visit& visit) {
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const int version = controllers.empty() ? 2 : 1;
    const bool is_it = ("," + controllers + ",").find("," + controller + ",") != std::string::npos;
    if (version == 1 && !is_it) continue;
    const auto base = root / "sys/fs/cgroup" / (version == 2 ? "" : controllers);
    for (fs::path group = line.substr(second + 1);; group = group.parent_path()) {
      visit(base / group.relative_path(), version);
      if (!group.has_relative_path()) break;
    }
  }
}

}  // namespace

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  auto least = available_to_all(root);
  take_less(least, left_of_addresses(root));
  for_each_group(root, "memory", [&](const fs::path& group, int version) {
    take_less(least, version == 2
                         ? left_in(group, "memory.max", "memory.current")
                         : left_in(group, "memory.limit_in_bytes", "memory.usage_in_bytes"));
  });
  return least;
}

void check_address_space(const fs::path& root) {
  const auto left = left_of_addresses(root);
  if (!left || *left >= kLeastAddresses) return;
  throw RenderError(
      RenderError::Kind::device,
      fmt::format("computing in a limited address space (ulimit -v): {} of it are left, and less "
                  "than {} would end in the middle of the work. Raise the limit, or limit the "
                  "memory of a control group instead (systemd-run --scope -p MemoryMax=2G).",
                  files::format_bytes(static_cast<double>(*left)),
                  files::format_bytes(static_cast<double>(kLeastAddresses))));
}

std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> least;
  for_each_group(root, "cpu", [&](const fs::path& group, int version) {
    double quota = 0, period = 0;  // microseconds; "max" or below 0: no limit
    if (version == 2) {
      if (!(std::ifstream(group / "cpu.max") >> quota >> period)) return;
    } else {
      if (!(std::ifstream(group / "cpu.cfs_quota_us") >> quota)) return;
      if (!(std::ifstream(group / "cpu.cfs_period_us") >> period)) return;
    }
    if (quota > 0 && period > 0) take_less(least, std::optional(quota / period));
  });
  return least;
}

}  // namespace latentreel::render
