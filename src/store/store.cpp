#include "src/store/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "src/files/atomic_file.h"
#include "src/files/digest.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

namespace fs = std::filesystem;

// Raised whenever entries are laid out otherwise; older ones are then left to be cleaned.
constexpr const char* kLayout = "v3";
constexpr const char* kOlder = "older";
constexpr std::size_t kDigestLength = 64;

// KIND/NA/NAME-DIGEST taken apart; nothing for a file of another kind (unfinished ones, strangers).
std::optional<Store::Entry> entry_of(const fs::path& file) {
  const auto name = file.filename().string();
  if (name.size() < kDigestLength + 2) return std::nullopt;
  const auto dash = name.size() - kDigestLength - 1;
  if (name[dash] != '-') return std::nullopt;
  Store::Entry entry;
  entry.kind = file.parent_path().parent_path().filename().string();
  entry.name = name.substr(0, dash);
  entry.digest = name.substr(dash + 1);
  if (entry.digest.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  entry.file = file;
  return entry;
}

// "v2": a folder of entries of some layout.
bool is_layout(const std::string& name) {
  return name.size() > 1 && name.front() == 'v' &&
         name.find_first_not_of("0123456789", 1) == std::string::npos;
}

// Before an entry's bytes in its digest.
std::string label_of(std::string_view kind, const std::string& name) {
  return fmt::format("{}/{}\n", kind, name);
}

void add_entries(const fs::path& layout, std::vector<Store::Entry>& entries) {
  std::error_code error;
  for (fs::recursive_directory_iterator file(layout, error), end; !error && file != end;
       file.increment(error)) {
    auto entry = entry_of(file->path());
    if (!entry) continue;
    if (layout.filename() != kLayout) entry->kind = kOlder;
    std::error_code gone;  // another run may remove it while we look
    entry->bytes = fs::file_size(entry->file, gone);
    if (!gone) entry->used = fs::last_write_time(entry->file, gone);
    if (!gone) entries.push_back(std::move(*entry));
  }
}

fs::path place_in(const fs::path& layout, std::string_view kind, const std::string& name) {
  return layout / kind / name.substr(0, 2);
}

// The files of an entry in its place.
std::vector<fs::path> files_in(const fs::path& place, const std::string& name) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator file(place, error), end; !error && file != end;
       file.increment(error)) {
    const auto entry = entry_of(file->path());
    if (entry && entry->name == name) files.push_back(file->path());
  }
  return files;
}

// Throws FileError where it cannot be read.
bool is_whole(const fs::path& file, std::string_view kind, const std::string& name) {
  return files::sha256_of_file(file, label_of(kind, name)) == entry_of(file)->digest;
}

bool holds(const fs::path& file, std::string_view kind, const std::string& name) noexcept {
  try {
    return is_whole(file, kind, name);
  } catch (const std::exception&) {
    return false;
  }
}

void touch(const fs::path& file) noexcept {
  ::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
}

[[noreturn]] void fail(const std::exception& error, RenderError::Kind kind,
                       const fs::path& folder) {
  throw RenderError(kind, fmt::format("keeping finished work in {}: {}. Free some space there, or "
                                      "choose another folder with --store.",
                                      folder.string(), error.what()));
}

}  // namespace

Store::Store(const fs::path& folder, Reuse reuse, Progress& progress, const fs::path& below)
    : folder_(folder / kLayout),
      below_(below.empty() ? fs::path() : below / kLayout),
      reuse_(reuse),
      progress_(progress) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    throw RenderError(
        RenderError::Kind::cannot_create,
        fmt::format("creating the folder {} for finished work: {}. Choose another with --store.",
                    folder_.string(), error.message()));
  }
  try {
    files::AtomicFile probe(folder_ / "writable");
  } catch (const files::FileError& failure) {
    fail(failure, RenderError::Kind::cannot_create, folder_);
  }
}

void Store::remember(const fs::path& file) {
  const std::lock_guard lock(mutex_);
  mine_.insert(file);
}

bool Store::is_mine(const fs::path& file) const {
  const std::lock_guard lock(mutex_);
  return mine_.count(file) > 0;
}

fs::path Store::place(std::string_view kind, const std::string& name) const {
  return place_in(folder_, kind, name);
}

std::vector<fs::path> Store::files_of(std::string_view kind, const std::string& name) const {
  return files_in(place(kind, name), name);
}

bool Store::may_be_below(std::string_view kind, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return !below_.empty() && reuse_ == Reuse::yes && unusable_.count(place(kind, name) / name) == 0;
}

void Store::warn_once(const fs::path& file) const {
  {
    const std::lock_guard lock(mutex_);
    if (!warned_.insert(file).second) return;
  }
  progress_.report(
      Warning{fmt::format("{} does not hold what its name says; making it again, in {}",
                          file.string(), folder_.string())});
}

std::optional<fs::path> Store::find_below(std::string_view kind, const std::string& name) const {
  if (!may_be_below(kind, name)) return std::nullopt;
  for (const auto& file : files_in(place_in(below_, kind, name), name)) {
    try {
      if (is_whole(file, kind, name)) {
        const std::lock_guard lock(mutex_);
        whole_.insert(file);
        return file;
      }
      {
        const std::lock_guard lock(mutex_);
        whole_.erase(file);
      }
      warn_once(file);
    } catch (const files::FileError&) {
      continue;  // it was removed just now, or it may not be read
    }
  }
  return std::nullopt;
}

bool Store::has(std::string_view kind, const std::string& name) const {
  const auto files = files_of(kind, name);
  if (reuse_ == Reuse::yes) {
    if (!files.empty()) return true;
    if (!may_be_below(kind, name)) return false;
    for (const auto& file : files_in(place_in(below_, kind, name), name)) {
      const std::lock_guard lock(mutex_);
      if (whole_.count(file) > 0) return true;
    }
    return find_below(kind, name).has_value();
  }
  return std::any_of(files.begin(), files.end(), [&](const auto& file) { return is_mine(file); });
}

std::optional<fs::path> Store::find(std::string_view kind, const std::string& name) {
  for (const auto& file : files_of(kind, name)) {
    if (reuse_ == Reuse::no && !is_mine(file)) continue;
    try {
      if (is_whole(file, kind, name)) {
        touch(file);
        remember(file);
        return file;
      }
    } catch (const files::FileError&) {
      continue;  // another run removed it just now, or it may not be read
    }
    std::error_code ignored;
    fs::remove(file, ignored);
    progress_.report(Warning{
        fmt::format("{} does not hold what its name says; making it again", file.string())});
  }
  return find_below(kind, name);
}

void Store::put(std::string_view kind, const std::string& name, std::span<const std::byte> bytes) {
  const auto folder = place(kind, name);
  const auto older = files_of(kind, name);
  const auto label = label_of(kind, name);
  const auto digest = files::sha256_of(bytes, label);
  const auto target = folder / fmt::format("{}-{}", name, digest);
  if (older == std::vector{target} && holds(target, kind, name)) {
    touch(target);
    return remember(target);
  }
  try {
    std::error_code error;
    fs::create_directories(folder, error);
    files::AtomicFile file(target);
    file.write(bytes);
    file.sync();
    if (files::sha256_of_file(file.temporary(), label) != digest) {
      throw files::FileError(files::FileError::Kind::write_failed,
                             "reading it back gave different bytes from those written");
    }
    file.publish();
  } catch (const files::FileError& error) {
    fail(error, RenderError::Kind::write_failed, folder_);
  }
  remember(target);
  for (const auto& file : older) {
    if (file != target) {
      std::error_code ignored;
      fs::remove(file, ignored);
    }
  }
}

void Store::remove(std::string_view kind, const std::string& name) noexcept {
  try {
    const auto files = files_of(kind, name);
    const std::lock_guard lock(mutex_);
    for (const auto& file : files) {
      std::error_code ignored;
      fs::remove(file, ignored);
      mine_.erase(file);
    }
    // Then it was the one below that is of no use.
    if (files.empty()) unusable_.insert(place(kind, name) / name);
  } catch (const std::exception&) {
    // It stays until the store is cleaned.
  }
}

std::vector<Store::Entry> Store::entries(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator layout(folder, error), end; !error && layout != end;
       layout.increment(error)) {
    if (is_layout(layout->path().filename().string())) add_entries(layout->path(), entries);
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  return entries;
}

// What killed runs left half-written.
void Store::remove_orphans() noexcept {
  try {
    for (const auto& kind : fs::directory_iterator(folder_)) {
      if (!kind.is_directory()) continue;
      for (const auto& part : fs::directory_iterator(kind)) {
        files::AtomicFile::remove_orphans(part);
      }
    }
  } catch (const fs::filesystem_error&) {
    // Another run cleans too.
  }
}

std::uint64_t Store::shrink(std::uint64_t limit) {
  remove_orphans();
  const auto all = entries(folder_.parent_path());
  std::uint64_t total = 0, removed = 0;
  for (const auto& entry : all) total += entry.bytes;
  for (const auto& entry : all) {
    if (total - removed <= limit) break;
    if (is_mine(entry.file)) continue;
    std::error_code error;
    if (fs::remove(entry.file, error)) removed += entry.bytes;
  }
  return removed;
}

}  // namespace latentreel::render
