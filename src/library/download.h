#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "src/library/transfer.h"

namespace latentreel::library {

struct DownloadRequest {
  std::vector<std::string> mirrors;  // tried in turn
  std::filesystem::path target;      // appears when complete; TARGET.part until then
  std::string sha256;                // 64 lower-case digits; empty: not known
  std::string sha256_is;             // where the digest is from: "the published one"
};

struct DownloadLimits {
  TransferLimits transfer;
  int attempts = 4;                       // at one mirror, in a row without a new byte
  std::chrono::milliseconds pause{1000};  // before the second attempt; then doubled
};

struct Downloaded {
  std::string url;  // the mirror that gave it
  std::string sha256;
  std::int64_t bytes = 0;
};

// Receives the progress of a download. Either call may throw, which ends the download and keeps the
// part.
class DownloadWatch {
 public:
  virtual ~DownloadWatch() = default;
  virtual void progress(std::int64_t done, std::int64_t total) = 0;  // bytes; total 0: not known
  virtual void note(const std::string& text) = 0;  // a sentence: what broke off, what is tried next
};

// Downloads one file from the first mirror that delivers it complete and correct, continuing where
// an earlier call ended. Throws LibraryError: unreachable where no mirror delivered anything,
// invalid where the file does not match its digest, both with what each mirror answered;
// write_failed, cannot_create, busy.
Downloaded download(const DownloadRequest& request, const DownloadLimits& limits,
                    DownloadWatch& watch);

}  // namespace latentreel::library
