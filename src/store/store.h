#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/run/progress.h"

namespace latentreel::render {

// Whether what a store held before this run is used, or only replaced.
enum class Reuse { yes, no };

// The outputs of tasks on disk, named by a hash of everything that affects them. An entry is one
// file, KIND/NA/NAME-DIGEST: NAME is the task's output name, DIGEST the SHA-256 of "KIND/NAME\n"
// and the file's bytes, so an entry that is damaged or was stored under another name can be
// recognized; and one rename makes an entry appear whole or not at all (temporary name, sync,
// verify, rename, sync of the folder). Runs may share a store: equal names hold equal results,
// whoever wrote them. Entries of another layout lie in another folder, are never read, and are
// removed when space is needed.
//
// A store may have another one below it, which it looks into after itself and never writes: one
// that others share with it and that may be read-only. What is damaged there cannot be removed, so
// it counts as not there: an entry of that store is read and checked before anything builds on it.
//
// Everything in a store's folder can be made again. Thread-safe.
class Store {
 public:
  struct Entry {
    std::string kind, name, digest;  // kind: "older" for all of another layout
    std::filesystem::path file;
    std::uint64_t bytes = 0;
    std::filesystem::file_time_type used;  // last time it was made or looked up
  };

  // Creates the folder. Throws RenderError (cannot_create) where nothing can be written in it.
  // Warnings (a damaged entry) go to `progress`, which must outlive the store. `below`: the folder
  // of the store below this one; empty: none. Reuse::no is for both.
  Store(const std::filesystem::path& folder, Reuse reuse, Progress& progress,
        const std::filesystem::path& below = {});

  // The entry's file, its digest checked and its time of last use updated; nothing where there is
  // none. An entry whose digest is wrong is removed, with a warning; in the store below it stays.
  std::optional<std::filesystem::path> find(std::string_view kind, const std::string& name);

  // Whether there is an entry of that name, judged by file names alone: nothing is read, except in
  // the store below, once.
  bool has(std::string_view kind, const std::string& name) const;

  // Keeps `bytes` in place of whatever the entry held. One that holds them already stays as it is,
  // as another machine may be reading it. Throws RenderError (write_failed); then the
  // older entry is still there.
  void put(std::string_view kind, const std::string& name, std::span<const std::byte> bytes);

  void remove(std::string_view kind, const std::string& name) noexcept;

  const std::filesystem::path& folder() const { return folder_; }

  // All entries below `folder`, of any layout, the least recently used first. Reads names only.
  // Throws nothing for a folder that is not there.
  static std::vector<Entry> entries(const std::filesystem::path& folder);

  // Removes what killed runs left half-written, and entries, the least recently used first, until
  // at most `limit` bytes are left; never one that this store found or put. Returns the bytes
  // removed.
  std::uint64_t shrink(std::uint64_t limit);

 private:
  void remove_orphans() noexcept;
  std::filesystem::path place(std::string_view kind, const std::string& name) const;
  std::vector<std::filesystem::path> files_of(std::string_view kind, const std::string& name) const;
  std::optional<std::filesystem::path> find_below(std::string_view kind,
                                                  const std::string& name) const;
  bool may_be_below(std::string_view kind, const std::string& name) const;
  void warn_once(const std::filesystem::path& file) const;

  void remember(const std::filesystem::path& file);
  bool is_mine(const std::filesystem::path& file) const;

  std::filesystem::path folder_;  // of this layout
  std::filesystem::path below_;   // the same of the store below; empty: none
  Reuse reuse_;
  Progress& progress_;
  mutable std::mutex mutex_;                        // of the sets
  std::set<std::filesystem::path> mine_;            // found or put by this store
  mutable std::set<std::filesystem::path> whole_;   // below, looked at and not damaged
  mutable std::set<std::filesystem::path> warned_;  // below, looked at and damaged
  std::set<std::filesystem::path> unusable_;        // places of entries below, taken for removed
};

}  // namespace latentreel::render
