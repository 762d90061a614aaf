// A file that appears under its name complete or not at all. It is written under a temporary name
// in the same folder, synced, renamed over its target, and the folder is synced too. Any run that
// starts on the same target removes temporary files whose owners died.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace latentreel::ffmpeg {

class OutputFile {
 public:
  // Creates the temporary file. Throws MediaError (cannot_create).
  explicit OutputFile(const std::filesystem::path& target);
  ~OutputFile();  // removes the temporary file unless it was published
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Removes every temporary file in `folder` whose owner died, whatever its target: files that are
  // called NAME.PID-N.part and that nobody holds a lock on.
  static void remove_orphans(const std::filesystem::path& folder) noexcept;

  // As the caller named it, for messages.
  const std::filesystem::path& target() const { return target_; }

  // Where the bytes are until publish().
  const std::filesystem::path& temporary() const { return temporary_; }

  // Writes at the current position; 0 or the errno of the failure, which is also kept.
  int write(std::span<const std::uint8_t> bytes) noexcept;

  // Moves the position as lseek does; the new position or a negated errno.
  std::int64_t seek(std::int64_t offset, int whence) noexcept;

  // The file's length or a negated errno.
  std::int64_t size() const noexcept;

  // The first errno that write() met, else 0.
  int error() const { return error_; }

  // Brings every byte to the disk. Throws MediaError (write_failed).
  void sync();

  // Gives the file its name, for good. Throws MediaError (write_failed).
  void publish();

  // Removes the temporary file now.
  void discard() noexcept;

 private:
  [[noreturn]] void fail_write(int error) const;

  std::filesystem::path target_;
  std::filesystem::path real_target_;  // behind a symbolic link
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  int error_ = 0;
};

}  // namespace latentreel::ffmpeg
