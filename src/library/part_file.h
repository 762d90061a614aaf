#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace latentreel::library {

// Identifies the file that a part belongs to: enough to ask a server for the rest of the same file.
struct PartOrigin {
  std::string url;          // as requested, before redirects
  std::string validator;    // ETag or Last-Modified as the server spelt it; empty: none usable
  std::int64_t total = -1;  // bytes of the whole file, from the server; below 0: not known
};

// The beginning of a file that is being downloaded: TARGET.part, with TARGET.part.json beside it
// for its origin. Both stay when a download ends early, for the next call. One process at a time
// works on a part. Every call throws LibraryError.
class PartFile {
 public:
  // Opens what an earlier call left, or starts a new part; makes the folder. Throws busy where
  // another process has it, cannot_create.
  explicit PartFile(const std::filesystem::path& target);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::int64_t size() const { return size_; }
  const PartOrigin& origin() const { return origin_; }
  const std::filesystem::path& path() const { return part_; }

  // Empties it; what is written next comes from this origin.
  void restart(const PartOrigin& origin);
  // Appends. Throws write_failed.
  void write(const char* data, std::size_t size);
  // Throws write_failed where this many more bytes do not fit on the disk.
  void check_room(std::int64_t bytes) const;
  // Renames the complete file to TARGET; its origin is in TARGET.json from then on.
  void publish();

 private:
  void open_part();
  bool is_part() const;  // whether the open file is the one at the part's path
  [[noreturn]] void fail_create(const std::string& problem) const;
  [[noreturn]] void fail_busy() const;
  [[noreturn]] void fail_write(int error) const;

  std::filesystem::path target_;
  std::filesystem::path part_;
  std::filesystem::path record_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
  PartOrigin origin_;
};

// The address that a file downloaded whole came from; empty where that is not known.
std::string origin_of_download(const std::filesystem::path& target);
// Removes such a file with what is beside it.
void remove_download(const std::filesystem::path& target);

}  // namespace latentreel::library
