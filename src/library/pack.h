#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/library/catalogue.h"
#include "src/library/model_names.h"

namespace latentreel::library {

// What a pack says of itself in pack.json. The bundled pair and packs made by hand have none.
struct PackRecord {
  struct File {
    std::string sha256;
    std::uint64_t bytes = 0;
  };
  std::string name;         // as scenes say it
  std::string source_file;  // what it was imported from, without folders: of shards, their index
  // Of that file; of an index and its shards, that of the lines which `sha256sum` prints of them.
  std::string source_sha256;
  std::string source_url;             // empty: a local file
  std::string maker;                  // empty: not known
  std::string licence;                // empty: not known
  std::map<std::string, File> files;  // all others of the pack
};

// Nothing where there is none; throws LibraryError (invalid) where it cannot be read.
std::optional<PackRecord> read_pack_record(const std::filesystem::path& folder);

// Throws LibraryError (refused) for the folder that comes with the program: nothing is put there,
// replaced or removed. `doing`: "fetching ViT-B/32".
void check_may_change(const std::filesystem::path& models, const std::string& doing);

// A pack under construction, which appears complete or not at all: a hidden folder beside its final
// place, renamed at the end.
class PackBuilder {
 public:
  // `name` is the model's name in scenes. Throws LibraryError: refused for a name that cannot be a
  // folder's and for the program's own folder, cannot_create where a pack of that name is there
  // (unless `replace`) or no folder can be made.
  PackBuilder(const std::filesystem::path& models, const std::string& name, bool replace);
  ~PackBuilder();
  PackBuilder(const PackBuilder&) = delete;
  PackBuilder& operator=(const PackBuilder&) = delete;

  const std::filesystem::path& folder() const { return temporary_; }  // to write files into

  // Writes pack.json, with the digests of all files of the folder, then renames the folder to its
  // final path and returns that. Throws LibraryError (cannot_create) and FileError.
  std::filesystem::path publish(PackRecord record);

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool replace_;
};

// Compares every file of a pack with its record, which has to name all files in the folder; where a
// pack has no record, searches its weights for numbers that are not finite. Returns a sentence for
// each problem, unreadable files included; none: all is well. `next` is called with each file
// before it is read, and may throw to stop.
std::vector<std::string> verify_pack(const InstalledPack& pack,
                                     const std::function<void(const std::string&)>& next);

// Removes a pack of the user's. Throws LibraryError: refused for the bundled pair, write_failed.
void remove_pack(const InstalledPack& pack);

// The published model that a pack was fetched as, or nullptr: a pack that a person imported under
// the name of one is none, and neither is one without a readable record.
const CatalogueModel* published_as(const InstalledPack& pack);

// What is in a pack, in a few words, by its files and not by its name; that it cannot be read,
// where that is so.
std::string about_pack(const InstalledPack& pack);

// Bytes of all its files.
std::uint64_t size_of(const InstalledPack& pack);

}  // namespace latentreel::library
