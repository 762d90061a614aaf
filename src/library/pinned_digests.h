#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace latentreel::library {

struct PinnedDigest {
  std::string sha256;
  std::string url;  // where the first download came from
};

// The digests of files that have no published one, as they were at their first download: a file
// (digests.json in a folder of models) that outlives the models. A later download has to agree with
// it.
class PinnedDigests {
 public:
  explicit PinnedDigests(std::filesystem::path file) : file_(std::move(file)) {}

  // The digest of the file published under that name, if it was ever downloaded. Throws
  // LibraryError (invalid) where digests.json is damaged: its digests must not be lost
  // silently.
  std::optional<PinnedDigest> find(const std::string& name) const;
  // Throws FileError.
  void pin(const std::string& name, const PinnedDigest& digest) const;

 private:
  std::filesystem::path file_;
};

}  // namespace latentreel::library
