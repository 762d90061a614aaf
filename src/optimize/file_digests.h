#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "src/store/store.h"

namespace latentreel::render {

// SHA-256 of the files that a scene names. Reading gigabytes of weights at every start would cost
// seconds, so the digest of a large file is kept in the store under its device, inode, size and
// times of change: a file that was written to has others.
//
// Thread-safe.
class FileDigests {
 public:
  // store may be null: then only this object remembers. It must outlive this object.
  explicit FileDigests(Store* store) : store_(store) {}

  // 64 lower-case hexadecimal digits. Throws FileError (cannot_read).
  std::string of(const std::filesystem::path& file);

 private:
  Store* store_;
  std::mutex mutex_;
  std::map<std::string, std::string> known_;  // by identity
};

}  // namespace latentreel::render
