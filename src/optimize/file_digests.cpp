#include "src/optimize/file_digests.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <ctime>
#include <fstream>
#include <optional>
#include <span>

#include "src/files/digest.h"
#include "src/run/error.h"

namespace latentreel::render {
namespace {

constexpr const char* kKind = "digest";
constexpr off_t kWorthKeeping = 1 << 20;  // bytes; smaller files are read in no time
constexpr std::time_t kSettled = 2;       // seconds: times of change are no finer than a tick

// What is equal only while the file is unchanged; nothing for one that is small or still warm.
std::optional<std::string> identity(const std::filesystem::path& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0 || !S_ISREG(s.st_mode) || s.st_size < kWorthKeeping) {
    return std::nullopt;
  }
  if (std::time(nullptr) - s.st_ctim.tv_sec < kSettled) return std::nullopt;
  return fmt::format("{}:{}:{}:{}.{}:{}.{}", s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec,
                     s.st_mtim.tv_nsec, s.st_ctim.tv_sec, s.st_ctim.tv_nsec);
}

}  // namespace

std::string FileDigests::of(const std::filesystem::path& file) {
  const auto id = identity(file);
  if (!id) return files::sha256_of_file(file);
  const std::lock_guard lock(mutex_);  // the next one finds it then
  if (const auto known = known_.find(*id); known != known_.end()) return known->second;
  const auto name = files::sha256_of_text(*id);
  if (store_ != nullptr) {
    if (const auto kept = store_->find(kKind, name)) {
      std::string digest;
      std::ifstream(*kept) >> digest;
      if (digest.size() == 64) return known_[*id] = digest;
    }
  }
  const auto digest = files::sha256_of_file(file);
  if (identity(file) != id) return digest;  // it changed while it was read
  known_[*id] = digest;
  try {
    if (store_ != nullptr) store_->put(kKind, name, std::as_bytes(std::span(digest)));
  } catch (const RenderError&) {
    // Only the next start is slower; what cannot be kept is said where it matters.
  }
  return digest;
}

}  // namespace latentreel::render
