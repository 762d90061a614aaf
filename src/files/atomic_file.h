#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "src/files/error.h"

namespace latentreel::files {

// The one way in which a file gets its name: complete or not at all. It is written under a
// temporary name in the same folder (NAME.HOST.PID-N.part, locked while its owner lives), synced,
// renamed over its target, and the folder is synced too. Symbolic links are followed, so that they
// stay. Whoever begins a file of the same name removes temporary files whose owners died; those of
// other machines only after a day, as locks need not be seen from one machine to the other.
class AtomicFile {
 public:
  // Creates the temporary file. Throws FileError (cannot_create).
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();  // removes the temporary file unless it was published
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Removes every temporary file in `folder` whose owner died, whatever its target: files that are
  // called NAME.HOST.PID-N.part and that nobody holds a lock on, of other machines only when they
  // have not changed for a day.
  static void remove_orphans(const std::filesystem::path& folder) noexcept;

  // As the caller named it, for messages.
  const std::filesystem::path& target() const { return target_; }

  // Where the bytes are until publish().
  const std::filesystem::path& temporary() const { return temporary_; }

  // Appends. Throws FileError (write_failed).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  // Brings every byte to the disk. Throws FileError (write_failed).
  void sync();

  // Gives the file its name, for good. Throws FileError (write_failed).
  void publish();

  // Removes the temporary file now.
  void discard() noexcept;

 private:
  [[noreturn]] void fail_write(int error) const;

  std::filesystem::path target_;
  std::filesystem::path real_target_;  // behind a symbolic link
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

// Gives a file that is open its name for good: its bytes are brought to the disk, it is renamed
// over `target` in the same folder, and the folder is brought to the disk. An errno where that
// fails, else 0.
int give_name(int descriptor, const std::filesystem::path& temporary,
              const std::filesystem::path& target) noexcept;

// Writes a file that holds just this. Throws FileError.
void write_file(const std::filesystem::path& target, std::string_view text);
void write_file(const std::filesystem::path& target, std::span<const std::uint8_t> bytes);

// Writes a file by `write`, which is given the temporary path. Throws FileError and what it throws.
template <class Write>
void write_file_by(const std::filesystem::path& target, Write&& write) {
  AtomicFile file(target);
  write(file.temporary());
  file.publish();
}

}  // namespace latentreel::files
