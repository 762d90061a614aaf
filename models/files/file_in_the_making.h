#pragma once

#include <cstddef>
#include <filesystem>

#include "models/files/error.h"

namespace latentreel::models {

// Note [Publishing a file]
// The bytes go to a temporary name in the same folder, are synced, and take the final name by one
// rename; then the folder is synced. A reader sees the old file or the new one. A failure half-way
// removes the temporary file. It is called NAME.PID-N.part and is locked (flock) while its owner
// lives, so that other runs can tell it from one that a killed run left behind. Every call throws
// WeightsError.
class FileInTheMaking {
 public:
  explicit FileInTheMaking(const std::filesystem::path& path);
  ~FileInTheMaking();
  FileInTheMaking(const FileInTheMaking&) = delete;
  FileInTheMaking& operator=(const FileInTheMaking&) = delete;

  void write(const void* data, std::size_t size);
  void publish();  // once, at the end

 private:
  bool create();  // false: that name was taken
  [[noreturn]] void fail(WeightsError::Kind kind, int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  bool published_ = false;
};

}  // namespace latentreel::models
